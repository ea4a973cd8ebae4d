"""What the report shows of each turn: expected beside cited, the scores that decided, why it fell short."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpus import Guide, QuoteResolver
from eval.metrics.texts import Quoted, covered, overlaps
from eval.run import Exchange
from eval.score import Score, quoted

SHOWN_PASSAGES = 6
_PART_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote on a card: its words, its place, and whether it is as it should be."""

    words: str
    place: str
    right: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Considered:
    """A passage that the assistant looked at, with the numbers that ranked it."""

    words: str
    score: float
    parts: str
    gold: bool
    selected: bool


@dataclass(frozen=True, slots=True)
class Card:
    """One turn as the report shows it. `badness` sorts: higher is worse."""

    score: Score
    anchor: str
    badness: float
    expected: tuple[Quote, ...]
    cited: tuple[Quote, ...]
    considered: tuple[Considered, ...]
    before: tuple[tuple[str, str], ...]
    text: str
    understood: str
    reason: str


def make_cards(exchanges: Sequence[Exchange], scores: Sequence[Score], guide: Guide) -> list[Card]:
    """Return a card for each turn, the worst first."""
    resolver = QuoteResolver(guide)
    history: dict[str, list[tuple[str, str]]] = {}
    cards = []
    for exchange, score in zip(exchanges, scores, strict=True):
        before = history.setdefault(score.id, [])
        cards.append(_card(exchange, score, guide, resolver, tuple(before)))
        before.append((exchange.turn.user, exchange.answer.text))
    return sorted(cards, key=lambda card: (-card.badness, card.score.key))


def badness(score: Score) -> float:
    """Return how bad a turn is: 0 when all is well; errors, then sure and wrong decisions, come first."""
    if score.error:
        return 4.0
    if not score.failure:
        return 0.0
    if score.expected == "answer":
        quality = (score.recall or 0.0) * 0.8 + (score.precision_also or 0.0) * 0.2
        return 1 - quality + (0.5 * (1 - score.confidence) if score.kind != "answer" else 0.0)
    return 1.0 + 0.5 * score.confidence


def _card(
    exchange: Exchange, score: Score, guide: Guide, resolver: QuoteResolver, before: tuple[tuple[str, str], ...]
) -> Card:
    answer, turn = exchange.answer, exchange.turn
    quotes = [quoted(citation) for citation in answer.citations]
    misplaced = set(score.misplaced)
    expected = [Quote(text, _place(resolver, text), covered(text, quotes)) for text in turn.gold]
    expected += [Quote(text, _place(resolver, text), True, "accepted beside") for text in turn.also]
    accepted = (*turn.gold, *turn.also)
    return Card(
        score=score,
        anchor="q-" + score.key.replace("#", "-"),
        badness=badness(score),
        expected=tuple(expected),
        cited=tuple(
            Quote(
                citation.quote,
                " › ".join(citation.section),
                any(overlaps(citation.quote, text) for text in accepted),
                "not at its place" if citation.quote in misplaced else "",
            )
            for citation in answer.citations
        ),
        considered=tuple(_considered(answer.trace.passages, guide, turn.gold)),
        before=before,
        text=answer.text,
        understood=answer.understood if answer.understood != turn.user else "",
        reason=score.error or answer.trace.reason,
    )


def _place(resolver: QuoteResolver, text: str) -> str:
    passage = resolver.find(text)
    return " › ".join(passage.titles) if passage else ""


def _considered(rows: Sequence[Mapping[str, Any]], guide: Guide, gold: Sequence[str]) -> list[Considered]:
    known = guide.by_id
    shown = []
    for row in rows[:SHOWN_PASSAGES]:
        passage = known.get(str(row.get("id")))
        if passage is not None:
            parts = {name: value for name, value in (row.get("parts") or {}).items() if value}
            shown.append(
                Considered(
                    passage.text,
                    float(row.get("score", 0.0)),
                    " · ".join(f"{name} {value:.{_PART_DIGITS}g}" for name, value in parts.items()),
                    any(covered(text, [Quoted(passage.text)]) for text in gold),
                    bool(row.get("selected")),
                )
            )
    return shown
