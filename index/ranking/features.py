"""The explainable features of each passage for one question: what the ranker weighs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from index.ranking.signals import Layout, Signals

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAMES = (
    "similarity",  # cosine with the passage, in standard deviations over the passages
    "similarity_share",  # its share in a softmax over passages and classes that are no answer
    "neighbours",  # share of the nearest bank questions that cite it, nearer ones weigh more
    "neighbours_wide",  # the same with a flatter weighting
    "nearest",  # how near the nearest bank question that cites it is, 0 for the nearest of all
    "lexical",  # BM25 of its words and titles, 1 for the best passage
    "lexical_neighbours",  # share of the best bank questions by BM25 that cite it
    "siblings",  # mean share of neighbours of the passages of its section
    "title",  # 1 for a title
    "agreement",  # product of similarity share and neighbours
)
_FAR = -0.5


@dataclass(frozen=True, slots=True)
class Temperatures:
    """By what cosines are divided before a softmax; a smaller one gives the nearest more weight."""

    share: float
    near: float
    wide: float


# Cosines of the untrained model lie between 0.75 and 0.95, those of a trained one between -0.3 and 1.
UNTRAINED = Temperatures(0.02, 0.012, 0.04)
TRAINED = Temperatures(0.05, 0.04, 0.12)


def softmax(values: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """Return shares that sum to 1; an empty array stays empty."""
    if not len(values):
        return values
    raised = np.exp((values - values.max()) / temperature)
    shares: NDArray[np.float32] = (raised / raised.sum()).astype(np.float32)
    return shares


def neighbour_shares(signals: Signals, temperature: float) -> NDArray[np.float32]:
    """Return the weight of each near bank question; they sum to 1."""
    return softmax(signals.near_similarity, temperature)


def passage_features(signals: Signals, layout: Layout, temperatures: Temperatures) -> NDArray[np.float32]:
    """Return the features of every passage, of shape (passages, len(NAMES))."""
    count = len(signals.dense)
    features = np.zeros((count, len(NAMES)), dtype=np.float32)
    spread = float(signals.dense.std()) or 1.0
    features[:, 0] = (signals.dense - signals.dense.mean()) / spread
    features[:, 1] = softmax(np.concatenate([signals.dense, signals.null]), temperatures.share)[:count]
    if len(signals.near):
        cites = layout.cites[signals.near]
        features[:, 2] = neighbour_shares(signals, temperatures.near) @ cites
        features[:, 3] = neighbour_shares(signals, temperatures.wide) @ cites
        gaps = (signals.near_similarity - signals.near_similarity[0])[:, None]
        features[:, 4] = np.where(cites >= 1.0, gaps, _FAR).max(axis=0)
        features[:, 7] = layout.siblings @ features[:, 2]
    else:
        features[:, 4] = _FAR
    if len(signals.lexical) and signals.lexical.max() > 0:
        features[:, 5] = signals.lexical / signals.lexical.max()
    if len(signals.lexical_near):
        weights = signals.lexical_near_score**2
        features[:, 6] = (weights / weights.sum()) @ layout.cites[signals.lexical_near]
    features[:, 8] = layout.title
    features[:, 9] = features[:, 1] * features[:, 2]
    return features
