"""Feedback and kept conversations as tables of a terminal: short, and harmless whatever was typed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Column, Table
from rich.text import Text

from assistant.records.exchange import KeptExchange
from assistant.records.export import harmless
from assistant.records.feedback import Feedback

LONGEST_CELL = 400
_SHOWN_OF_KEY = 8


def feedback_table(rows: Iterable[Feedback]) -> Table:
    """Return a line for each piece of feedback."""
    short = (Column("when", no_wrap=True), Column("verdict", no_wrap=True))
    table = Table(*short, Column("question", ratio=2), "answer", Column("comment", ratio=2))
    for row in rows:
        cells = (f"{row.at.astimezone():%Y-%m-%d %H:%M}", row.verdict, row.question)
        table.add_row(*(_cell(cell) for cell in (*cells, _answered(row.kind, len(row.citations)), row.comment)))
    return table


def conversations_table(conversations: Iterable[Sequence[KeptExchange]]) -> Table:
    """Return a line for each exchange, a section for each conversation, named by the start of its key."""
    short = (Column("conversation", no_wrap=True), Column("when", no_wrap=True))
    table = Table(*short, Column("question", ratio=2), "answer")
    for exchanges in conversations:
        table.add_section()
        for position, one in enumerate(exchanges):
            named = one.conversation[:_SHOWN_OF_KEY] if position == 0 else ""
            cells = (named, f"{one.at.astimezone():%Y-%m-%d %H:%M}", one.question, _answered(one.kind, one.cited))
            table.add_row(*(_cell(cell) for cell in cells))
    return table


def _answered(kind: str, cited: int) -> str:
    return f"{kind}, {cited} cited" if cited else kind


def _cell(words: str) -> Text:
    line = " ".join(harmless(words).split())
    return Text(line if len(line) <= LONGEST_CELL else f"{line[: LONGEST_CELL - 1]}…", overflow="fold")
