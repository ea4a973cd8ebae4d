"""The raw evidence for one question, before any weight: similarities, neighbours, lexical scores."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from corpus import Guide, QuestionBank, QuoteResolver

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEIGHBOURS = 64
LEXICAL_NEIGHBOURS = 24
ALSO_WEIGHT = 0.3
_EMPTY_I = np.zeros(0, dtype=np.int64)
_EMPTY_F = np.zeros(0, dtype=np.float32)


@dataclass(frozen=True)
class Signals:
    """Evidence for one question over a guide of n passages.

    `dense` (n,): cosine with each passage. `null`: cosine with each class of what the guide does not
    answer (near misses by passage, far, small talk); empty without training. `near`: positions of the
    nearest bank questions, nearest first, `near_similarity` their cosines. `lexical` (n,): BM25 of
    passages. `lexical_near`, `lexical_near_score`: the best bank questions by BM25.
    """

    dense: NDArray[np.float32]
    null: NDArray[np.float32] = field(default_factory=lambda: _EMPTY_F)
    near: NDArray[np.int64] = field(default_factory=lambda: _EMPTY_I)
    near_similarity: NDArray[np.float32] = field(default_factory=lambda: _EMPTY_F)
    lexical: NDArray[np.float32] = field(default_factory=lambda: _EMPTY_F)
    lexical_near: NDArray[np.int64] = field(default_factory=lambda: _EMPTY_I)
    lexical_near_score: NDArray[np.float32] = field(default_factory=lambda: _EMPTY_F)


class Layout:
    """The guide and its bank as arrays: which passages each question cites, which section holds each.

    `cites` has shape (questions, passages): 1 for a quote, 0.3 for an acceptable extra. `outcome` is 0
    for an answerable question, 1 near miss, 2 far, 3 small talk.
    """

    def __init__(self, guide: Guide, bank: QuestionBank) -> None:
        self.guide = guide
        self.bank = bank
        count = len(guide.passages)
        resolver = QuoteResolver(guide)
        self.cites = np.zeros((len(bank.questions), count), dtype=np.float32)
        self.outcome = np.zeros(len(bank.questions), dtype=np.int64)
        self.gold: list[tuple[int, ...]] = []
        self.also: list[tuple[int, ...]] = []
        outcomes = {"near_miss": 1, "far": 2, "smalltalk": 3}
        for row, question in enumerate(bank.questions):
            gold = tuple(p.order for p in resolver.all_of(question.quotes))
            also = tuple(p.order for p in resolver.all_of(question.also) if p.order not in gold)
            self.cites[row, list(also)] = ALSO_WEIGHT
            self.cites[row, list(gold)] = 1.0
            self.outcome[row] = outcomes.get(question.kind, 0)
            self.gold.append(gold)
            self.also.append(also)
        self.section = np.array([passage.section for passage in guide.passages])
        self.title = np.array([passage.is_title for passage in guide.passages], dtype=np.float32)
        self.top = np.array([guide.top_section(passage.section) for passage in guide.passages])
        self.whole_sections = {
            members
            for section in guide.sections
            if len(members := tuple(p.order for p in guide.passages_of(section.index))) > 1
        }
        self.known_sets = {tuple(sorted(gold)) for gold in self.gold if gold}
        self._titles: dict[int | None, list[int]] = {}
        for passage in guide.passages:
            if passage.is_title and passage.section:
                self._titles.setdefault(guide.sections[passage.section].parent, []).append(passage.order)

    def section_of(self, order: int) -> tuple[int, ...]:
        """Return the passages of a passage's own section, title left out, in reading order."""
        section = self.guide.passages[order].section
        return tuple(passage.order for passage in self.guide.passages_of(section))

    def titles_beside(self, order: int) -> tuple[int, ...]:
        """Return the titles that stand beside a passage's own title, that one included."""
        parent = self.guide.sections[self.guide.passages[order].section].parent
        return tuple(self._titles.get(parent, ()))

    @cached_property
    def siblings(self) -> NDArray[np.float32]:
        """Return which passages share a section, as a (passages, passages) matrix of rows summing to 1."""
        same = (self.section[:, None] == self.section[None, :]).astype(np.float32)
        same *= (1 - self.title)[None, :]
        np.fill_diagonal(same, 0.0)
        sums = same.sum(axis=1, keepdims=True)
        shares: NDArray[np.float32] = np.divide(same, sums, out=np.zeros_like(same), where=sums > 0)
        return shares
