"""What a Word document says of itself: its title, maker and date, and nothing of python-docx's template.

The template was made with Word: unless they are taken out, the file names Word as its program, shows a
picture of an empty page, and says that someone checked its spelling.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn

from assistant.export.note import PROGRAM, TAGS, Note

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.opc.rel import Relationships

_EXTENDED = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
_WITH_EFFECTS = "http://schemas.microsoft.com/office/2007/relationships/stylesWithEffects"
# Word's version of 2010, for which the template's styles were written a second time.
_WORD_2010 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_LEFTOVERS = (qn("w:proofState"), qn("w:savePreviewPicture"), qn("w:rsids"), f"{_WORD_2010}docId")


def set_properties(document: WordDocument, note: Note) -> None:
    """Let a document made from the template say what is true of it, and no more."""
    properties = document.core_properties
    properties.title = f"{note.title} – {note.subject}"[:255].strip(" –")
    properties.author = properties.last_modified_by = PROGRAM
    properties.language = TAGS[note.language]
    properties.comments = properties.subject = properties.keywords = properties.category = ""
    # Word keeps UTC; a time without zone is taken as this machine's.
    when = note.when.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    properties.created = properties.modified = when
    properties.revision = 1
    package = document.part.package
    # The version of the program is left out: Word reads it as one of its own.
    package.part_related_by(RELATIONSHIP_TYPE.EXTENDED_PROPERTIES)._blob = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<Properties xmlns="{_EXTENDED}"><Application>{escape(PROGRAM)}</Application></Properties>'
    ).encode()
    _leave_out(package.rels, RELATIONSHIP_TYPE.THUMBNAIL)
    _leave_out(document.part.rels, RELATIONSHIP_TYPE.CUSTOM_XML, _WITH_EFFECTS)
    settings = document.settings.element
    for element in [child for child in settings if child.tag in _LEFTOVERS]:
        settings.remove(element)
    for language in settings.iter(qn("w:themeFontLang")):
        language.attrib.clear()
        language.set(qn("w:val"), TAGS[note.language])


def _leave_out(relationships: Relationships, *kinds: str) -> None:
    """Take out what a part relates to in certain ways: what nothing relates to is not written."""
    for name in [name for name, one in relationships.items() if one.reltype in kinds]:
        del relationships[name]
