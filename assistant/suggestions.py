"""Questions to offer: starters, and what to ask next. They come from the bank, so the guide answers them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence

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


class Suggester:
    """Picks questions from the bank; the same situation gets the same suggestions."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._presentable: dict[Language, tuple[int, ...]] = {
            language: tuple(i for i, q in enumerate(layout.bank.questions) if presentable(q, language))
            for language in ("fr", "en")
        }

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
        layout = self._layout
        if not cited:
            return ()
        known = {normal_form(text) for text in asked}
        answered = {passage.order for passage in cited}
        tops = {int(layout.top[order]) for order in answered}
        ranked = []
        for i in self._presentable[language]:
            gold = layout.gold[i]
            text = layout.bank.questions[i].question
            if set(gold) <= answered or normal_form(text) in known:
                continue
            near = sum(int(layout.top[order]) in tops for order in gold) / len(gold)
            distance = min(abs(order - other) for order in gold for other in answered)
            plain = bool(_PLAIN.match(text))
            ranked.append((-(near + 0.5 / (1 + distance) + 0.3 * plain), _spread(text, 0), i))
        chosen: list[str] = []
        covered: set[tuple[int, ...]] = set()
        for _, _, i in sorted(ranked):
            if layout.gold[i] not in covered:
                covered.add(layout.gold[i])
                chosen.append(layout.bank.questions[i].question)
            if len(chosen) == count:
                break
        return tuple(chosen)


def _spread(text: str, turn: int) -> str:
    """Return a fixed but arbitrary order of texts, another one for each turn."""
    return hashlib.sha256(f"{turn} {text}".encode()).hexdigest()
