"""From scores to the figures that are reported: each mean with its interval, whole and by group."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from eval.metrics.bootstrap import NOTHING, Estimate, mean_interval
from eval.metrics.decision import auroc, brier, calibration_error
from eval.score import Score

GROUPINGS: tuple[tuple[str, str], ...] = (("style", "style"), ("category", "category"), ("language", "lang"))
FOLLOW_UP = "follow_up_recall"


@dataclass(frozen=True, slots=True)
class Measure:
    """A mean over turns: which turns count, and what each adds above and below the line."""

    name: str
    title: str
    applies: Callable[[Score], bool]
    value: Callable[[Score], float]
    weight: Callable[[Score], float] = lambda score: 1.0

    def pick(self, scores: Iterable[Score]) -> list[Score]:
        """Return the scores that count."""
        return [score for score in scores if self.applies(score)]

    def estimate(self, scores: Iterable[Score]) -> Estimate:
        """Return the mean with its interval; turns of one dialogue are drawn together."""
        chosen = self.pick(scores)
        return mean_interval(
            [self.value(score) for score in chosen],
            [score.id for score in chosen],
            [self.weight(score) for score in chosen],
        )


def _follow_up(score: Score) -> bool:
    return score.dialogue and score.turn > 0 and score.recall is not None


MEASURES: tuple[Measure, ...] = (
    Measure("citation_recall", "citation recall", lambda s: s.recall is not None, lambda s: s.recall or 0.0),
    Measure(
        "citation_precision", "citation precision", lambda s: s.precision is not None, lambda s: s.precision or 0.0
    ),
    Measure("complete", "complete", lambda s: s.complete is not None, lambda s: s.complete or 0.0),
    Measure("answered", "answered", lambda s: s.expected == "answer", lambda s: float(s.kind != "decline")),
    Measure("declined", "declined", lambda s: s.expected == "decline", lambda s: float(s.kind == "decline")),
    Measure("smalltalk", "small talk", lambda s: s.expected == "smalltalk", lambda s: float(s.kind == "smalltalk")),
    Measure("faithful", "faithful", lambda s: s.claims > 0, lambda s: float(s.supported), lambda s: float(s.claims)),
    Measure("exact", "exact", lambda s: s.citations > 0, lambda s: float(s.exact), lambda s: float(s.citations)),
    Measure(FOLLOW_UP, "follow-up recall", _follow_up, lambda s: s.recall or 0.0),
    Measure(
        "citation_precision_also", "precision, extras accepted",
        lambda s: s.precision_also is not None, lambda s: s.precision_also or 0.0,
    ),
)  # fmt: skip
BY_NAME = {measure.name: measure for measure in MEASURES}


def decided(scores: Iterable[Score]) -> list[Score]:
    """Return the turns that test the decision: answerable and unanswerable ones, no small talk."""
    return [score for score in scores if score.expected in ("answer", "decline")]


def decision_values(scores: Iterable[Score]) -> tuple[list[bool], list[float]]:
    """Return, of the turns that test the decision, whether the guide answers and the confidence."""
    chosen = decided(scores)
    return [score.expected == "answer" for score in chosen], [score.confidence for score in chosen]


def summarise(scores: Sequence[Score]) -> dict[str, Estimate]:
    """Return every measure of a run by name, decision and calibration with them."""
    found = {measure.name: measure.estimate(scores) for measure in MEASURES}
    truth, confidence = decision_values(scores)
    found["auroc"] = auroc(truth, confidence)
    error, square = calibration_error(truth, confidence), brier(truth, confidence)
    found["calibration_error"] = Estimate(error, None, None, len(truth)) if error is not None else NOTHING
    found["brier"] = Estimate(square, None, None, len(truth)) if square is not None else NOTHING
    latency = mean_interval([score.latency_ms for score in scores])
    found["latency_ms"] = latency
    return found


def by_group(scores: Sequence[Score]) -> dict[str, dict[str, dict[str, Estimate]]]:
    """Return the main measures by style, category, language and, for dialogues, phenomenon."""
    names = ("citation_recall", "citation_precision", "complete", "answered", "declined", "smalltalk")
    groups: dict[str, dict[str, dict[str, Estimate]]] = {}
    for title, attribute in (*GROUPINGS, ("phenomenon", "phenomenon")):
        values = sorted({str(getattr(score, attribute)) for score in scores} - {""})
        groups[title] = {
            value: {
                name: BY_NAME[name].estimate(score for score in scores if getattr(score, attribute) == value)
                for name in names
            }
            for value in values
        }
    return groups
