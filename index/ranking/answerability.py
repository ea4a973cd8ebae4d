"""How likely the guide answers a question: a calibrated logistic function over explainable evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from index.errors import TrainingError
from index.ranking.asked import FACTS
from index.ranking.features import Temperatures, neighbour_shares, softmax
from index.ranking.signals import Layout, Signals

if TYPE_CHECKING:
    from numpy.typing import NDArray

ANSWERABLE, NEAR_MISS, FAR, SMALLTALK = range(4)
EVIDENCE_NAMES = (
    "bank",  # share of near bank questions that the guide answers
    "bank_wide",  # the same with a flatter weighting
    "far",  # share of near bank questions that are far from the guide or small talk
    "classes",  # share of passages in a softmax over passages and classes that are no answer
    "far_classes",  # share of the far and small-talk classes in it
    "margin",  # log odds of passages against the other classes
    "nearest",  # cosine with the nearest bank question
    "nearest_gap",  # nearest answerable question's cosine less the nearest unanswerable one's
    "best",  # score of the best passage
    "selection",  # score of the set that would be cited
    "lexical",  # best BM25 over passages, log
    "lexical_bank",  # share of lexical neighbours that the guide answers
    "words",  # what the question's words say by themselves, log odds
    *(f"unmet_{fact}" for fact in FACTS),  # 1 when such a fact is asked and no chosen passage holds one
    *(f"met_{fact}" for fact in FACTS),  # 1 when it is asked and a chosen passage holds one
)
# By reason, for a guide that was never trained on: with a bank, what its neighbours say; without,
# the passage's own score.
UNTRAINED: dict[str, float] = {
    "bank": 3.0, "bank_wide": 1.0, "far": -2.5, "classes": 0.0, "far_classes": 0.0, "margin": 0.0, "nearest": 0.0,
    "nearest_gap": 12.0, "best": 2.5, "selection": 0.4, "lexical": 0.3, "lexical_bank": 0.8, "words": 0.0,
    **{f"unmet_{fact}": -0.5 for fact in FACTS}, **{f"met_{fact}": 0.0 for fact in FACTS},
}  # fmt: skip
UNTRAINED_BIAS = -3.0
_NO_GAP = 0.0
_NOTHING_ASKED = (0.0,) * len(FACTS)


def outcome_shares(signals: Signals, layout: Layout, temperature: float) -> NDArray[np.float32]:
    """Return the shares of near bank questions that are answerable, near misses, far, small talk."""
    shares = np.zeros(4, dtype=np.float32)
    if len(signals.near):
        np.add.at(shares, layout.outcome[signals.near], neighbour_shares(signals, temperature))
    return shares


def evidence(
    signals: Signals,
    layout: Layout,
    scores: NDArray[np.float32],
    selection: float,
    temperatures: Temperatures,
    words: float = 0.0,
    asked: Sequence[float] = (),
) -> NDArray[np.float32]:
    """Return the evidence on one question, of shape (len(EVIDENCE_NAMES),).

    `words` is the log odds of its words, `asked` what `asked.unmet` says of the chosen passages.
    """
    near = outcome_shares(signals, layout, temperatures.near)
    wide = outcome_shares(signals, layout, temperatures.wide)
    answered, far_classes, margin = 0.0, 0.0, 0.0
    if len(signals.null):
        shares = softmax(np.concatenate([signals.dense, signals.null]), temperatures.share)
        answered = float(shares[: len(signals.dense)].sum())
        far_classes = float(shares[-2:].sum())
        margin = float(np.clip(np.log(max(answered, 1e-6) / max(1 - answered, 1e-6)), -8, 8))
    lexical_bank = 0.0
    if len(signals.lexical_near):
        weights = signals.lexical_near_score**2
        lexical_bank = float(weights[layout.outcome[signals.lexical_near] == ANSWERABLE].sum() / weights.sum())
    answerable = layout.outcome[signals.near] == ANSWERABLE
    gap = _NO_GAP
    if answerable.any() and not answerable.all():
        gap = float(signals.near_similarity[answerable].max() - signals.near_similarity[~answerable].max())
    return np.array(
        [
            near[ANSWERABLE],
            wide[ANSWERABLE],
            near[FAR] + near[SMALLTALK],
            answered,
            far_classes,
            margin,
            float(signals.near_similarity[0]) if len(signals.near) else 0.0,
            gap,
            float(scores.max(initial=0.0)),
            selection,
            float(np.log1p(signals.lexical.max(initial=0.0))),
            lexical_bank,
            words,
            *(float(value > 0) for value in asked or _NOTHING_ASKED),
            *(float(value < 0) for value in asked or _NOTHING_ASKED),
        ],
        dtype=np.float32,
    )


@dataclass(frozen=True)
class Answerability:
    """Weights of the evidence and of the cosines with each class (may be empty), a bias, a threshold.

    `class_weights` and `class_means` have shape (classes,): the cosines with passages and with what is no
    answer. Cosines mean the same whichever run of training they come from; the coordinates of the
    question's vector do not: on models that the weights were not fitted on, they made the decision worse.
    """

    weights: NDArray[np.float32]
    class_weights: NDArray[np.float32]
    class_means: NDArray[np.float32]
    bias: float
    threshold: float

    @classmethod
    def untrained(cls) -> Answerability:
        """Return the decision for a guide without trained decision."""
        weights = np.array([UNTRAINED[name] for name in EVIDENCE_NAMES], dtype=np.float32)
        nothing = np.zeros(0, dtype=np.float32)
        return cls(weights, nothing, nothing, UNTRAINED_BIAS, 0.5)

    @classmethod
    def from_numbers(cls, numbers: Mapping[str, Any]) -> Answerability:
        """Read weights by name. Raises `TrainingError` when one is missing."""
        try:
            return cls(
                np.array([float(numbers["weights"][name]) for name in EVIDENCE_NAMES], dtype=np.float32),
                np.array(numbers["class_weights"], dtype=np.float32),
                np.array(numbers["class_means"], dtype=np.float32),
                float(numbers["bias"]),
                float(numbers["threshold"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise TrainingError(f"The trained decision lacks {error}. Run `python -m index train`.") from error

    def to_numbers(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {
            "weights": {n: float(w) for n, w in zip(EVIDENCE_NAMES, self.weights, strict=True)},
            "class_weights": [round(float(w), 5) for w in self.class_weights],
            "class_means": [round(float(w), 5) for w in self.class_means],
            "bias": self.bias,
            "threshold": self.threshold,
        }

    def probability(self, values: NDArray[np.float32], cosines: NDArray[np.float32]) -> float:
        """Return the probability (0 to 1) that the guide answers.

        `cosines` are those with each class; a guide with other passages than those trained on is judged
        by the evidence alone.
        """
        logit = float(values @ self.weights) + self.bias
        if len(self.class_weights) == len(cosines):
            logit += float((cosines - self.class_means) @ self.class_weights)
        return float(1.0 / (1.0 + np.exp(-np.clip(logit, -30.0, 30.0))))
