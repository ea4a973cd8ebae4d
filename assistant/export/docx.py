"""The note as a Word document: real headings, lists and tables, languages, numbered sources.

python-docx writes no footnotes (1.2 has comments only), and a footnote cannot be cited twice: sources
are numbered paragraphs with bookmarks, and each marker [n] is a link inside the document.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from itertools import count
from typing import TYPE_CHECKING, Any

from docx import Document
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from assistant.export.base import Exporter
from assistant.export.note import TAGS, Entry, Note, Source
from assistant.export.ooxml import (
    LINK,
    add_field,
    bookmark,
    border_rows,
    border_top,
    link_inside,
    set_language,
    shade,
)
from assistant.export.properties import set_properties
from assistant.export.reading import Paragraph, Run, Table

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.text.paragraph import Paragraph as WordParagraph

_INK, _QUIET = RGBColor(0x1F, 0x2A, 0x37), RGBColor(0x5B, 0x66, 0x73)
_FONT = "Calibri"
# A row of short cells stays on one page; a longer one may fill more than a page.
_SHORT_CELL = 800
_LIST_STYLES = ("List Bullet", "List Bullet 2", "List Bullet 3")


class DocxExporter(Exporter):
    """Writes Office Open XML text (.docx)."""

    name = "docx"
    suffix = ".docx"
    media_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

    def _export(self, note: Note) -> bytes:
        return _Writer(note).write()


class _Writer:
    """Writes one note into one document."""

    def __init__(self, note: Note) -> None:
        self.note = note
        self.document: WordDocument = Document()
        self.bookmarks = count(1)

    def write(self) -> bytes:
        set_properties(self.document, self.note)
        _styles(self.document, TAGS[self.note.language])
        self._page()
        self.document.add_paragraph(self.note.title, style="Title")
        for label, value in self.note.facts:
            paragraph = self.document.add_paragraph(style="Fact")
            paragraph.add_run(self.note.say("fact", label=label)).bold = True
            paragraph.add_run(f" {value}")
        for entry in self.note.entries:
            self._entry(entry)
        for index, notice in enumerate(self.note.notices):
            paragraph = self.document.add_paragraph(notice, style="Notice")
            if index == 0:
                border_top(paragraph)
        stream = BytesIO()
        self.document.save(stream)
        return stream.getvalue()

    def _page(self) -> None:
        section = self.document.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.4)
        section.top_margin, section.bottom_margin = Cm(2.2), Cm(2.2)
        footer = section.footer.paragraphs[0]
        footer.style = self.document.styles["Footer"]
        footer.paragraph_format.tab_stops.clear_all()
        footer.paragraph_format.tab_stops.add_tab_stop(Cm(16.2), WD_TAB_ALIGNMENT.RIGHT)
        footer.add_run(f"{self.note.title} – {self.note.facts[0][1]}\t")
        add_field(footer, "PAGE")
        footer.add_run(" / ")
        add_field(footer, "NUMPAGES")

    def _entry(self, entry: Entry) -> None:
        note = self.note
        self.document.add_heading(entry.heading, level=1)
        if entry.question:
            self.document.add_paragraph().add_run(entry.question)
        if entry.understood:
            self.document.add_paragraph(entry.understood, style="Quiet")
        self.document.add_heading(entry.answer_title, level=2)
        for block in entry.blocks:
            if isinstance(block, Table):
                self._table(block, entry)
            else:
                self._paragraph(block, entry)
        if entry.sources:
            self.document.add_heading(note.say("sources"), level=2)
            for source in entry.sources:
                self._source(source)
        if entry.related:
            self.document.add_heading(note.say("related"), level=2)
            self.document.add_paragraph(note.say("related_note"), style="Quiet").paragraph_format.keep_with_next = True
            for source in entry.related:
                self._source(source)

    def _paragraph(self, block: Paragraph, entry: Entry) -> None:
        if block.bullet == "•":
            paragraph = self.document.add_paragraph(style=_LIST_STYLES[min(block.depth, len(_LIST_STYLES) - 1)])
        else:
            paragraph = self.document.add_paragraph()
            paragraph.paragraph_format.left_indent = Cm(0.63 * (block.depth + bool(block.bullet)))
            if block.bullet:
                # Typed numbers: Word's own would go on counting from one answer to the next.
                paragraph.paragraph_format.first_line_indent = Cm(-0.63)
                paragraph.add_run(f"{block.bullet}\t")
        self._runs(paragraph, block.runs, entry)

    def _runs(self, paragraph: WordParagraph, runs: Sequence[Run], entry: Entry) -> None:
        for run in runs:
            if run.marker is not None:
                written = link_inside(paragraph, run.text, entry.anchor_of(run.marker))
            else:
                written = paragraph.add_run(run.text)
            written.bold, written.italic = run.bold or None, run.italic or None
            if entry.language != self.note.language:
                set_language(written, TAGS[entry.language])

    def _table(self, table: Table, entry: Entry) -> None:
        shown = self.document.add_table(len(table.rows), len(table.rows[0]), style="Table Grid")
        border_rows(shown)
        for row_index, (row, cells) in enumerate(zip(shown.rows, table.rows, strict=True)):
            if row_index == 0:
                row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
            elif max(sum(len(run.text) for run in runs) for runs in cells) < _SHORT_CELL:
                row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
            for cell, runs in zip(row.cells, cells, strict=True):
                paragraph = cell.paragraphs[0]
                paragraph.style = self.document.styles["Cell"]
                self._runs(paragraph, runs, entry)
                if row_index == 0:
                    shade(cell)
                    for run in paragraph.runs:
                        run.bold = True
        self.document.add_paragraph(style="Quiet")

    def _source(self, source: Source) -> None:
        head = self.document.add_paragraph(style="Source")
        if source.number is not None:
            with_number = head.add_run(f"[{source.number}]")
            with_number.bold = True
            bookmark(with_number, source.anchor, next(self.bookmarks))
            head.add_run("\t")
        else:
            head.paragraph_format.first_line_indent = Cm(0)
        set_language(head.add_run(source.path), TAGS.get(self.note.guide_language, self.note.guide_language))
        quote = self.document.add_paragraph(style="Passage")
        written = quote.add_run(self.note.say("quote", quote=source.quote))
        set_language(written, TAGS.get(self.note.guide_language, self.note.guide_language))
        if source.translation:
            translation = self.document.add_paragraph(style="Translation")
            set_language(translation.add_run(source.translation), TAGS["en"])
        self.document.add_paragraph(source.place, style="Place")


def _styles(document: WordDocument, language: str) -> None:
    """Set the look of the document; the template's own styles are kept where Word's users know them."""
    styles = document.styles
    defaults = styles.element.find(qn("w:docDefaults"))
    for lang in defaults.iter(qn("w:lang")) if defaults is not None else ():
        lang.set(qn("w:val"), language)
    normal = styles["Normal"]
    _dress(normal, size=10.5, colour=_INK, after=6)
    normal.paragraph_format.line_spacing = 1.15
    for name, size, before, after in (("Title", 22.0, 0.0, 6.0), ("Heading 1", 15, 22, 6), ("Heading 2", 11, 12, 4)):
        _dress(styles[name], size=size, colour=_INK if name != "Heading 2" else LINK, before=before, after=after)
        styles[name].font.bold = True
        for border in styles[name].element.findall(f".//{qn('w:pBdr')}"):
            border.getparent().remove(border)
    for name in _LIST_STYLES:
        _dress(styles[name], after=4)
    _dress(styles["Footer"], size=8.5, colour=_QUIET)
    for name, size, left, italic, colour, after in (
        ("Fact", 9.5, 0.0, False, _QUIET, 1),
        ("Quiet", 10, 0.0, True, _QUIET, 6),
        ("Cell", 9.5, 0.0, False, _INK, 2),
        ("Source", 9.5, 0.9, False, _QUIET, 1),
        ("Passage", 10.5, 0.9, False, _INK, 1),
        ("Translation", 10, 0.9, True, _QUIET, 1),
        ("Place", 8.5, 0.9, False, _QUIET, 8),
        ("Notice", 9, 0.0, False, _QUIET, 4),
    ):
        style = styles.add_style(name, 1)
        style.base_style = normal
        _dress(style, size=size, colour=colour, after=after)
        style.font.italic = italic or None
        style.paragraph_format.left_indent = Cm(left)
    styles["Source"].paragraph_format.first_line_indent = Cm(-0.9)
    styles["Passage"].paragraph_format.keep_together = True
    for name in ("Source", "Passage", "Translation"):
        styles[name].paragraph_format.keep_with_next = True
    styles["Source"].paragraph_format.tab_stops.add_tab_stop(Cm(0.9))


def _dress(style: Any, *, size: float = 0, colour: RGBColor | None = None, before: float = 0, after: float = 0) -> None:
    style.font.name = _FONT
    fonts = style.element.rPr.rFonts
    for name in [name for name in fonts.attrib if name.endswith("Theme")]:
        del fonts.attrib[name]
    for script in ("w:eastAsia", "w:cs"):
        fonts.set(qn(script), _FONT)
    if size:
        style.font.size = Pt(size)
    if colour is not None:
        style.font.color.rgb = colour
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
