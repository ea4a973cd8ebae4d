"""The note as Markdown. Characters mean themselves wherever the file is rendered, HTML allowed or not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.export.base import Exporter
from assistant.export.note import Entry, Note, Source
from assistant.export.reading import Block, Paragraph, Run, Table

_MARKUP = re.compile(r"([\\`*_\[\]<>|#~$]|&(?=#?\w+;))")
# Renderers turn bare addresses into links; an escape inside one shows the same and links nowhere.
_ADDRESS = re.compile(r"(?<=\w):(?=//)|(?i:(?<=\bwww))\.|(?<=\w)@(?=\w)|(?i:(?<=mailto)|(?<=xmpp)):")
_LINE_START = re.compile(r"^( *)([-+=:]|\d{1,9}[.)])", re.MULTILINE)
# Four columns lie inside every item above, whatever the width of its number.
_INDENT = "    "
# After a marker, these would make it a link or the definition of one.
_AFTER_BRACKET = re.compile(r"\]([(:])")


class MarkdownExporter(Exporter):
    """Writes Markdown (CommonMark with tables), UTF-8."""

    name = "markdown"
    suffix = ".md"
    media_type = "text/markdown"

    def _export(self, note: Note) -> bytes:
        parts = [f"# {escape(note.title)}", _facts(note)]
        for entry in note.entries:
            parts += _entry(note, entry)
        parts += ["---", *(f"*{escape(notice)}*" for notice in note.notices)]
        return ("\n\n".join(parts) + "\n").encode("utf-8")


def escape(text: str) -> str:
    """Return clean text whose characters mean themselves in Markdown; blank lines are left out."""
    lines = (line.strip(" ") for line in text.split("\n"))
    text = "\n".join(line for line in lines if line)
    return _LINE_START.sub(_escaped_start, _ADDRESS.sub(r"\\\g<0>", _MARKUP.sub(r"\\\1", text)))


def _escaped_start(match: re.Match[str]) -> str:
    return f"{match.group(1)}{match.group(2)[:-1]}\\{match.group(2)[-1]}"


def _facts(note: Note) -> str:
    return "\n".join(f"- **{escape(note.say('fact', label=label))}** {escape(value)}" for label, value in note.facts)


def _entry(note: Note, entry: Entry) -> Iterator[str]:
    yield f"## {_escaped_run(entry.heading)}"
    if entry.question:
        yield escape(entry.question).replace("\n", "\\\n")
    if entry.understood:
        yield f"*{escape(entry.understood)}*"
    yield f"### {escape(entry.answer_title)}"
    yield from _blocks(entry.blocks)
    if entry.sources:
        yield f"### {escape(note.say('sources'))}"
        for source in entry.sources:
            yield _source(note, source, f"**[{source.number}]** {escape(source.path)}")
    if entry.related:
        yield f"### {escape(note.say('related'))}"
        yield f"*{escape(note.say('related_note'))}*"
        for source in entry.related:
            yield _source(note, source, escape(source.path))


def _source(note: Note, source: Source, head: str) -> str:
    quoted = escape(note.say("quote", quote=source.quote)).split("\n")
    if source.translation:
        quoted += ["", f"*{escape(source.translation)}*"]
    quote = "\n".join(f"> {line}".rstrip() for line in quoted)
    return f"{head}\n\n{quote}\n\n{escape(source.place)}"


def _blocks(blocks: Sequence[Block]) -> Iterator[str]:
    """Items of one list stand on lines that follow each other; other blocks are apart."""
    items: list[str] = []
    depth = -1
    for block in blocks:
        if isinstance(block, Paragraph) and block.bullet:
            # An item deeper than any list around it would read as code.
            depth = min(block.depth, depth + 1)
            mark = "-" if block.bullet == "•" else block.bullet
            lines = _inline(block.runs).split("\n")
            items.append(_INDENT * depth + f"{mark} " + f"\n{_INDENT * (depth + 1)}".join(lines))
            continue
        if items:
            yield "\n".join(items)
            items, depth = [], -1
        yield _table(block) if isinstance(block, Table) else _inline(block.runs)
    if items:
        yield "\n".join(items)


def _table(table: Table) -> str:
    rows = ["| " + " | ".join(_inline(cell, "<br>") for cell in row) + " |" for row in table.rows]
    return "\n".join([rows[0], "|" + " --- |" * len(table.rows[0]), *rows[1:]])


def _inline(runs: Sequence[Run], line_end: str = "\\\n") -> str:
    text = _AFTER_BRACKET.sub(r"]\\\1", "".join(map(_run, runs)).strip(" \n"))
    return _LINE_START.sub(_escaped_start, text).replace("\n", line_end)


def _run(run: Run) -> str:
    if run.marker is not None:
        return run.text
    text = run.text.strip(" \n")
    if not text:
        return run.text
    # A mark beside a space would be no mark: the spaces stay outside.
    start = run.text.index(text)
    mark = "**" * run.bold + "*" * run.italic
    return f"{run.text[:start]}{mark}{_escaped_run(text)}{mark}{run.text[start + len(text) :]}"


def _escaped_run(text: str) -> str:
    return _ADDRESS.sub(r"\\\g<0>", _MARKUP.sub(r"\\\1", text))
