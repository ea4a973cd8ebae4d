"""When a cited text covers or overlaps an expected one: the contract's rules, and nothing looser.

Texts are compared after `corpus.normal_form` (NFKC, straight apostrophes, single spaces, lower case).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpus import normal_form

COVERED_SHARE = 0.9
# Between two adjacent passages of an edition stand line ends and list or title marks only.
ADJACENT_GAP = 10
# A shorter shared stretch is a coincidence of words, not the same place of the guide.
SHORTEST_OVERLAP = 20

_normal = lru_cache(maxsize=1 << 16)(normal_form)


@dataclass(frozen=True, slots=True)
class Quoted:
    """A cited text with its place in the guide in characters; -1 where the place is unknown."""

    quote: str
    start: int = -1
    end: int = -1


def covered(gold: str, quotes: Sequence[Quoted]) -> bool:
    """Tell whether a gold quote is covered by cited quotes.

    It is when an unbroken stretch of at least 90 % of its characters lies in one quote, or when it
    lies whole across quotes that are adjacent in the guide.
    """
    wanted = _normal(gold)
    if not wanted:
        return False
    if any(_mostly_in(wanted, _normal(quote.quote)) for quote in quotes):
        return True
    return any(wanted in _normal(joined) for joined in _adjacent_runs(quotes))


def covered_count(gold: Sequence[str], quotes: Sequence[Quoted]) -> int:
    """Return how many gold quotes are covered."""
    return sum(covered(text, quotes) for text in gold)


def overlaps(quote: str, gold: str) -> bool:
    """Tell whether a cited quote and a gold quote share a place: one covers the other, or their edges meet.

    Edges meet when the end of one is the start of the other, over 20 characters or more.
    """
    ours, theirs = _normal(quote), _normal(gold)
    if not ours or not theirs:
        return False
    if _mostly_in(theirs, ours) or ours == theirs:
        return True
    if len(ours) >= SHORTEST_OVERLAP and _mostly_in(ours, theirs):
        return True
    return _edge(ours, theirs) or _edge(theirs, ours)


def relevant_count(quotes: Sequence[Quoted], gold: Sequence[str]) -> int:
    """Return how many cited quotes overlap some gold quote."""
    return sum(any(overlaps(quote.quote, text) for text in gold) for quote in quotes)


def first_characters(texts: Sequence[Quoted], budget: int) -> list[Quoted]:
    """Return the texts that a reader meets within `budget` characters, the last one cut where it ends."""
    kept: list[Quoted] = []
    for text in texts:
        if budget <= 0:
            break
        cut = text.quote[:budget]
        end = text.start + len(cut) if text.start >= 0 else -1
        kept.append(Quoted(cut, text.start, end))
        budget -= len(cut)
    return kept


def _mostly_in(wanted: str, text: str) -> bool:
    """Tell whether an unbroken stretch of 90 % of `wanted` stands in `text`.

    Any such stretch holds the middle of `wanted`: find the middle, then grow it both ways.
    """
    if wanted in text:
        return True
    needed = math.ceil(COVERED_SHARE * len(wanted))
    slack = len(wanted) - needed
    middle = wanted[slack:needed]
    at = text.find(middle)
    while at >= 0:
        left = 0
        while left < slack and at - left - 1 >= 0 and text[at - left - 1] == wanted[slack - left - 1]:
            left += 1
        right = 0
        stop = at + len(middle)
        while right < slack and stop + right < len(text) and text[stop + right] == wanted[needed + right]:
            right += 1
        if left + len(middle) + right >= needed:
            return True
        at = text.find(middle, at + 1)
    return False


def _edge(first: str, second: str) -> bool:
    """Tell whether an end of `first` of 20 characters or more is the start of `second`."""
    head = second[:SHORTEST_OVERLAP]
    if len(head) < SHORTEST_OVERLAP:
        return False
    at = first.find(head)
    while at >= 0:
        if second.startswith(first[at:]):
            return True
        at = first.find(head, at + 1)
    return False


def _adjacent_runs(quotes: Sequence[Quoted]) -> list[str]:
    """Return the texts of quotes joined where they are adjacent; quotes that overlap are joined once."""
    placed = sorted((quote for quote in quotes if quote.start >= 0), key=lambda quote: (quote.start, quote.end))
    runs: list[str] = []
    end = -1
    for quote in placed:
        if runs and quote.start < end:
            if quote.end > end:
                runs[-1] += quote.quote[end - quote.start :]
        elif runs and quote.start - end <= ADJACENT_GAP:
            runs[-1] += " " + quote.quote
        else:
            runs.append(quote.quote)
        end = max(end, quote.end)
    return runs
