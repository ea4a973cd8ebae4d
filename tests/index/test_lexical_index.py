"""BM25 over French texts: the right text first, the same scores after saving, an error when damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from corpus import Guide, QuestionBank
from index.errors import IndexUnreadableError
from index.lexical import LexicalIndex

TEXTS = ["Arrosez le soir, jamais à midi.", "Semez en mars, à l’abri.", "le la les", "Récoltez le soir."]
FILES = ["params.index.json", "vocab.index.json", "data.csc.index.npy", "indices.csc.index.npy", "indptr.csc.index.npy"]
DAMAGE = {"emptied": b"", "overwritten": b"\x00damage", "of another kind": b"[]"}


def test_the_text_with_the_question_s_words_scores_best() -> None:
    index = LexicalIndex.build(TEXTS)
    scores = index.scores("Faut-il SEMER à l'abri ?")
    assert scores.shape == (4,) and int(scores.argmax()) == 1
    assert scores[2] == 0.0


def test_a_rare_word_weighs_more_than_a_frequent_one() -> None:
    scores = LexicalIndex.build(TEXTS).scores("midi ou soir")
    assert scores[0] > scores[3] > 0.0 == scores[1]


@pytest.mark.parametrize("question", ["", "le la de", "jardin", "日本", "\x00"])
def test_words_that_no_text_has_score_nothing(question: str) -> None:
    assert LexicalIndex.build(TEXTS).scores(question).tolist() == [0.0] * 4


def test_texts_without_terms_can_be_indexed(tmp_path: Path) -> None:
    LexicalIndex.build(["le la", ""]).save(tmp_path / "lexical")
    assert LexicalIndex.load(tmp_path / "lexical", 2).scores("le jardin").tolist() == [0.0, 0.0]


def test_scores_are_the_same_after_saving(tmp_path: Path, guide: Guide, bank: QuestionBank) -> None:
    made = LexicalIndex.build([guide.place(passage) for passage in guide.passages])
    made.save(tmp_path / "lexical")
    read = LexicalIndex.load(tmp_path / "lexical", len(guide.passages))
    questions = [question.question for question in bank.questions[::40]]
    assert any(made.scores(question).any() for question in questions)
    for question in questions:
        assert np.array_equal(made.scores(question), read.scores(question)), question


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("file", FILES)
def test_a_damaged_file_is_told_with_what_to_run(tmp_path: Path, file: str, damage: str) -> None:
    LexicalIndex.build(TEXTS).save(tmp_path)
    assert (tmp_path / file).is_file()
    (tmp_path / file).write_bytes(DAMAGE[damage])
    with pytest.raises(IndexUnreadableError, match="python -m index build"):
        LexicalIndex.load(tmp_path, len(TEXTS))


def test_an_index_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(IndexUnreadableError, match="python -m index build"):
        LexicalIndex.load(tmp_path / "none", 1)
