"""Evaluation questions that stand in the question bank, or nearly: what would make figures too good."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus import CorpusError, folded, load_bank, load_dialogues
from corpus.dialogues import DIALOGUES_FILE
from eval.dataset import load_datasets
from eval.errors import EvaluationError
from eval.system import Progress, silent

_NOT_WORDS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Leak:
    """An evaluation question, the bank's question that is like it, where that stands, how alike they are."""

    key: str
    question: str
    bank: str
    where: str
    similarity: float = 1.0


def bare_words(text: str) -> str:
    """Return a text's words without accents, marks or capitals: the strictest way to call two texts the same."""
    return _NOT_WORDS.sub(" ", folded(text)).strip()


def twins(files: Sequence[Path], slug: str) -> list[Leak]:
    """Return the evaluation questions whose words are those of a bank question.

    Messages without words (« ??? ») are left out: they are the same everywhere.

    Raises:
        EvaluationError: a dataset or the bank cannot be read.
    """
    known = {bare_words(text): (text, where) for text, where in _bank(slug)}
    return [
        Leak(key, question, *known[bare_words(question)])
        for key, question in _questions(files)
        if bare_words(question) and bare_words(question) in known
    ]


def near_twins(files: Sequence[Path], slug: str, threshold: float, progress: Progress = silent) -> list[Leak]:
    """Return the pairs whose cosine reaches the threshold under the base retrieval model, nearest first.

    The base model is used whatever the settings: a model trained on the bank draws its questions together.
    """
    from index.model.embeddings import OnnxEmbeddings
    from index.model.store import prepare_model
    from index.settings import IndexSettings, load_settings

    settings = load_settings(IndexSettings)
    embeddings = OnnxEmbeddings(prepare_model(settings), settings.threads)
    bank, questions = _bank(slug), _questions(files)
    ours = embeddings.encode([text for _, text in questions], query=True, progress=progress, step="evaluation set")
    theirs = embeddings.encode([text for text, _ in bank], query=True, progress=progress, step="question bank")
    cosine = ours @ theirs.T
    found = [
        Leak(key, question, *bank[int(cosine[row].argmax())], similarity=float(cosine[row].max()))
        for row, (key, question) in enumerate(questions)
        if cosine[row].max() >= threshold
    ]
    return sorted(found, key=lambda leak: -leak.similarity)


def _bank(slug: str) -> list[tuple[str, str]]:
    """Return what the bank asks, and what the example dialogues ask that stands alone."""
    try:
        questions = [(question.question, question.where) for question in load_bank(slug).questions]
        turns = [(dialogue.id, turn) for dialogue in load_dialogues(slug) for turn in dialogue.turns]
        asked = [(turn.user, name) for name, turn in turns if turn.expected != "smalltalk" and not turn.standalone]
        return questions + [(text, f"{DIALOGUES_FILE}:{name}") for text, name in asked]
    except CorpusError as error:
        raise EvaluationError(f"The question bank cannot be read. {error}") from error


def _questions(files: Sequence[Path]) -> list[tuple[str, str]]:
    return [
        (f"{case.id}#{number}" if case.dialogue else case.id, turn.user)
        for case in load_datasets(files)
        for number, turn in enumerate(case.turns)
    ]
