"""Two runs on the same questions: which figures moved, by more than noise or not, and which questions flipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eval.metrics.bootstrap import NOTHING, Estimate, interval, paired_interval
from eval.metrics.decision import auroc, auroc_draws
from eval.score import Score
from eval.summary import MEASURES, Measure, decision_values

# Measures over the same turns in both runs whatever was answered; the others compare ratios.
AUROC_TITLE = "AUROC of the decision"


@dataclass(frozen=True, slots=True)
class Flip:
    """A turn whose value changed: by how much, and how it fails now (or failed, when it is mended)."""

    key: str
    question: str
    before: float
    after: float
    failure: str
    was: str

    def to_dict(self) -> dict[str, Any]:
        """Return the flip as plain JSON types."""
        return {
            "key": self.key, "question": self.question, "before": self.before, "after": self.after,
            "failure": self.failure, "was": self.was,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One figure in two runs. `difference` is after - before with its paired 95 % interval."""

    name: str
    title: str
    before: float | None
    after: float | None
    difference: Estimate
    worse: tuple[Flip, ...] = ()
    better: tuple[Flip, ...] = ()

    @property
    def is_loss(self) -> bool:
        """Tell whether the figure fell by more than noise: the whole interval lies below 0."""
        return self.difference.high is not None and self.difference.high < 0

    @property
    def is_gain(self) -> bool:
        """Tell whether the figure rose by more than noise."""
        return self.difference.low is not None and self.difference.low > 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs compared on the turns that both hold, asked in the same words."""

    changes: tuple[Change, ...]
    common: int
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]


def compare(before: Sequence[Score], after: Sequence[Score]) -> Comparison:
    """Compare two runs, turn by turn. Turns that were reworded or relabelled count as new."""
    old = {_identity(score): score for score in before}
    new = {_identity(score): score for score in after}
    shared = [name for name in old if name in new]
    pairs = [(old[name], new[name]) for name in shared]
    changes = [_change(measure, pairs) for measure in MEASURES]
    changes.append(_auroc_change(pairs))
    return Comparison(
        changes=tuple(changes),
        common=len(pairs),
        only_before=tuple(score.key for name, score in old.items() if name not in new),
        only_after=tuple(score.key for name, score in new.items() if name not in old),
    )


def _identity(score: Score) -> tuple[str, int, str, str]:
    return score.id, score.turn, score.question, score.expected


def _change(measure: Measure, pairs: Sequence[tuple[Score, Score]]) -> Change:
    counted = [(a, b) for a, b in pairs if measure.applies(a) or measure.applies(b)]

    def value(score: Score) -> float:
        return measure.value(score) if measure.applies(score) else 0.0

    def weight(score: Score) -> float:
        return measure.weight(score) if measure.applies(score) else 0.0

    difference = paired_interval(
        [value(a) for a, _ in counted],
        [value(b) for _, b in counted],
        [a.id for a, _ in counted],
        [weight(a) for a, _ in counted],
        [weight(b) for _, b in counted],
    )
    flips = [
        Flip(b.key, b.question, value(a) / weight(a), value(b) / weight(b), b.failure, a.failure)
        for a, b in counted
        if weight(a) and weight(b) and abs(value(a) / weight(a) - value(b) / weight(b)) > 1e-9
    ]
    return Change(
        name=measure.name,
        title=measure.title,
        before=measure.estimate(a for a, _ in counted).mean,
        after=measure.estimate(b for _, b in counted).mean,
        difference=difference,
        worse=tuple(sorted((f for f in flips if f.after < f.before), key=lambda f: f.after - f.before)),
        better=tuple(sorted((f for f in flips if f.after > f.before), key=lambda f: f.before - f.after)),
    )


def _auroc_change(pairs: Sequence[tuple[Score, Score]]) -> Change:
    truth, before = decision_values(a for a, _ in pairs)
    _, after = decision_values(b for _, b in pairs)
    old, new = auroc(truth, before), auroc(truth, after)
    difference = NOTHING
    if old.mean is not None and new.mean is not None:
        # Class sizes are the same, hence the draws: differences are paired.
        low, high = interval(np.asarray(auroc_draws(truth, after) - auroc_draws(truth, before)))
        difference = Estimate(new.mean - old.mean, low, high, len(truth))
    return Change("auroc", AUROC_TITLE, old.mean, new.mean, difference)
