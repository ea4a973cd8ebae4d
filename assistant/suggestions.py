"""Questions to offer: starters, and what to ask next. They come from the bank, so the guide answers them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assistant.types import Language
from corpus import BankQuestion, Guide, Passage, normal_form
from index.analysis import analyse
from index.ranking.signals import Layout

_LONGEST = 90
_SHORTEST = 18
_CLEAN = re.compile(r"^[A-ZÀÂÉÈÊÎÔÙÇ«Œ][^\n]*\?$")
_SLOPPY = re.compile(r"\b(?:slt|svp|cc|pr|pk|ya|koi|kel|ds|vs|qd|bjr|tt|ke|ki|c)\b", re.IGNORECASE)
_PLAIN = re.compile(
    r"^(?:Quels? (?:est|sont)|Quelles? (?:est|sont)|Comment |Pourquoi |Peut-on |Qu'est-ce |Qu’est-ce |Faut-il |"
    r"What (?:is|are) |How |Why |Can |Is |Are |Which )"
)
_LEAST_CLEAR = 0.5
_STARTERS_A_SET = 4
_STARTER_KINDS = ("facet", "enumeration", "section", "comparison", "passage")


def presentable(question: BankQuestion, language: Language) -> bool:
    """Tell whether a bank question reads well as a suggestion: short, whole, in good writing."""
    text = question.question
    return (
        question.answerable
        and not question.context
        and question.lang == language
        and _SHORTEST <= len(text) <= _LONGEST
        and bool(_CLEAN.match(text))
        and not _SLOPPY.search(text)
        and text.count("?") == 1
    )


@dataclass(frozen=True, slots=True)
class _Offer:
    """A question that may be offered: its words, their normal form, its writing, its place among equals.

    `clear` is the share of its terms that stand in what answers it: who has not read the guide yet must see
    what the question is about, which a paraphrase written to be hard does not tell.
    """

    row: int
    text: str
    normal: str
    plain: bool
    clear: float
    spread: str

    @property
    def appeal(self) -> float:
        return 0.6 * self.plain + self.clear


class Suggester:
    """Picks questions from the bank; the same situation gets the same suggestions."""

    def __init__(self, layout: Layout, translations: Mapping[str, str] | None = None) -> None:
        """Read the bank's questions in good writing. `translations` of passages tell what English ones are about."""
        self._layout = layout
        self._terms: dict[Language, list[frozenset[str]]] = {
            "fr": [frozenset(analyse(layout.guide.place(passage))) for passage in layout.guide.passages],
            "en": [_translated_terms(layout.guide, passage, translations or {}) for passage in layout.guide.passages],
        }
        # For each set of passages, the questions that could be offered, the best first: what does not depend
        # on the conversation is worked out once.
        self._by_gold: dict[Language, dict[tuple[int, ...], list[_Offer]]] = {"fr": {}, "en": {}}
        for row, question in enumerate(layout.bank.questions):
            for language in ("fr", "en"):
                if presentable(question, language):
                    offer = self._offer(row, question, language)
                    if offer.clear >= _LEAST_CLEAR:
                        self._by_gold[language].setdefault(layout.gold[row], []).append(offer)
        for by_gold in self._by_gold.values():
            for offered in by_gold.values():
                offered.sort(key=lambda offer: (-offer.appeal, offer.spread))

    def _offer(self, row: int, question: BankQuestion, language: Language) -> _Offer:
        text = question.question
        terms = set(analyse.__wrapped__(text))  # The bank's questions would push what people ask out of its cache.
        about: set[str] = set().union(*(self._terms[language][order] for order in self._layout.gold[row]))
        clear = len(terms & about) / max(len(terms), 1)
        return _Offer(row, text, normal_form(text), bool(_PLAIN.match(text)), clear, _spread(text, 0))

    def starters(self, language: Language, count: int, turn: int = 0) -> tuple[str, ...]:
        """Return questions to start with, each on another part of the guide; `turn` rotates them."""
        questions = self._layout.bank.questions
        offers = [offer for offered in self._by_gold[language].values() for offer in offered[:_STARTERS_A_SET]]

        def order(offer: _Offer) -> tuple[bool, int, int, str]:
            kind = questions[offer.row].kind
            rank = _STARTER_KINDS.index(kind) if kind in _STARTER_KINDS else len(_STARTER_KINDS)
            # One half of the offers leads at even turns, the other at odd ones: none leads twice running.
            half = (int(_spread(offer.text, 0), 16) + turn) % 2
            return (not offer.plain, rank, half, _spread(offer.text, turn))

        offers.sort(key=order)
        chosen: list[str] = []
        parts: set[tuple[int, str]] = set()
        for distinct_parts in (True, False):
            for offer in offers:
                top = int(self._layout.top[self._layout.gold[offer.row][0]])
                part = (top, "" if distinct_parts else questions[offer.row].kind)
                if part not in parts and offer.text not in chosen and len(chosen) < count:
                    parts.add(part)
                    chosen.append(offer.text)
        return tuple(chosen)

    def next_questions(
        self, cited: Sequence[Passage], asked: Iterable[str], language: Language, count: int = 3
    ) -> tuple[str, ...]:
        """Return questions about what stands near the cited passages, none asked or answered already."""
        if not cited:
            return ()
        known = {normal_form(text) for text in asked}
        answered = {passage.order for passage in cited}
        tops = {int(self._layout.top[order]) for order in answered}
        ranked = []
        for gold, offered in self._by_gold[language].items():
            if set(gold) <= answered:
                continue
            near = sum(int(self._layout.top[order]) in tops for order in gold) / len(gold)
            distance = min(abs(order - other) for order in gold for other in answered)
            for offer in offered:
                if offer.normal not in known:
                    ranked.append((-(near + 0.5 / (1 + distance) + 0.5 * offer.appeal), offer.spread, offer.text))
                    break
        return tuple(text for _, _, text in sorted(ranked)[:count])


def _translated_terms(guide: Guide, passage: Passage, translations: Mapping[str, str]) -> frozenset[str]:
    """Return the terms of a passage's translation and of its titles', names in the guide's language too."""
    titles = (guide.title_passage(section.index) for section in guide.around(passage.section))
    texts = [translations.get(title.id, "") for title in titles if title is not None]
    return frozenset(
        term for text in (*texts, translations.get(passage.id, ""), passage.text) for term in analyse(text)
    )


def _spread(text: str, turn: int) -> str:
    """Return a fixed but arbitrary order of texts, another one for each turn."""
    return hashlib.sha256(f"{turn} {text}".encode()).hexdigest()
