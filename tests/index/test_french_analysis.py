"""French text to terms: what a reader takes for the same word is the same term."""

from __future__ import annotations

import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import Guide, QuestionBank, fold_accents
from index.analysis import STOP_WORDS, analyse

LETTERS = st.text(alphabet="abcdefghijklmnopqrstuvwxyzàâäçéèêëîïôöùûüÿ", min_size=3, max_size=14)


@pytest.mark.parametrize("elided", ["l", "d", "j", "m", "t", "s", "c", "n", "qu", "jusqu", "lorsqu", "puisqu"])
@pytest.mark.parametrize("mark", ["'", "’", "ʼ"])
def test_an_elided_word_leaves_the_next_one_whole(elided: str, mark: str) -> None:
    assert analyse(f"{elided.upper()}{mark}engagement") == analyse("engagement") == ("engag",)


def test_an_apostrophe_at_the_end_of_a_word_is_no_elision() -> None:
    assert analyse("la ‘coopérative’ d’insertion") == analyse("coopérative insertion")


@given(LETTERS)
def test_a_word_without_its_accents_is_the_same_term(word: str) -> None:
    assert analyse(word) == analyse(fold_accents(word)) == analyse(word.upper())


@given(LETTERS)
def test_a_decomposed_word_is_the_same_term(word: str) -> None:
    assert analyse(unicodedata.normalize("NFD", word)) == analyse(word)


def test_every_text_of_guide_and_bank_has_the_same_terms_without_accents(guide: Guide, bank: QuestionBank) -> None:
    texts = [p.text for p in guide.passages] + [q.question for q in bank.questions]
    assert [text for text in texts if analyse(text) != analyse(fold_accents(text))] == []


@pytest.mark.parametrize(("written", "typed"), [("mise en œuvre", "mise en oeuvre"), ("le cœur", "le coeur")])
def test_a_ligature_is_the_same_term_as_its_two_letters(written: str, typed: str) -> None:
    assert analyse(written) == analyse(typed)


def test_numbers_are_terms_as_they_are_written() -> None:
    assert analyse("En 2013, 14 lots sur 1 500 (30 %)") == ("2013", "14", "lot", "1", "500", "30")


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("les salarié·e·s", "salariés"),
        ("un·e acteur·rice", "acteur"),
        ("des professionnel·le·s engagé·e·s", "professionnels engagés"),
    ],
)
def test_inclusive_writing_is_its_first_form(written: str, plain: str) -> None:
    assert analyse(written) == analyse(plain) != ()


@pytest.mark.parametrize(
    ("one", "other"),
    [("mutualisation", "mutualisations"), ("clé", "clés"), ("freiner", "freine")],
)
def test_forms_of_a_word_share_a_stem(one: str, other: str) -> None:
    assert analyse(one) == analyse(other)


@given(st.lists(st.sampled_from(sorted(STOP_WORDS)), max_size=12))
def test_stop_words_leave_no_term(words: list[str]) -> None:
    assert analyse(" ".join(words)) == ()


def test_stop_words_are_known_with_their_accents() -> None:
    assert analyse("même où très déjà") == analyse("déjà") != ()


@given(st.text())
def test_any_text_gives_terms_of_letters_and_digits(text: str) -> None:
    assert all(term and term == term.lower() and not set(term) & set(" '’·_") for term in analyse(text))


def test_threads_stem_alike(bank: QuestionBank) -> None:
    texts = [question.question for question in bank.questions[:400]]
    analyse.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(analyse, texts))
    analyse.cache_clear()
    assert together == [analyse(text) for text in texts]
