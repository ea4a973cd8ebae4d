"""Evidence for every bank question from models that never saw it: the ground for ranking and deciding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from corpus import Guide
from index.lexical import LexicalIndex
from index.ranking.signals import LEXICAL_NEIGHBOURS, NEIGHBOURS, Layout, Signals

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class FoldVectors:
    """What one fold's model gives: unit vectors of all questions, and the learned class vectors."""

    questions: NDArray[np.float32]
    classes: NDArray[np.float32]


def held_out_signals(
    guide: Guide, layout: Layout, folds: NDArray[np.int64], vectors: Sequence[FoldVectors], rows: NDArray[np.int64]
) -> list[Signals]:
    """Return the evidence for some rows of the bank, with their own fold's questions out of sight."""
    count = len(guide.passages)
    places = LexicalIndex.build([guide.place(passage) for passage in guide.passages])
    words = LexicalIndex.build([question.text for question in layout.bank.questions])
    found = []
    for row in rows:
        question = layout.bank.questions[row]
        fold = int(folds[row])
        model = vectors[fold]
        vector = model.questions[row]
        similarity = model.questions @ vector
        similarity[folds == fold] = -2.0
        near = np.argsort(-similarity, kind="stable")[:NEIGHBOURS]
        scores = words.scores(question.text).copy()
        scores[folds == fold] = 0.0
        best = np.argsort(-scores, kind="stable")[:LEXICAL_NEIGHBOURS]
        best = best[scores[best] > 0]
        cosines = model.classes @ vector
        found.append(
            Signals(
                dense=cosines[:count],
                null=cosines[count:],
                near=near,
                near_similarity=similarity[near],
                lexical=places.scores(question.text),
                lexical_near=best,
                lexical_near_score=scores[best],
            )
        )
    return found
