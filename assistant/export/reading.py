"""Reads an answer's Markdown into plain blocks. The text is data: no markup of its own survives.

Links, images and HTML are not read as such and stay as the characters they are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from assistant.export.clean import clean
from assistant.markdown import answer_parser

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

MAX_COLUMNS = 8
MAX_DEPTH = 4
# Four digits are more than any answer cites; longer ones would be refused by int() beyond 4,300 digits.
_MARKER = re.compile(r"\[(\d{1,4})\]")
_BREAK = re.compile(r"<br ?/?>")


@dataclass(frozen=True, slots=True)
class Run:
    """Characters in one style; `marker` is the number of the source that they point to."""

    text: str
    bold: bool = False
    italic: bool = False
    marker: int | None = None


Runs = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, or an item of a list when it has a `bullet`; `depth` counts the indents."""

    runs: Runs
    depth: int = 0
    bullet: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first row holds the titles of the columns. All rows are equally long."""

    rows: tuple[tuple[Runs, ...], ...]


Block = Paragraph | Table


@dataclass
class _Reader:
    """Walks the tokens; keeps what lists, quotations, heading and table are open around them."""

    numbers: Collection[int]
    blocks: list[Block] = field(default_factory=list)
    lists: list[int | None] = field(default_factory=list)
    rows: list[list[Runs]] | None = None
    quoted: int = 0
    heading: int = 0
    bullet: str = ""

    def read(self, tokens: Sequence[Token]) -> tuple[Block, ...]:
        for token in tokens:
            if token.type == "inline":
                self._inline(token.children or ())
            elif token.type in ("fence", "code_block"):
                self._add((Run(clean(token.content).strip("\n")),))
            elif token.type in ("bullet_list_open", "ordered_list_open"):
                self.lists.append(int(token.attrGet("start") or 1) if token.type.startswith("ordered") else None)
            elif token.type in ("bullet_list_close", "ordered_list_close"):
                self.lists.pop()
            elif token.type == "list_item_open":
                self.bullet = self._next_bullet()
            else:
                self._around(token)
        return tuple(self.blocks)

    def _around(self, token: Token) -> None:
        if token.type.startswith("blockquote_"):
            self.quoted += token.nesting
        elif token.type.startswith("heading_"):
            self.heading += token.nesting
        elif token.type == "table_open":
            self.rows = []
        elif token.type == "tr_open" and self.rows is not None:
            self.rows.append([])
        elif token.type == "table_close" and self.rows is not None:
            rows, self.rows = self.rows, None
            self._add_table(rows)

    def _inline(self, children: Sequence[Token]) -> None:
        runs = inline_runs(children, self.numbers, in_cell=self.rows is not None)
        if self.rows is not None:
            self.rows[-1].append(runs)
        else:
            self._add(tuple(replace(run, bold=True) for run in runs) if self.heading else runs)

    def _next_bullet(self) -> str:
        number = self.lists[-1]
        if number is None:
            return "•"
        self.lists[-1] = number + 1
        return f"{number}."

    def _add(self, runs: Runs) -> None:
        if any(run.text.strip() for run in runs):
            depth = min(max(len(self.lists) - 1, 0) + self.quoted, MAX_DEPTH)
            # A second paragraph of an item stands under the first, without a bullet of its own.
            inside = bool(self.lists) and not self.bullet
            self.blocks.append(Paragraph(runs, depth + inside, self.bullet))
            self.bullet = ""

    def _add_table(self, rows: list[list[Runs]]) -> None:
        width = max(map(len, rows), default=0)
        if not 1 <= width <= MAX_COLUMNS:
            for row in rows:
                self._add(tuple(_joined(row)))
            return
        self.blocks.append(Table(tuple((*row, *[()] * (width - len(row))) for row in rows)))


def _joined(cells: Sequence[Runs]) -> Iterator[Run]:
    for index, cell in enumerate(cells):
        if index:
            yield Run(" | ")
        yield from cell


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    # Without `text_join`, an escaped bracket stays a token apart: `\[1\]` is no marker.
    return answer_parser("text_join")


def read_answer(text: str, numbers: Collection[int]) -> tuple[Block, ...]:
    """Return the blocks of a clean Markdown text; a marker [n] counts when `numbers` holds n."""
    return _Reader(numbers).read(_markdown().parse(text))


def inline_runs(children: Sequence[Token], numbers: Collection[int], *, in_cell: bool = False) -> Runs:
    """Return what stands in one paragraph or cell; in a cell, `<br>` is the only way to end a line."""
    bold = italic = 0
    runs: list[Run] = []
    for token in children:
        match token.type:
            case "strong_open" | "strong_close":
                bold += token.nesting
            case "em_open" | "em_close":
                italic += token.nesting
            case "softbreak" | "hardbreak":
                runs.append(Run("\n", bold > 0, italic > 0))
            case "text":
                text = _BREAK.sub("\n", token.content) if in_cell else token.content
                runs += _marked(Run(clean(text), bold > 0, italic > 0), numbers)
            case _:
                runs.append(Run(clean(token.content), bold > 0, italic > 0))
    return tuple(_merged(runs))


def _marked(run: Run, numbers: Collection[int]) -> Iterator[Run]:
    place = 0
    for match in _MARKER.finditer(run.text):
        number = int(match.group(1))
        if number in numbers:
            yield replace(run, text=run.text[place : match.start()])
            yield replace(run, text=match.group(), marker=number)
            place = match.end()
    yield replace(run, text=run.text[place:])


def _merged(runs: Sequence[Run]) -> Iterator[Run]:
    """Join neighbours in one style; markers stay apart."""
    shown = [run for run in runs if run.text]
    for _, group in groupby(enumerate(shown), key=_style):
        same = [run for _, run in group]
        yield replace(same[0], text="".join(run.text for run in same))


def _style(numbered: tuple[int, Run]) -> tuple[bool, bool, int]:
    place, run = numbered
    return run.bold, run.italic, -1 if run.marker is None else place
