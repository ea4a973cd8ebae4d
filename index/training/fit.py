"""Fitting ranking, selection and decision on held-out evidence (scikit-learn); plain numbers come out.

Everything is fitted on evidence from models that never saw the question at hand (`crossfit`), and each
figure is measured on folds that the fit itself did not see.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from index.ranking.answerability import EVIDENCE_NAMES, Answerability, evidence
from index.ranking.features import TRAINED, passage_features
from index.ranking.ranker import Ranker
from index.ranking.selection import SET_NAMES, Selector, Set, candidates, overlap, set_features, utility
from index.ranking.signals import Layout, Signals
from index.ranking.trees import fit_trees

if TYPE_CHECKING:
    from numpy.typing import NDArray

VECTOR_SCALE = 8.0
RIGHT_ANSWERS = 0.95


@dataclass(frozen=True)
class Fitted:
    """The fitted parts and their figures on folds that they did not see."""

    ranker: Ranker
    selector: Selector
    answerability: Answerability
    figures: dict[str, Any]

    def to_numbers(self) -> dict[str, Any]:
        """Return what is stored in `ranking.json`."""
        return {
            "ranker": self.ranker.to_numbers(),
            "selector": self.selector.to_numbers(),
            "answerability": self.answerability.to_numbers(),
        }


@dataclass
class _Cases:
    """Held-out evidence of all questions with what is computed from it along the way."""

    signals: list[Signals]
    layout: Layout
    folds: NDArray[np.int64]
    vectors: NDArray[np.float32]

    def __post_init__(self) -> None:
        self.features = np.stack([passage_features(s, self.layout, TRAINED) for s in self.signals])
        self.answerable = np.array([bool(gold) for gold in self.layout.gold])
        count = self.features.shape[1]
        self.gold = np.zeros((len(self.signals), count), dtype=np.float32)
        self.counted = np.ones_like(self.gold, dtype=bool)
        for row in range(len(self.signals)):
            self.gold[row, list(self.layout.gold[row])] = 1.0
            self.counted[row, list(self.layout.also[row])] = False


def fit_all(signals: list[Signals], layout: Layout, folds: NDArray[np.int64], vectors: NDArray[np.float32]) -> Fitted:
    """Fit ranking, selection and decision; `vectors` are each question's held-out vectors."""
    cases = _Cases(signals, layout, folds, vectors)
    scores = np.zeros_like(cases.gold)
    for fold in np.unique(folds):
        held = folds == fold
        ranker = _fit_ranker(cases, ~held & cases.answerable)
        for row in np.flatnonzero(held):
            scores[row] = ranker.probabilities(cases.features[row])
    sets = [candidates(s, layout, scores[row]) for row, s in enumerate(signals)]
    tables = [
        set_features(sets[row], s, layout, cases.features[row], scores[row], TRAINED) for row, s in enumerate(signals)
    ]
    chosen: list[Set] = [()] * len(signals)
    values = np.zeros(len(signals), dtype=np.float32)
    for fold in np.unique(folds):
        selector = _fit_selector(cases, sets, tables, (folds != fold) & cases.answerable)
        for row in np.flatnonzero(folds == fold):
            marks = selector.values(tables[row])
            chosen[row] = sets[row][int(marks.argmax())]
            values[row] = float(marks.max())
    found = np.stack([evidence(s, layout, scores[r], float(values[r]), TRAINED) for r, s in enumerate(signals)])
    probabilities = np.zeros(len(signals))
    for fold in np.unique(folds):
        held = folds == fold
        decision = _fit_answerability(cases, found, ~held)
        probabilities[held] = [decision.probability(found[r], vectors[r]) for r in np.flatnonzero(held)]
    final = _fit_answerability(cases, found, np.ones(len(signals), dtype=bool))
    threshold = float(np.quantile(probabilities[cases.answerable], 1 - RIGHT_ANSWERS))
    final = Answerability(final.weights, final.vector_weights, final.bias, round(threshold, 4))
    return Fitted(
        ranker=_fit_ranker(cases, cases.answerable),
        selector=_fit_selector(cases, sets, tables, cases.answerable),
        answerability=final,
        figures=_figures(cases, chosen, probabilities, threshold),
    )


def _fit_ranker(cases: _Cases, rows: NDArray[np.bool_]) -> Ranker:
    features = cases.features[rows].reshape(-1, cases.features.shape[2])
    counted = cases.counted[rows].ravel()
    model = LogisticRegression(C=10.0, max_iter=1000).fit(features[counted], cases.gold[rows].ravel()[counted])
    return Ranker(model.coef_[0].astype(np.float32), float(model.intercept_[0]))


def _fit_selector(
    cases: _Cases, sets: list[list[Set]], tables: list[NDArray[np.float32]], rows: NDArray[np.bool_]
) -> Selector:
    """Fit trees to what each candidate set is worth."""
    which = [int(row) for row in np.flatnonzero(rows) if sets[row]]
    layout = cases.layout
    worth = [utility(chosen, layout.gold[row], layout.also[row]) for row in which for chosen in sets[row]]
    trees = fit_trees(np.concatenate([tables[row] for row in which]), np.array(worth))
    return Selector(np.zeros(len(SET_NAMES), dtype=np.float32), trees)


def _fit_answerability(cases: _Cases, found: NDArray[np.float32], rows: NDArray[np.bool_]) -> Answerability:
    mean, spread = found[rows].mean(axis=0), found[rows].std(axis=0) + 1e-6
    inputs = np.hstack([(found[rows] - mean) / spread, cases.vectors[rows] * VECTOR_SCALE])
    model = LogisticRegression(C=0.05, max_iter=2000).fit(inputs, cases.answerable[rows])
    weights = model.coef_[0][: found.shape[1]] / spread
    bias = float(model.intercept_[0] - (weights * mean).sum())
    return Answerability(
        weights.astype(np.float32), (model.coef_[0][found.shape[1] :] * VECTOR_SCALE).astype(np.float32), bias, 0.5
    )


def _figures(cases: _Cases, chosen: list[Set], probabilities: NDArray[np.float64], threshold: float) -> dict[str, Any]:
    layout = cases.layout
    rows = np.flatnonzero(cases.answerable)
    recall = np.array([len(set(chosen[r]) & set(layout.gold[r])) / len(layout.gold[r]) for r in rows])
    precision = np.array([len(set(chosen[r]) & set(layout.gold[r])) / max(1, len(chosen[r])) for r in rows])
    overlaps = np.array([overlap(chosen[r], layout.gold[r], layout.also[r]) for r in rows])
    declined = probabilities < threshold
    kinds = np.array([question.kind for question in layout.bank.questions])
    return {
        "questions": len(layout.gold),
        "recall": round(float(recall.mean()), 4),
        "precision": round(float(precision.mean()), 4),
        "overlap": round(float(overlaps.mean()), 4),
        "complete": round(float((recall == 1).mean()), 4),
        "auroc": round(float(roc_auc_score(cases.answerable, probabilities)), 4),
        "answered": round(float((~declined[rows]).mean()), 4),
        "declined": {
            kind: round(float(declined[kinds == kind].mean()), 4)
            for kind in ("near_miss", "far", "smalltalk")
            if (kinds == kind).any()
        },
        "recall_by_kind": {
            str(kind): round(float(recall[kinds[rows] == kind].mean()), 4) for kind in dict.fromkeys(kinds[rows])
        },
        "evidence": list(EVIDENCE_NAMES),
    }
