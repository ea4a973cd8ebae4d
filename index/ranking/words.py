"""What the words of a question say by themselves: a weighted sum over stems and pairs of stems.

Beside the encoder's view of the whole question, single words tell much about whether the guide answers
(« modèle », « téléphone », « Marseille »). Weights are fitted on the bank and kept as plain numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from corpus import folded
from index.analysis import analyse
from index.errors import TrainingError


def word_features(question: str) -> frozenset[str]:
    """Return the stems of a question, pairs that follow each other, and its opening words."""
    stems = analyse(question)
    plain = folded(question).replace("?", " ").split()
    opening = {f"^{' '.join(plain[:n])}" for n in (1, 2) if len(plain) >= n}
    # Stop words decide what is asked (« qui », « où », « combien »): the first level alone drops them.
    asked = {f"~{word}" for word in plain if len(word) <= 8}
    return frozenset({*stems, *(f"{a} {b}" for a, b in pairwise(stems)), *opening, *asked})


@dataclass(frozen=True)
class WordWeights:
    """A logistic function over the words of a question; positive weights speak for an answer."""

    weights: Mapping[str, float] = field(default_factory=dict)
    bias: float = 0.0

    @classmethod
    def from_numbers(cls, numbers: Mapping[str, Any]) -> WordWeights:
        """Read weights by word. Raises `TrainingError` when they cannot be used."""
        try:
            return cls({str(k): float(v) for k, v in numbers["weights"].items()}, float(numbers["bias"]))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise TrainingError(f"The trained word weights lack {error}. Run `python -m index train`.") from error

    def to_numbers(self) -> dict[str, Any]:
        """Return plain numbers by word."""
        return {"bias": round(self.bias, 4), "weights": dict(sorted(self.weights.items()))}

    def logit(self, question: str) -> float:
        """Return the log odds that the guide answers, by the words alone; 0 without training."""
        return self.bias + sum(self.weights.get(feature, 0.0) for feature in word_features(question))
