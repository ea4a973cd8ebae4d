"""The note as a PDF to read and print: text that can be copied, links from [n] to the source, no other link."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from fpdf import ViewerPreferences

from assistant.export.base import Exporter
from assistant.export.note import PROGRAM, TAGS, Entry, Note, Source
from assistant.export.reading import Block, Paragraph, Run, Table
from assistant.export.sheet import LINK, QUIET, Look, Sheet

TITLE = Look(size=21, leading=1.25, after=3.5)
FACT = Look(size=9, leading=1.4, colour=QUIET, after=0.4)
QUESTION = Look(size=14, leading=1.3, before=4, after=2)
HEADING = Look(size=10, leading=1.3, colour=LINK, before=3.2, after=1.4)
BODY = Look()
ASIDE = Look(size=9.5, colour=QUIET)
CELL = Look(size=9, leading=1.35)
PATH = Look(size=9, leading=1.35, colour=QUIET, after=0.4, indent=8)
PASSAGE = Look(size=10, after=0.4, indent=8)
TRANSLATION = Look(size=9.5, leading=1.35, colour=QUIET, after=0.4, indent=8)
PLACE = Look(size=8, leading=1.3, colour=QUIET, after=2.8, indent=8)
NOTICE = Look(size=8.5, leading=1.4, colour=QUIET, after=0.8)
TABLE_START = 60.0
_BULLET_WIDTH = 4.5


class PdfExporter(Exporter):
    """Writes PDF with an embedded font."""

    name = "pdf"
    suffix = ".pdf"
    media_type = "application/pdf"

    def _export(self, note: Note) -> bytes:
        sheet = Sheet()
        pdf = sheet.pdf
        pdf.set_title(f"{note.title} – {note.subject}"[:255].strip(" –"))
        pdf.set_author(PROGRAM)
        pdf.set_creator(PROGRAM)
        pdf.set_lang(TAGS[note.language])
        pdf.set_creation_date(note.when)
        pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
        sheet.paragraph([Run(note.title, bold=True)], TITLE)
        for label, value in note.facts:
            sheet.paragraph([Run(note.say("fact", label=label), bold=True), Run(f" {value}")], FACT)
        sheet.rule(3)
        for entry in note.entries:
            _entry(sheet, note, entry)
        sheet.need(12)
        sheet.rule(3)
        for notice in note.notices:
            sheet.paragraph([Run(notice)], NOTICE)
        sheet.footers(f"{note.title} – {note.facts[0][1]}")
        return bytes(pdf.output())


def _entry(sheet: Sheet, note: Note, entry: Entry) -> None:
    anchors = {source.number: source.anchor for source in entry.sources if source.number is not None}
    # A question stays with the first lines of its answer.
    sheet.need(35 + TABLE_START * any(isinstance(block, Table) for block in entry.blocks[:2]))
    sheet.skip(QUESTION.before)
    sheet.outline(entry.heading, 0)
    sheet.paragraph([Run(entry.heading, bold=True)], replace(QUESTION, before=0))
    if entry.question:
        sheet.paragraph([Run(entry.question)], BODY)
    if entry.understood:
        sheet.paragraph([Run(entry.understood, italic=True)], ASIDE)
    _heading(sheet, entry.answer_title)
    for block, following in pairwise([*entry.blocks, None]):
        if isinstance(block, Table):
            sheet.table(block, CELL, anchors)
        elif block is not None:
            _paragraph(sheet, block, anchors, following)
    if entry.sources:
        _heading(sheet, note.say("sources"), 22)
        for source in entry.sources:
            _source(sheet, note, source)
    if entry.related:
        _heading(sheet, note.say("related"), 30)
        sheet.paragraph([Run(note.say("related_note"), italic=True)], ASIDE)
        for source in entry.related:
            _source(sheet, note, source)
    sheet.skip(4)


def _heading(sheet: Sheet, text: str, after: float = 10.0) -> None:
    """Write a heading that stays with as many mm of what follows."""
    sheet.need(HEADING.before + HEADING.line + HEADING.after + after)
    sheet.paragraph([Run(text, bold=True)], HEADING)


def _paragraph(sheet: Sheet, block: Paragraph, anchors: dict[int, str], following: Block | None) -> None:
    inset = _BULLET_WIDTH if block.bullet else 0.0
    if not block.bullet and "".join(run.text for run in block.runs).rstrip(" ").endswith(":"):
        # What introduces a list or table stays with its first lines.
        sheet.need(TABLE_START if isinstance(following, Table) else 4 * BODY.line)
    among = block.bullet and isinstance(following, Paragraph) and following.bullet
    look = replace(BODY, indent=block.depth * _BULLET_WIDTH, after=1.4 if among else BODY.after)
    sheet.paragraph(block.runs, look, hang=block.bullet, inset=max(inset, len(block.bullet) * 2.2), anchors=anchors)


def _source(sheet: Sheet, note: Note, source: Source) -> None:
    parts = [([Run(source.path)], PATH), ([Run(note.say("quote", quote=source.quote))], PASSAGE)]
    if source.translation:
        parts.append(([Run(source.translation, italic=True)], TRANSLATION))
    parts.append(([Run(source.place)], PLACE))
    sheet.keep(*parts)
    sheet.anchor(source.anchor)
    sheet.paragraph(*parts[0], hang="" if source.number is None else f"[{source.number}]")
    for runs, look in parts[1:]:
        sheet.paragraph(runs, look)
