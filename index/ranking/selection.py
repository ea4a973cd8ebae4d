"""Which passages, and how many, answer a question: a choice among whole sets of passages.

Candidates are the sets that near bank questions cite, the best single passages, the sections and title
lists they belong to. Each candidate is scored by a linear function of explainable features; the best
one is cited, in reading order. This lets « the single right bullet », « the whole facet », « the same
facet of two forms » and « the list of titles » compete on equal terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from index.errors import TrainingError
from index.ranking.features import Temperatures, neighbour_shares
from index.ranking.signals import Layout, Signals
from index.ranking.trees import Trees

if TYPE_CHECKING:
    from numpy.typing import NDArray

Set = tuple[int, ...]
SET_NAMES = (
    "exact",  # share of near bank questions that cite exactly this set
    "exact_wide",  # the same with a flatter weighting
    "agreement",  # mean overlap (F1) with what near bank questions cite, by their shares
    "agreement_wide",
    "inside",  # mean score of its passages
    "weakest",  # lowest score among its passages
    "outside",  # highest score among the others
    "mass",  # share of all scores that lies inside
    "expected",  # expected F1 if passages were right independently of each other
    "single",  # 1 for one passage
    "size",  # log of the number of passages
    "known",  # 1 if some bank question cites exactly this set
    "lexical",  # mean BM25 share of its passages
)
NEIGHBOUR_SETS = 24
SINGLES = 4
LARGEST = 14
RECALL_WEIGHT = 0.55
# For a guide whose selection was never trained: by reason, not by any evaluation data.
UNTRAINED: dict[str, float] = {
    "exact": 0.6, "exact_wide": 0.2, "agreement": 1.0, "agreement_wide": 0.4, "inside": 0.3, "weakest": 0.3,
    "outside": -0.4, "mass": 0.3, "expected": 0.8, "single": 0.05, "size": 0.0, "known": 0.05, "lexical": 0.1,
}  # fmt: skip


def overlap(chosen: Set, gold: Iterable[int], also: Iterable[int] = ()) -> float:
    """Return the F1 of a chosen set against gold passages; acceptable extras count neither way."""
    wanted, free = set(gold), set(also)
    counted = [p for p in chosen if p in wanted or p not in free]
    right = sum(1 for p in counted if p in wanted)
    return 2 * right / (len(counted) + len(wanted)) if counted and wanted else 0.0


def utility(chosen: Set, gold: tuple[int, ...], also: tuple[int, ...]) -> float:
    """Return what a choice is worth, 0 to 1: recall and precision, acceptable extras free."""
    wanted, free = set(gold), set(also)
    counted = [p for p in chosen if p in wanted or p not in free]
    right = sum(p in wanted for p in counted)
    if not right:
        return 0.0
    return RECALL_WEIGHT * right / len(wanted) + (1 - RECALL_WEIGHT) * right / len(counted)


def candidates(signals: Signals, layout: Layout, scores: NDArray[np.float32]) -> list[Set]:
    """Return the distinct sets that compete for a question, each in reading order."""
    found: dict[Set, None] = {}
    for row in signals.near[:NEIGHBOUR_SETS]:
        if layout.gold[row]:
            found.setdefault(tuple(sorted(layout.gold[row])))
    best = [int(i) for i in np.argsort(-scores, kind="stable")[:SINGLES]]
    for order in best:
        found.setdefault((order,))
    for order in best:
        for members in (layout.section_of(order), layout.titles_beside(order)):
            if 1 < len(members) <= LARGEST:
                found.setdefault(members)
    found.setdefault(tuple(sorted(best[:2])))
    above = tuple(int(i) for i in np.flatnonzero(scores >= max(0.3, 0.5 * float(scores.max(initial=0.0)))))
    if 1 < len(above) <= LARGEST:
        found.setdefault(above)
    return [chosen for chosen in found if chosen]


def set_features(
    sets: list[Set],
    signals: Signals,
    layout: Layout,
    features: NDArray[np.float32],
    scores: NDArray[np.float32],
    temperatures: Temperatures,
) -> NDArray[np.float32]:
    """Return the features of each candidate, of shape (candidates, len(SET_NAMES))."""
    table = np.zeros((len(sets), len(SET_NAMES)), dtype=np.float32)
    rows = [int(r) for r in signals.near if layout.gold[r]]
    answerable = np.array([bool(layout.gold[r]) for r in signals.near], dtype=bool)
    near = neighbour_shares(signals, temperatures.near)[answerable]
    wide = neighbour_shares(signals, temperatures.wide)[answerable]
    near, wide = near / max(near.sum(), 1e-6), wide / max(wide.sum(), 1e-6)
    golds = [tuple(sorted(layout.gold[r])) for r in rows]
    distinct: dict[Set, list[int]] = {}
    for i, gold in enumerate(golds):
        distinct.setdefault(gold, []).append(i)
    near_by_gold = {gold: float(near[at].sum()) for gold, at in distinct.items()}
    wide_by_gold = {gold: float(wide[at].sum()) for gold, at in distinct.items()}
    total = float(scores.sum()) or 1.0
    for i, chosen in enumerate(sets):
        inside = scores[list(chosen)]
        others = np.delete(scores, list(chosen))
        mass = float(inside.sum())
        table[i] = (
            near_by_gold.get(chosen, 0.0),
            wide_by_gold.get(chosen, 0.0),
            sum(weight * overlap(chosen, gold) for gold, weight in near_by_gold.items() if weight > 1e-3),
            sum(weight * overlap(chosen, gold) for gold, weight in wide_by_gold.items() if weight > 1e-3),
            float(inside.mean()),
            float(inside.min()),
            float(others.max(initial=0.0)),
            mass / total,
            2 * mass / (len(chosen) + total),
            float(len(chosen) == 1),
            float(np.log(len(chosen))),
            float(chosen in distinct or chosen in layout.known_sets),
            float(features[list(chosen), 5].mean()),
        )
    return table


@dataclass(frozen=True)
class Selector:
    """Chooses the set of passages to cite, by trees when trained, else by a weighted sum.

    Trees score what a set is expected to be worth (0 to 1: recall and precision together).
    """

    weights: NDArray[np.float32]
    trees: Trees | None = None

    @classmethod
    def untrained(cls) -> Selector:
        """Return the selector for a guide without trained selection."""
        return cls(np.array([UNTRAINED[name] for name in SET_NAMES], dtype=np.float32))

    @classmethod
    def from_numbers(cls, numbers: Mapping[str, Any]) -> Selector:
        """Read trees over named features. Raises `TrainingError` when they do not fit this version."""
        if list(numbers.get("features", ())) != list(SET_NAMES):
            raise TrainingError("The trained selection weighs other features. Run `python -m index train`.")
        return cls(np.zeros(len(SET_NAMES), dtype=np.float32), Trees.from_numbers(numbers["trees"]))

    def to_numbers(self) -> dict[str, Any]:
        """Return plain numbers by feature name."""
        return {"features": list(SET_NAMES), "trees": self.trees.to_numbers() if self.trees else {}}

    def values(self, table: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the score of each candidate, given their features."""
        if self.trees is not None:
            return self.trees.predict(table)
        return (table @ self.weights).astype(np.float64)

    def select(
        self,
        signals: Signals,
        layout: Layout,
        features: NDArray[np.float32],
        scores: NDArray[np.float32],
        temperatures: Temperatures,
    ) -> tuple[Set, float]:
        """Return the chosen passages in reading order, and the choice's score."""
        sets = candidates(signals, layout, scores)
        if not sets:
            return (), 0.0
        values = self.values(set_features(sets, signals, layout, features, scores, temperatures))
        best = int(values.argmax())
        return sets[best], float(values[best])
