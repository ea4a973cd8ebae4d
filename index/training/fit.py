"""Fitting ranking, selection and decision on held-out evidence (scikit-learn); plain numbers come out.

Everything is fitted on evidence from models that never saw the question at hand (`crossfit`), and each
figure is measured on folds that the fit itself did not see, but for the one threshold, which is chosen on all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from index.ranking.answerability import EVIDENCE_NAMES, Answerability, evidence
from index.ranking.asked import unmet
from index.ranking.features import TRAINED, passage_features
from index.ranking.ranker import Ranker
from index.ranking.selection import SET_NAMES, Selector, Set, candidates, overlap, set_features, utility
from index.ranking.signals import Layout, Signals
from index.ranking.trees import fit_trees
from index.ranking.words import WordWeights, word_features

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corpus import BankQuestion

# How far the weights of the decision may go (the inverse of the penalty), by cross-validation over the bank.
STRENGTH = 0.01
SEEDS = (0, 1, 2)
# The goals of the decision. A wrong decline costs a reader an answer that is there; a wrong answer shows
# passages that do not help: the first may be rarer by this much.
MOST_WRONG_DECLINES = 0.02
MOST_WRONG_ANSWERS = 0.05
LEAST_WORD_WEIGHT = 0.03


@dataclass(frozen=True)
class Fitted:
    """The fitted parts and their figures on folds that they did not see."""

    ranker: Ranker
    selector: Selector
    answerability: Answerability
    words: WordWeights
    figures: dict[str, Any]

    def to_numbers(self) -> dict[str, Any]:
        """Return what is stored in `ranking.json`."""
        return {
            "ranker": self.ranker.to_numbers(),
            "selector": self.selector.to_numbers(),
            "answerability": self.answerability.to_numbers(),
            "words": self.words.to_numbers(),
        }


@dataclass
class Cases:
    """Held-out evidence: `rows` of the bank and their signals, in the same order.

    `folds` (questions of the bank,) tells the part of every bank question.
    """

    rows: NDArray[np.int64]
    signals: list[Signals]
    layout: Layout
    folds: NDArray[np.int64]

    def __post_init__(self) -> None:
        layout = self.layout
        self.fold = self.folds[self.rows]
        self.questions = [layout.bank.questions[row] for row in self.rows]
        self.gold = [layout.gold[row] for row in self.rows]
        self.also = [layout.also[row] for row in self.rows]
        self.kinds = np.array([question.kind for question in self.questions])
        self.answerable = np.array([bool(gold) for gold in self.gold])
        self.features = np.stack([passage_features(s, layout, TRAINED) for s in self.signals])
        self.cosines = np.stack([np.concatenate([s.dense, s.null]) for s in self.signals])
        self.wanted = np.zeros(self.features.shape[:2], dtype=np.float32)
        self.counted = np.ones_like(self.wanted, dtype=bool)
        for i, (gold, also) in enumerate(zip(self.gold, self.also, strict=True)):
            self.wanted[i, list(gold)] = 1.0
            self.counted[i, list(also)] = False


def fit_all(cases: Cases) -> Fitted:
    """Fit ranking, selection, words and decision; figures come from parts that a fit did not see."""
    layout = cases.layout
    folds = np.unique(cases.fold)
    scores = np.zeros_like(cases.wanted)
    for fold in folds:
        ranker = _fit_ranker(cases, (cases.fold != fold) & cases.answerable)
        for i in np.flatnonzero(cases.fold == fold):
            scores[i] = ranker.probabilities(cases.features[i])
    sets = [candidates(s, layout, scores[i]) for i, s in enumerate(cases.signals)]
    tables = [
        set_features(sets[i], s, layout, cases.features[i], scores[i], TRAINED) for i, s in enumerate(cases.signals)
    ]
    chosen: list[Set] = [()] * len(sets)
    values = np.zeros(len(sets), dtype=np.float32)
    for fold in folds:
        selector = _fit_selector(cases, sets, tables, (cases.fold != fold) & cases.answerable)
        for i in np.flatnonzero(cases.fold == fold):
            marks = selector.values(tables[i])
            chosen[i] = sets[i][int(marks.argmax())]
            values[i] = float(marks.max())
    found = _evidence(cases, scores, chosen, values)
    probabilities = np.zeros(len(sets))
    for fold in folds:
        held = cases.fold == fold
        decision = _fit_answerability(cases, found, ~held)
        probabilities[held] = [decision.probability(found[i], cases.cosines[i]) for i in np.flatnonzero(held)]
    threshold = best_threshold(cases.answerable, probabilities)
    final = _fit_answerability(cases, found, np.ones(len(sets), dtype=bool))
    return Fitted(
        ranker=_fit_ranker(cases, cases.answerable),
        selector=_fit_selector(cases, sets, tables, cases.answerable),
        answerability=replace(final, threshold=round(threshold, 4)),
        words=fit_words(layout.bank.questions),
        figures=_figures(cases, chosen, probabilities, threshold),
    )


def best_threshold(answerable: NDArray[np.bool_], probabilities: NDArray[np.float64]) -> float:
    """Return the probability from which to answer, where both goals are missed, or outdone, by the same factor.

    Two curves that run against each other cross in one place: over resampled validation messages it moved by
    0.06 (standard deviation), where the best of a weighed sum, which is flat about its top, moved by 0.15.
    """
    found = np.unique(probabilities)
    wrong_declines = np.searchsorted(np.sort(probabilities[answerable]), found) / max(answerable.sum(), 1)
    wrong_answers = 1 - np.searchsorted(np.sort(probabilities[~answerable]), found) / max((~answerable).sum(), 1)
    crossed = wrong_declines / MOST_WRONG_DECLINES >= wrong_answers / MOST_WRONG_ANSWERS
    return float(found[int(crossed.argmax())] if crossed.any() else found[-1])


def _evidence(
    cases: Cases, scores: NDArray[np.float32], chosen: list[Set], values: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the evidence of each case; its words are weighed by parts that did not see them."""
    passages = cases.layout.guide.passages
    found = []
    bank = cases.layout.bank.questions
    words = {
        int(fold): fit_words([bank[row] for row in np.flatnonzero(cases.folds != fold)])
        for fold in np.unique(cases.fold)
    }
    for i, (signals, question) in enumerate(zip(cases.signals, cases.questions, strict=True)):
        asked = unmet(question.question, tuple(passages[order].text for order in chosen[i]))
        logit = words[int(cases.fold[i])].logit(question.question)
        found.append(evidence(signals, cases.layout, scores[i], float(values[i]), TRAINED, logit, asked))
    return np.stack(found)


def fit_words(questions: Sequence[BankQuestion]) -> WordWeights:
    """Fit what words say by themselves on some questions of the whole bank."""
    vectorizer = DictVectorizer()
    table = vectorizer.fit_transform([dict.fromkeys(word_features(q.question), 1.0) for q in questions])
    model = LogisticRegression(C=0.5, max_iter=2000).fit(table, [q.answerable for q in questions])
    names = vectorizer.get_feature_names_out()
    kept = {
        str(name): round(float(w), 3)
        for name, w in zip(names, model.coef_[0], strict=True)
        if abs(w) >= LEAST_WORD_WEIGHT
    }
    return WordWeights(kept, float(model.intercept_[0]))


def _fit_ranker(cases: Cases, rows: NDArray[np.bool_]) -> Ranker:
    features = cases.features[rows].reshape(-1, cases.features.shape[2])
    counted = cases.counted[rows].ravel()
    model = LogisticRegression(C=10.0, max_iter=1000).fit(features[counted], cases.wanted[rows].ravel()[counted])
    return Ranker(model.coef_[0].astype(np.float32), float(model.intercept_[0]))


def _fit_selector(
    cases: Cases, sets: list[list[Set]], tables: list[NDArray[np.float32]], rows: NDArray[np.bool_]
) -> Selector:
    """Fit trees to what each candidate set is worth; several seeds, averaged."""
    which = [int(i) for i in np.flatnonzero(rows) if sets[i]]
    worth = np.array([utility(chosen, cases.gold[i], cases.also[i]) for i in which for chosen in sets[i]])
    table = np.concatenate([tables[i] for i in which])
    trees = tuple(fit_trees(table, worth, seed) for seed in SEEDS)
    return Selector(np.zeros(len(SET_NAMES), dtype=np.float32), trees)


def _fit_answerability(cases: Cases, found: NDArray[np.float32], rows: NDArray[np.bool_]) -> Answerability:
    """Fit a logistic function to standardised evidence and cosines."""
    inputs = np.hstack([found, cases.cosines])
    mean, spread = inputs[rows].mean(axis=0), inputs[rows].std(axis=0) + 1e-6
    model = LogisticRegression(C=STRENGTH, max_iter=2000).fit((inputs[rows] - mean) / spread, cases.answerable[rows])
    weights = (model.coef_[0] / spread).astype(np.float32)
    count = found.shape[1]
    bias = float(model.intercept_[0] - weights[:count] @ mean[:count])
    return Answerability(weights[:count], weights[count:], mean[count:].astype(np.float32), bias, 0.5)


def _figures(cases: Cases, chosen: list[Set], probabilities: NDArray[np.float64], threshold: float) -> dict[str, Any]:
    rows = np.flatnonzero(cases.answerable)
    recall = np.array([len(set(chosen[i]) & set(cases.gold[i])) / len(cases.gold[i]) for i in rows])
    precision = np.array([len(set(chosen[i]) & set(cases.gold[i])) / max(1, len(chosen[i])) for i in rows])
    overlaps = np.array([overlap(chosen[i], cases.gold[i], cases.also[i]) for i in rows])
    declined = probabilities < threshold
    near = np.isin(cases.kinds, ("far", "smalltalk"), invert=True)
    return {
        "questions": len(cases.rows),
        "recall": round(float(recall.mean()), 4),
        "precision": round(float(precision.mean()), 4),
        "overlap": round(float(overlaps.mean()), 4),
        "complete": round(float((recall == 1).mean()), 4),
        "auroc": round(float(roc_auc_score(cases.answerable, probabilities)), 4),
        "auroc_near_misses": round(float(roc_auc_score(cases.answerable[near], probabilities[near])), 4),
        "answered": round(float((~declined[rows]).mean()), 4),
        "declined": {
            kind: round(float(declined[cases.kinds == kind].mean()), 4)
            for kind in ("near_miss", "far", "smalltalk")
            if (cases.kinds == kind).any()
        },
        "recall_by_kind": {
            str(kind): round(float(recall[cases.kinds[rows] == kind].mean()), 4)
            for kind in dict.fromkeys(cases.kinds[rows])
        },
        "evidence": list(EVIDENCE_NAMES),
    }
