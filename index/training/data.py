"""The bank as training data: texts, the classes that they should be near to, folds."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus import BankQuestion, Guide, QuestionBank, QuoteResolver, fold_accents, normal_form
from index.errors import TrainingError

FOLDS = 3
ALSO_WEIGHT = 0.25
_TYPO_KEYS = "azertyuiopqsdfghjklmwxcvbn"


@dataclass(frozen=True)
class TrainingData:
    """Questions and their target classes.

    Classes are, in order: the guide's passages, one near-miss class for each passage, one class for
    far questions, one for small talk. `targets` has shape (questions, classes); rows sum to 1.
    """

    questions: tuple[BankQuestion, ...]
    targets: NDArray[np.float32]
    passages: int

    @property
    def classes(self) -> int:
        """Return the number of classes."""
        return 2 * self.passages + 2


def training_data(guide: Guide, bank: QuestionBank) -> TrainingData:
    """Turn a bank into training data.

    Raises:
        TrainingError: the bank is too small, or a question cites what is no passage.
    """
    if len(bank.answerable) < 2 * len(guide.passages):
        raise TrainingError(
            f"The bank of « {guide.slug} » has {len(bank.answerable)} answerable questions for "
            f"{len(guide.passages)} passages. Two a passage are the least to train on: grow it first."
        )
    resolver = QuoteResolver(guide)
    count = len(guide.passages)
    targets = np.zeros((len(bank.questions), 2 * count + 2), dtype=np.float32)
    for row, question in enumerate(bank.questions):
        if question.answerable:
            gold = resolver.all_of(question.quotes)
            if len(gold) != len(question.quotes):
                raise TrainingError(f"{question.where}: a quote is no passage. Run `python -m corpus check`.")
            targets[row, [p.order for p in gold]] = 1.0
            for passage in resolver.all_of(question.also):
                targets[row, passage.order] = max(targets[row, passage.order], ALSO_WEIGHT)
        elif question.kind == "near_miss":
            near = resolver.find(question.near)
            targets[row, count + near.order if near else 2 * count] = 1.0
        else:
            targets[row, 2 * count + (question.kind == "smalltalk")] = 1.0
    targets /= targets.sum(axis=1, keepdims=True)
    return TrainingData(bank.questions, targets, count)


def fold_of(name: str, folds: int = FOLDS) -> int:
    """Return the fold of a question by its words, or of a dialogue by its id: it stays when the bank grows."""
    return int(hashlib.sha256(normal_form(name).encode()).hexdigest()[:8], 16) % folds


def folds_of(questions: Sequence[BankQuestion], folds: int = FOLDS) -> NDArray[np.int64]:
    """Return the fold of each question; those of one dialogue share theirs."""
    return np.array([fold_of(question.group or question.question, folds) for question in questions])


def disturb(text: str, random_source: random.Random) -> str:
    """Return a text as someone in a hurry would write it: no accents, no capitals, a typo, no marks."""
    if random_source.random() < 0.5:
        text = fold_accents(text)
    if random_source.random() < 0.6:
        text = text.lower()
    if random_source.random() < 0.5:
        text = text.replace("?", "").replace("’", " ").replace("'", " ").strip()
    for _ in range(random_source.choice((0, 1, 1, 2))):
        if len(text) > 12:
            at = random_source.randrange(1, len(text) - 1)
            change = random_source.randrange(4)
            if change == 0:
                text = text[:at] + text[at + 1 :]
            elif change == 1:
                text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
            elif change == 2:
                text = text[:at] + random_source.choice(_TYPO_KEYS) + text[at + 1 :]
            else:
                text = text[:at] + text[at] + text[at:]
    return text
