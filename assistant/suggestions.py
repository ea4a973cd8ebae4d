"""Questions to offer: starters, and what to ask next. They come from the bank, so the guide answers them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.types import Language
from corpus import BankQuestion, Passage, normal_form
from index.ranking.signals import Layout

_LONGEST = 90
_SHORTEST = 18
_CLEAN = re.compile(r"^[A-ZÀÂÉÈÊÎÔÙÇ«Œ][^\n]*\?$")
_SLOPPY = re.compile(r"\b(?:slt|svp|cc|pr|pk|ya|koi|kel|ds|vs|qd|bjr|tt|ke|ki|c)\b", re.IGNORECASE)
_PLAIN = re.compile(
    r"^(?:Quels? (?:est|sont)|Quelles? (?:est|sont)|Comment |Pourquoi |Peut-on |Qu'est-ce |Qu’est-ce |Faut-il |"
    r"What (?:is|are) |How |Why |Can |Is |Are |Which )"
)
_STARTER_KINDS = ("facet", "enumeration", "section", "comparison", "passage")


def presentable(question: BankQuestion, language: Language) -> bool:
    """Tell whether a bank question reads well as a suggestion: short, whole, in good writing."""
    text = question.question
    return (
        question.answerable
        and question.lang == language
        and _SHORTEST <= len(text) <= _LONGEST
        and bool(_CLEAN.match(text))
        and not _SLOPPY.search(text)
        and text.count("?") == 1
    )


@dataclass(frozen=True, slots=True)
class _Offer:
    """A question that may be offered: its words, their normal form, its writing, its place among equals."""

    text: str
    normal: str
    plain: bool
    spread: str

    @classmethod
    def of(cls, text: str) -> _Offer:
        return cls(text, normal_form(text), bool(_PLAIN.match(text)), _spread(text, 0))


class Suggester:
    """Picks questions from the bank; the same situation gets the same suggestions."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._presentable: dict[Language, tuple[int, ...]] = {
            language: tuple(i for i, q in enumerate(layout.bank.questions) if presentable(q, language))
            for language in ("fr", "en")
        }
        # For each set of passages, the questions that could be offered, the best writing first: what does
        # not depend on the conversation is worked out once.
        self._by_gold: dict[Language, dict[tuple[int, ...], list[_Offer]]] = {}
        for language, rows in self._presentable.items():
            by_gold = self._by_gold.setdefault(language, {})
            for i in rows:
                by_gold.setdefault(layout.gold[i], []).append(_Offer.of(layout.bank.questions[i].question))
            for offered in by_gold.values():
                offered.sort(key=lambda offer: (not offer.plain, offer.spread))

    def starters(self, language: Language, count: int, turn: int = 0) -> tuple[str, ...]:
        """Return questions to start with, each on another part of the guide; `turn` rotates them."""
        questions = self._layout.bank.questions
        rows = sorted(
            self._presentable[language],
            key=lambda i: (
                not _PLAIN.match(questions[i].question),
                _STARTER_KINDS.index(questions[i].kind) if questions[i].kind in _STARTER_KINDS else len(_STARTER_KINDS),
                _spread(questions[i].question, turn),
            ),
        )
        chosen: list[str] = []
        parts: set[tuple[int, str]] = set()
        for distinct_parts in (True, False):
            for i in rows:
                part = (int(self._layout.top[self._layout.gold[i][0]]), "" if distinct_parts else questions[i].kind)
                if part not in parts and questions[i].question not in chosen and len(chosen) < count:
                    parts.add(part)
                    chosen.append(questions[i].question)
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
                    ranked.append((-(near + 0.5 / (1 + distance) + 0.3 * offer.plain), offer.spread, offer.text))
                    break
        return tuple(text for _, _, text in sorted(ranked)[:count])


def _spread(text: str, turn: int) -> str:
    """Return a fixed but arbitrary order of texts, another one for each turn."""
    return hashlib.sha256(f"{turn} {text}".encode()).hexdigest()
