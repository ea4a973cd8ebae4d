"""A sum of small regression trees as plain numbers: fitted by scikit-learn, evaluated by numpy alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from index.errors import TrainingError

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAF = -1


@dataclass(frozen=True)
class Trees:
    """Trees side by side, each padded to the same number of nodes; all arrays are (trees, nodes).

    `feature` is the column that a node asks about, -1 for a leaf; values up to `threshold` go `left`.
    """

    base: float
    feature: NDArray[np.int16]
    threshold: NDArray[np.float64]
    left: NDArray[np.int16]
    right: NDArray[np.int16]
    value: NDArray[np.float64]
    depth: int

    @classmethod
    def from_numbers(cls, numbers: Mapping[str, Any]) -> Trees:
        """Read trees from plain numbers. Raises `TrainingError` when they are incomplete."""
        try:
            return cls(
                base=float(numbers["base"]),
                feature=np.array(numbers["feature"], dtype=np.int16),
                threshold=np.array(numbers["threshold"], dtype=np.float64),
                left=np.array(numbers["left"], dtype=np.int16),
                right=np.array(numbers["right"], dtype=np.int16),
                value=np.array(numbers["value"], dtype=np.float64),
                depth=int(numbers["depth"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise TrainingError(f"The trained trees lack {error}. Run `python -m index train`.") from error

    def to_numbers(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {
            "base": self.base,
            "depth": self.depth,
            "feature": self.feature.tolist(),
            "threshold": self.threshold.tolist(),
            "left": self.left.tolist(),
            "right": self.right.tolist(),
            "value": self.value.tolist(),
        }

    def predict(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the sum of all trees for each row of features."""
        trees = np.arange(len(self.feature))[:, None]
        nodes = np.zeros((len(self.feature), len(rows)), dtype=np.int64)
        columns = np.arange(len(rows))[None, :]
        for _ in range(self.depth):
            asked = self.feature[trees, nodes]
            inner = asked != LEAF
            goes_left = rows[columns, np.where(inner, asked, 0)] <= self.threshold[trees, nodes]
            below = np.where(goes_left, self.left[trees, nodes], self.right[trees, nodes])
            nodes = np.where(inner, below, nodes)
        total: NDArray[np.float64] = self.base + self.value[trees, nodes].sum(axis=0)
        return total


def fit_trees(
    rows: NDArray[np.float32],
    targets: NDArray[np.float64],
    seed: int = 0,
    *,
    count: int = 120,
    depth: int = 4,
    rate: float = 0.08,
    leaf: int = 60,
    columns: float = 1.0,
) -> Trees:
    """Fit gradient-boosted trees (Friedman, 2001) by scikit-learn and return them as plain numbers.

    `rate` is what each of `count` trees adds of its prediction; a leaf holds at least `leaf` rows; a split
    is chosen among a share of `columns` (0 to 1).
    """
    from sklearn.ensemble import GradientBoostingRegressor

    model = GradientBoostingRegressor(
        n_estimators=count, max_depth=depth, learning_rate=rate, subsample=0.5, min_samples_leaf=leaf,
        max_features=columns, random_state=seed,
    ).fit(rows, targets)  # fmt: skip
    grown = [estimator[0].tree_ for estimator in model.estimators_]
    widest = max(tree.node_count for tree in grown)

    def padded(values: list[Any], fill: float) -> NDArray[np.float64]:
        return np.array([np.pad(v, (0, widest - len(v)), constant_values=fill) for v in values], dtype=np.float64)

    ends = [tree.children_left == LEAF for tree in grown]
    return Trees(
        base=round(float(model.init_.constant_[0, 0]), 8),
        feature=padded([np.where(at, LEAF, t.feature) for at, t in zip(ends, grown, strict=True)], LEAF).astype(
            np.int16
        ),
        threshold=padded([np.where(at, 0.0, t.threshold) for at, t in zip(ends, grown, strict=True)], 0).round(7),
        left=padded([np.maximum(t.children_left, 0) for t in grown], 0).astype(np.int16),
        right=padded([np.maximum(t.children_right, 0) for t in grown], 0).astype(np.int16),
        value=(model.learning_rate * padded([t.value[:, 0, 0] for t in grown], 0)).round(8),
        depth=int(max(tree.max_depth for tree in grown)),
    )
