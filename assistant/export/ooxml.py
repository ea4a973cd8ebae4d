"""Marks of WordprocessingML that python-docx has no words for: links inside a document, languages, fields, lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import RGBColor
from docx.text.run import Run as WordRun

if TYPE_CHECKING:
    from docx.table import Table as WordTable
    from docx.table import _Cell as WordCell
    from docx.text.paragraph import Paragraph as WordParagraph

LINK = RGBColor(0x1D, 0x4E, 0x89)


def link_inside(paragraph: WordParagraph, text: str, anchor: str) -> WordRun:
    """Add a link to a bookmark of the same document; it needs no relationship and cannot leave the file."""
    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), anchor)
    link.set(qn("w:history"), "1")
    paragraph._p.append(link)
    element = OxmlElement("w:r")
    link.append(element)
    run = WordRun(element, paragraph)
    run.text = text
    run.font.color.rgb = LINK
    return run


def bookmark(run: WordRun, name: str, number: int) -> None:
    """Make a run the target of the links to a name; `number` is the bookmark's own in the document."""
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for element in (start, end):
        element.set(qn("w:id"), str(number))
    start.set(qn("w:name"), name)
    run._r.addprevious(start)
    run._r.addnext(end)


def set_language(run: WordRun, tag: str) -> None:
    """Say in which language a run is written."""
    element = OxmlElement("w:lang")
    element.set(qn("w:val"), tag)
    run._r.get_or_add_rPr().append(element)


def add_field(paragraph: WordParagraph, code: str) -> None:
    """Add a field that Word computes, as PAGE."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    paragraph._p.append(field)
    element = OxmlElement("w:r")
    field.append(element)
    WordRun(element, paragraph).text = "1"


def border_top(paragraph: WordParagraph) -> None:
    """Draw a thin line over a paragraph."""
    borders, line = OxmlElement("w:pBdr"), OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "4"), ("space", "8"), ("color", "A9B1BA")):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    paragraph._p.get_or_add_pPr().append(borders)


def border_rows(table: WordTable) -> None:
    """Draw thin lines between the rows only."""
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        line.set(qn("w:val"), "single" if side in ("top", "bottom", "insideH") else "nil")
        line.set(qn("w:sz"), "4")
        line.set(qn("w:space"), "0")
        line.set(qn("w:color"), "A9B1BA")
        borders.append(line)
    table._tbl.tblPr.insert_element_before(borders, "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")


def shade(cell: WordCell) -> None:
    """Put a light grey behind a cell."""
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", "EEF1F4")):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)
