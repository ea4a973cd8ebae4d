"""From features to the probability that a passage belongs in the answer: a logistic function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from index.errors import TrainingError
from index.ranking.features import NAMES

if TYPE_CHECKING:
    from numpy.typing import NDArray

# For a guide whose ranking was never trained: chosen by reason, not by any evaluation data.
UNTRAINED: dict[str, float] = {
    "similarity": 0.5,
    "similarity_share": 1.0,
    "neighbours": 3.0,
    "neighbours_wide": 1.5,
    "nearest": 1.0,
    "lexical": 1.2,
    "lexical_neighbours": 1.0,
    "siblings": 0.3,
    "title": -0.6,
    "agreement": 1.0,
}
UNTRAINED_BIAS = -4.2


def sigmoid(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the logistic function of each value."""
    raised = np.exp(-np.clip(values, -30, 30))
    return (1.0 / (1.0 + raised)).astype(np.float32)


@dataclass(frozen=True)
class Ranker:
    """Weights of the features, in the order of `NAMES`, and a bias."""

    weights: NDArray[np.float32]
    bias: float

    @classmethod
    def untrained(cls) -> Ranker:
        """Return the ranker for a guide without trained ranking."""
        return cls(np.array([UNTRAINED[name] for name in NAMES], dtype=np.float32), UNTRAINED_BIAS)

    @classmethod
    def from_numbers(cls, numbers: Mapping[str, Any]) -> Ranker:
        """Read weights by feature name. Raises `TrainingError` when a feature is missing."""
        try:
            weights = np.array([float(numbers["weights"][name]) for name in NAMES], dtype=np.float32)
            return cls(weights, float(numbers["bias"]))
        except (KeyError, TypeError, ValueError) as error:
            raise TrainingError(
                f"The trained ranking lacks {error}. Run `python -m index train` with this version."
            ) from error

    def to_numbers(self) -> dict[str, Any]:
        """Return plain numbers by feature name."""
        return {"weights": {n: float(w) for n, w in zip(NAMES, self.weights, strict=True)}, "bias": self.bias}

    def probabilities(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the probability of each row of features."""
        return sigmoid(features @ self.weights + self.bias)

    def contributions(self, features: NDArray[np.float32]) -> dict[str, float]:
        """Return what each feature of one passage adds to the logit."""
        return {n: float(w * f) for n, w, f in zip(NAMES, self.weights, features, strict=True)}
