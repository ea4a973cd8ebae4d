"""Breaks runs of text into lines of a width. Pure: it knows widths of characters, and no page.

Lines break at plain spaces only, so that narrow and no-break spaces hold; a marker [n], a closing
guillemet and high punctuation stay with the word before them; a word wider than a line is broken between characters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from assistant.export.reading import Run

# Width of a character in a style ("", "B", "I" or "BI").
Measure = Callable[[str, str], float]
# What no line may start with; the first stands for a marker [n].
_MARKED = "\0"
_HELD = f"{_MARKED}»;:?!"
_PARTS = re.compile(r"\n| +|[^ \n]+")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of one style on one line, with their width."""

    text: str
    style: str
    width: float
    marker: int | None = None


Line = tuple[Span, ...]


def break_lines(runs: Sequence[Run], width: float, measure: Measure) -> list[Line]:
    """Return the lines of a paragraph, one at least."""
    lines: list[Line] = []
    line: list[Span] = []
    used = 0.0
    for gap, word in _words(runs, measure):
        if word is None:
            lines.append(_merged(line))
            line, used = [], 0.0
            continue
        if line and used + _width(gap) + _width(word) > width:
            lines.append(_merged(line))
            line, used = [], 0.0
        if line:
            line += gap
            used += _width(gap)
        *full, rest = _split(word, width, measure) if _width(word) > width else [word]
        lines += map(_merged, full)
        line += rest
        used += _width(rest)
    lines.append(_merged(line))
    return lines


def _width(spans: Sequence[Span]) -> float:
    return sum([span.width for span in spans])


def _words(runs: Sequence[Run], measure: Measure) -> Iterator[tuple[list[Span], list[Span] | None]]:
    """Yield each word with the spaces before it; None for the end of a line."""
    gap: list[Span] = []
    word: list[Span] = []
    followers = [*runs[1:], Run("")]
    for run, follower in zip(runs, followers, strict=True):
        style = "B" * run.bold + "I" * run.italic
        parts = [*_PARTS.findall(run.text), "" if follower.marker is None else _MARKED]
        for part, after in pairwise(parts):
            if part == "\n":
                if word:
                    yield gap, word
                yield [], None
                gap, word = [], []
                continue
            span = Span(part, style, sum([measure(char, style) for char in part]), run.marker)
            if not part.startswith(" ") or (word and _holds(word[-1].text, after)):
                word.append(span)
            elif word:
                yield gap, word
                gap, word = [span], []
            else:
                gap.append(span)
    if word:
        yield gap, word


def _holds(before: str, after: str) -> bool:
    """Tell whether a space must not end a line: French guillemets and high punctuation, markers."""
    return before.endswith("«") or (after != "" and after[0] in _HELD)


def _split(word: Sequence[Span], width: float, measure: Measure) -> list[list[Span]]:
    """Break a word between characters into pieces no wider than a line."""
    pieces: list[list[Span]] = [[]]
    used = 0.0
    for span in word:
        start, length = 0, 0.0
        for place, char in enumerate(span.text):
            wide = measure(char, span.style)
            if used + length + wide > width and used + length > 0:
                pieces[-1].append(replace(span, text=span.text[start:place], width=length))
                pieces.append([])
                start, length, used = place, 0.0, 0.0
            length += wide
        pieces[-1].append(replace(span, text=span.text[start:], width=length))
        used += length
    return pieces


def _merged(line: Sequence[Span]) -> Line:
    """Join neighbours in one style, so that a line is few pieces of text in the file."""
    shown = [span for span in line if span.text]
    return tuple(
        Span("".join(span.text for span in same), style, _width(same), marker)
        for (style, marker), group in groupby(shown, key=lambda span: (span.style, span.marker))
        for same in [list(group)]
    )
