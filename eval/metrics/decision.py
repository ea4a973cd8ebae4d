"""The decision to answer, measured apart from what is cited: AUROC, the whole curve, calibration.

Positive is « the guide answers the question ». AUROC, its curve and the Brier score are scikit-learn's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.metrics.bootstrap import NOTHING, Estimate, draw_counts, interval

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of like confidence: the mean confidence, the share that the guide does answer, how many."""

    confidence: float
    share: float
    n: int


def auroc(answerable: Sequence[bool], confidence: Sequence[float]) -> Estimate:
    """Return the area under the ROC curve with its interval; undefined when one class is empty.

    Draws keep the two classes' sizes; each is weighted through the matrix of pairwise wins, which gives the
    exact area of every draw at once.
    """
    from sklearn.metrics import roc_auc_score

    truth, scores = np.asarray(answerable, dtype=bool), np.asarray(confidence, dtype=np.float64)
    positive, negative = scores[truth], scores[~truth]
    if positive.size == 0 or negative.size == 0:
        return NOTHING
    low, high = interval(auroc_draws(answerable, confidence))
    return Estimate(float(roc_auc_score(truth, scores)), low, high, truth.size)


def auroc_draws(answerable: Sequence[bool], confidence: Sequence[float]) -> NDArray[np.float64]:
    """Return the AUROC of each bootstrap draw; the same draws for the same class sizes."""
    truth, scores = np.asarray(answerable, dtype=bool), np.asarray(confidence, dtype=np.float64)
    positive, negative = scores[truth], scores[~truth]
    wins = (positive[:, None] > negative[None, :]) + 0.5 * (positive[:, None] == negative[None, :])
    left = draw_counts(positive.size)
    right = draw_counts(negative.size, seed=1)
    draws: NDArray[np.float64] = np.einsum("bp,pn,bn->b", left, wins, right, optimize=True)
    areas: NDArray[np.float64] = draws / (positive.size * negative.size)
    return areas


def decision_curve(answerable: Sequence[bool], confidence: Sequence[float]) -> list[dict[str, float]]:
    """Return, for each threshold on confidence, the share answered and the share declined.

    One point for each distinct threshold, from « answer everything » to « decline everything ».
    """
    from sklearn.metrics import roc_curve

    truth = np.asarray(answerable, dtype=bool)
    if truth.all() or not truth.any():
        return []
    wrong, right, thresholds = roc_curve(truth, np.asarray(confidence, dtype=np.float64), drop_intermediate=True)
    return [
        {"threshold": float(min(t, 1.0)), "answered": float(r), "declined": float(1 - w)}
        for t, r, w in zip(thresholds, right, wrong, strict=True)
    ][::-1]


def reliability(answerable: Sequence[bool], confidence: Sequence[float], bins: int = BINS) -> list[Bin]:
    """Return the reliability diagram's points: bins of equal width, empty ones left out."""
    truth, scores = np.asarray(answerable, dtype=np.float64), np.clip(np.asarray(confidence, dtype=np.float64), 0, 1)
    place = np.minimum((scores * bins).astype(int), bins - 1)
    points = []
    for number in range(bins):
        inside = place == number
        if inside.any():
            points.append(Bin(float(scores[inside].mean()), float(truth[inside].mean()), int(inside.sum())))
    return points


def calibration_error(answerable: Sequence[bool], confidence: Sequence[float], bins: int = BINS) -> float | None:
    """Return the expected calibration error (Naeini et al., 2015): mean gap by bin, weighted by size."""
    points = reliability(answerable, confidence, bins)
    total = sum(point.n for point in points)
    if not total:
        return None
    return sum(abs(point.confidence - point.share) * point.n for point in points) / total


def brier(answerable: Sequence[bool], confidence: Sequence[float]) -> float | None:
    """Return the mean squared gap between confidence and truth (scikit-learn's Brier score)."""
    from sklearn.metrics import brier_score_loss

    if not answerable:
        return None
    scores = np.clip(np.asarray(confidence, dtype=np.float64), 0, 1)
    return float(brier_score_loss(np.asarray(answerable, dtype=int), scores, pos_label=1))
