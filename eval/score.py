"""What each answer is worth, and why it fell short where it did. Means are `eval.summary`'s."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from corpus import Guide
from eval.metrics.claims import claims, message_patterns, supported
from eval.metrics.texts import Quoted, covered, covered_count, relevant_count
from eval.run import Exchange

if TYPE_CHECKING:
    from assistant.types import Answer, Citation

NOT_RETRIEVED = "not retrieved"
NOT_CITED = "retrieved but not cited"
TOO_MUCH = "cited too much"
DECLINED_WRONGLY = "declined wrongly"
ANSWERED_WRONGLY = "answered wrongly"
MISTAKEN_SMALLTALK = "small talk mistaken"
RAISED = "raised an error"
FAILURES = (NOT_RETRIEVED, NOT_CITED, TOO_MUCH, DECLINED_WRONGLY, ANSWERED_WRONGLY, MISTAKEN_SMALLTALK, RAISED)


@dataclass(frozen=True, slots=True)
class Score:
    """The measures of one turn.

    `recall`, `precision`, `precision_also` (extras that a person accepted count as right) and `complete` lie
    between 0 and 1, None where they do not apply. `failure` is one of `FAILURES`, empty when all is well.
    `misplaced` are quotes that do not stand at their place; `unsupported`, claims without support; `error`,
    what was raised instead of an answer.
    """

    id: str
    turn: int
    dialogue: bool
    question: str
    expected: str
    kind: str
    lang: str
    category: str
    style: str
    phenomenon: str
    recall: float | None
    precision: float | None
    precision_also: float | None
    complete: float | None
    confidence: float
    claims: int
    supported: int
    citations: int
    exact: int
    latency_ms: float
    failure: str
    unsupported: tuple[str, ...] = ()
    misplaced: tuple[str, ...] = ()
    error: str = ""

    @property
    def key(self) -> str:
        """Return the turn's name: the id, with the turn for a dialogue."""
        return f"{self.id}#{self.turn}" if self.dialogue else self.id

    def to_dict(self) -> dict[str, Any]:
        """Return the score as plain JSON types."""
        return {**asdict(self), "unsupported": list(self.unsupported), "misplaced": list(self.misplaced)}

    @classmethod
    def from_dict(cls, row: dict[str, Any]) -> Score:
        """Return the score that `to_dict` wrote. Raises `TypeError` for other fields."""
        texts = {name: tuple(row.get(name) or ()) for name in ("unsupported", "misplaced")}
        return cls(**{**row, **texts})


def score_all(exchanges: Sequence[Exchange], guide: Guide) -> list[Score]:
    """Return the score of each exchange, in order."""
    framing = _framing()
    return [score_one(exchange, guide, framing) for exchange in exchanges]


def score_one(exchange: Exchange, guide: Guide, framing: Sequence[re.Pattern[str]] = ()) -> Score:
    """Return the score of one exchange; `framing` are the assistant's own phrases, which claim nothing."""
    case, turn, answer = exchange.case, exchange.turn, exchange.answer
    quotes = [quoted(citation) for citation in answer.citations]
    recall = precision = precision_also = complete = None
    if turn.expected == "answer" and turn.gold:
        found = covered_count(turn.gold, quotes) if answer.kind == "answer" else 0
        recall, complete = found / len(turn.gold), float(found == len(turn.gold))
        if answer.kind != "decline":
            precision = relevant_count(quotes, turn.gold) / len(quotes) if quotes else 0.0
            accepted = (*turn.gold, *turn.also)
            precision_also = relevant_count(quotes, accepted) / len(quotes) if quotes else 0.0
    made = claims(answer.text, framing) if answer.kind == "answer" else []
    sources = {c.number: [c.quote, *([c.translation] if c.translation else [])] for c in answer.citations}
    extractive = answer.mode == "extractive"
    unsupported = tuple(c.words for c in made if not supported(c, sources, extractive=extractive))
    misplaced = tuple(c.quote for c in answer.citations if guide.text[c.start : c.end] != c.quote)
    return Score(
        id=case.id, turn=exchange.number, dialogue=case.dialogue, question=turn.user, expected=turn.expected,
        kind=answer.kind, lang=case.lang, category=case.category, style=case.style, phenomenon=turn.phenomenon,
        recall=recall, precision=precision, precision_also=precision_also, complete=complete,
        confidence=float(answer.confidence), claims=len(made), supported=len(made) - len(unsupported),
        citations=len(answer.citations), exact=len(answer.citations) - len(misplaced), latency_ms=exchange.latency_ms,
        failure=_failure(exchange, guide, quotes, precision_also), unsupported=unsupported, misplaced=misplaced,
        error=exchange.error,
    )  # fmt: skip


def quoted(citation: Citation) -> Quoted:
    """Return a citation as a cited text."""
    return Quoted(citation.quote, citation.start, citation.end)


def considered(answer: Answer, guide: Guide) -> list[Quoted]:
    """Return the passages that the assistant looked at, best first, as its trace tells."""
    known = guide.by_id
    passages = [known[row["id"]] for row in answer.trace.passages if row.get("id") in known]
    traced = [Quoted(p.text, p.start, p.end) for p in passages]
    return traced or [quoted(citation) for citation in (*answer.citations, *answer.related)]


def _failure(exchange: Exchange, guide: Guide, quotes: Sequence[Quoted], precision: float | None) -> str:
    expected, kind, gold = exchange.turn.expected, exchange.answer.kind, exchange.turn.gold
    if exchange.error:
        return RAISED
    if kind != expected:
        if "smalltalk" in (kind, expected):
            return MISTAKEN_SMALLTALK
        return DECLINED_WRONGLY if kind == "decline" else ANSWERED_WRONGLY
    if expected != "answer":
        return ""
    missing = [text for text in gold if not covered(text, quotes)]
    if missing:
        seen = considered(exchange.answer, guide)
        return NOT_CITED if all(covered(text, [*seen, *quotes]) for text in missing) else NOT_RETRIEVED
    return TOO_MUCH if precision is not None and precision < 1 else ""


def _framing() -> list[re.Pattern[str]]:
    """Return the assistant's own phrases, read from its catalogue."""
    from assistant.messages import LANGUAGES, load_catalogue

    catalogue = load_catalogue()
    prefixes = ("lead_", "table_", "translation")
    return [pattern for language in LANGUAGES for pattern in message_patterns(catalogue.all_of(language), prefixes)]
