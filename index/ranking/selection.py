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
    "form",  # 0 one text, 1 one title, 2 titles, 3 a whole section, 4 several of one part, 5 of several parts
    "parts",  # number of parts of the guide that it draws on
    "sections",  # number of sections
    "titles",  # share of titles
    "lead",  # mean score inside less the highest outside
    "second",  # second best score over the best, whatever the set
    "third",
    "nearest",  # cosine with the nearest bank question, whatever the set
    "exact_gap",  # nearest bank question that cites exactly this set, less the nearest of all
    "share",  # sum of the passages' similarity shares
    "share_weakest",
    "lexical_neighbours",  # mean share of lexical neighbours that cite its passages
)
NEIGHBOUR_SETS = 24
SINGLES = 4
LARGEST = 14
RECALL_WEIGHT = 0.55
# For a guide whose selection was never trained: by reason, not by any evaluation data.
UNTRAINED: dict[str, float] = {
    "exact": 0.6, "exact_wide": 0.2, "agreement": 1.0, "agreement_wide": 0.4, "inside": 0.3, "weakest": 0.3,
    "outside": -0.4, "mass": 0.3, "expected": 0.8, "single": 0.05, "size": 0.0, "known": 0.05, "lexical": 0.1,
    "form": 0.0, "parts": 0.0, "sections": 0.0, "titles": 0.0, "lead": 0.0, "second": 0.0, "third": 0.0,
    "nearest": 0.0, "exact_gap": 0.0, "share": 0.0, "share_weakest": 0.0, "lexical_neighbours": 0.0,
}  # fmt: skip
_NEVER_CITED = -1.0


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
    # Neighbours come nearest first: the first of a set is the nearest that cites it.
    cosines = signals.near_similarity[answerable]
    nearest_by_gold = {gold: float(cosines[at[0]]) for gold, at in distinct.items()}
    nearest = float(signals.near_similarity[0]) if len(signals.near) else 0.0
    total = float(scores.sum()) or 1.0
    ranked = np.sort(scores)[::-1][:3]
    best = max(float(ranked[0]), 1e-6)
    for i, chosen in enumerate(sets):
        members = list(chosen)
        inside = scores[members]
        mass = float(inside.sum())
        outside = float(np.delete(scores, members).max(initial=0.0))
        table[i] = (
            near_by_gold.get(chosen, 0.0),
            wide_by_gold.get(chosen, 0.0),
            sum(weight * overlap(chosen, gold) for gold, weight in near_by_gold.items() if weight > 1e-3),
            sum(weight * overlap(chosen, gold) for gold, weight in wide_by_gold.items() if weight > 1e-3),
            float(inside.mean()),
            float(inside.min()),
            outside,
            mass / total,
            2 * mass / (len(chosen) + total),
            float(len(chosen) == 1),
            float(np.log(len(chosen))),
            float(chosen in distinct or chosen in layout.known_sets),
            float(features[members, 5].mean()),
            float(_form(chosen, layout)),
            float(len(set(layout.top[members].tolist()))),
            float(len(set(layout.section[members].tolist()))),
            float(layout.title[members].mean()),
            float(inside.mean()) - outside,
            float(ranked[1]) / best if len(ranked) > 1 else 0.0,
            float(ranked[2]) / best if len(ranked) > 2 else 0.0,
            nearest,
            nearest_by_gold.get(chosen, _NEVER_CITED) - nearest,
            float(features[members, 1].sum()),
            float(features[members, 1].min()),
            float(features[members, 6].mean()),
        )
    return table


def _form(chosen: Set, layout: Layout) -> int:
    titles = layout.title[list(chosen)]
    if len(chosen) == 1:
        return int(titles[0])
    if titles.all():
        return 2
    if chosen in layout.whole_sections:
        return 3
    return 4 if len(set(layout.top[list(chosen)].tolist())) == 1 else 5


@dataclass(frozen=True)
class Selector:
    """Chooses the set of passages to cite, by trees when trained, else by a weighted sum.

    Trees score what a set is expected to be worth (0 to 1: recall and precision together).
    """

    weights: NDArray[np.float32]
    trees: tuple[Trees, ...] = ()

    @classmethod
    def untrained(cls) -> Selector:
        """Return the selector for a guide without trained selection."""
        return cls(np.array([UNTRAINED[name] for name in SET_NAMES], dtype=np.float32))

    @classmethod
    def from_numbers(cls, numbers: Mapping[str, Any]) -> Selector:
        """Read trees over named features. Raises `TrainingError` when they do not fit this version."""
        if list(numbers.get("features", ())) != list(SET_NAMES):
            raise TrainingError("The trained selection weighs other features. Run `python -m index train`.")
        grown = tuple(Trees.from_numbers(trees) for trees in numbers.get("trees", ()))
        if not grown:
            raise TrainingError("The trained selection holds no trees. Run `python -m index train`.")
        return cls(np.zeros(len(SET_NAMES), dtype=np.float32), grown)

    def to_numbers(self) -> dict[str, Any]:
        """Return plain numbers by feature name."""
        return {"features": list(SET_NAMES), "trees": [trees.to_numbers() for trees in self.trees]}

    def values(self, table: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the score of each candidate, given their features."""
        if self.trees:
            mean: NDArray[np.float64] = np.mean([trees.predict(table) for trees in self.trees], axis=0)
            return mean
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
