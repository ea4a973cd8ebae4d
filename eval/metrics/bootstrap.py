"""Percentile bootstrap intervals (Efron, 1979), vectorised and seeded.

Units that depend on each other, as the turns of one dialogue do, are drawn together: each draw takes whole
clusters (Field & Welsh, 2007), and a mean is a ratio of sums over the clusters drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
LEVEL = 0.95
SEED = 20240607
_CHUNK = 250


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with the bounds of its 95 % interval, over `n` units; all None when there are no units."""

    mean: float | None
    low: float | None
    high: float | None
    n: int

    def to_dict(self) -> dict[str, Any]:
        """Return the estimate as plain JSON types."""
        return asdict(self)


NOTHING = Estimate(None, None, None, 0)


def mean_interval(
    values: Sequence[float],
    clusters: Sequence[str] | None = None,
    weights: Sequence[float] | None = None,
    *,
    seed: int = SEED,
) -> Estimate:
    """Return the mean of values with its interval.

    With `weights`, the mean is sum(values) / sum(weights): a share of things counted by question.
    `clusters` names the cluster of each value; without it each value is its own.
    """
    top = np.asarray(values, dtype=np.float64)
    bottom = np.ones_like(top) if weights is None else np.asarray(weights, dtype=np.float64)
    if top.size == 0 or bottom.sum() == 0:
        return NOTHING
    sums, counts = _by_cluster(top, bottom, clusters)
    means = _resampled_ratio(sums, counts, seed)
    low, high = interval(means)
    return Estimate(float(top.sum() / bottom.sum()), low, high, round(float(bottom.sum())))


def paired_interval(
    before: Sequence[float],
    after: Sequence[float],
    clusters: Sequence[str] | None = None,
    before_weights: Sequence[float] | None = None,
    after_weights: Sequence[float] | None = None,
    *,
    seed: int = SEED,
) -> Estimate:
    """Return the difference of two means (after - before) on the same units, with its interval.

    The same clusters are drawn for both, so that what is common to both runs cancels out.
    """
    if len(before) != len(after):
        raise ValueError("paired runs must hold the same units")
    old, new = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    old_weights = np.ones_like(old) if before_weights is None else np.asarray(before_weights, dtype=np.float64)
    new_weights = np.ones_like(new) if after_weights is None else np.asarray(after_weights, dtype=np.float64)
    if old.size == 0 or old_weights.sum() == 0 or new_weights.sum() == 0:
        return NOTHING
    first = _resampled_ratio(*_by_cluster(old, old_weights, clusters), seed)
    second = _resampled_ratio(*_by_cluster(new, new_weights, clusters), seed)
    low, high = interval(second - first)
    difference = new.sum() / new_weights.sum() - old.sum() / old_weights.sum()
    return Estimate(float(difference), low, high, old.size)


def interval(draws: NDArray[np.float64]) -> tuple[float | None, float | None]:
    """Return the 2.5 % and 97.5 % quantiles of bootstrap draws, undefined draws left out."""
    defined = draws[~np.isnan(draws)]
    if defined.size == 0:
        return None, None
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return float(low), float(high)


def draw_counts(size: int, seed: int = SEED, resamples: int = RESAMPLES) -> NDArray[np.float64]:
    """Return how often each of `size` units is drawn, of shape (resamples, size); rows sum to `size`."""
    source = np.random.default_rng(seed)
    return source.multinomial(size, np.full(size, 1 / size), size=resamples).astype(np.float64)


def _by_cluster(
    top: NDArray[np.float64], bottom: NDArray[np.float64], clusters: Sequence[str] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if clusters is None:
        return top, bottom
    names, places = np.unique(np.asarray(clusters), return_inverse=True)
    sums, counts = (np.bincount(places, values, names.size).astype(np.float64) for values in (top, bottom))
    return sums, counts


def _resampled_ratio(sums: NDArray[np.float64], counts: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    source = np.random.default_rng(seed)
    size = sums.size
    ratios = []
    for start in range(0, RESAMPLES, _CHUNK):
        drawn = source.integers(0, size, size=(min(_CHUNK, RESAMPLES - start), size))
        total = counts[drawn].sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            ratios.append(np.where(total > 0, sums[drawn].sum(axis=1) / total, np.nan))
    return np.concatenate(ratios)
