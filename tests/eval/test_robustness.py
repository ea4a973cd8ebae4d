"""Variants change the form of a question and nothing else, and always in the same way."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.dataset import load_datasets
from eval.results import measure
from eval.robustness import VARIANTS, other_punctuation, robustness, vary, with_typo


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_is_the_same_each_time_and_keeps_what_is_expected(name: str, dataset: Path) -> None:
    cases = load_datasets([dataset])
    first, second = vary(cases, name), vary(list(reversed(cases)), name)
    assert {case.id: case for case in first} == {case.id: case for case in second}
    assert not any(case.dialogue for case in first)
    originals = {case.id: case for case in cases}
    assert all(case.turns[0].gold == originals[case.id].turns[0].gold for case in first)
    assert any(case.turns[0].user != originals[case.id].turns[0].user for case in first)


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("without accents", "L’ete : « coute »-t-elle cher ?"),
        ("lower case", "l’été : « coûte »-t-elle cher ?"),
        ("capitals", "L’ÉTÉ : « COÛTE »-T-ELLE CHER ?"),
        ("other punctuation", 'L\'été : "coûte"-t-elle cher'),
    ],
)
def test_each_form_is_what_its_name_says(name: str, changed: str) -> None:
    assert VARIANTS[name]("L’été : « coûte »-t-elle cher ?", random.Random(1)) == changed


@given(st.text(min_size=0, max_size=80), st.integers())
def test_a_typo_changes_one_letter_at_most_in_length(text: str, seed: int) -> None:
    assert abs(len(with_typo(text, random.Random(seed))) - len(text)) <= 1


@given(st.text(max_size=60), st.integers())
def test_a_question_never_becomes_empty(text: str, seed: int) -> None:
    assert bool(other_punctuation(text, random.Random(seed))) == bool(text)


def test_each_variant_is_compared_with_the_plain_questions(make_small: Callable[..., Any], dataset: Path) -> None:
    small = make_small()
    run, _ = measure(small, [dataset])
    rows = {row["variant"]: row for row in robustness(small, load_datasets([dataset]), run.scores)}
    assert set(rows) == set(VARIANTS)
    assert rows["capitals"]["differences"]["citation_recall"]["mean"] == 0
    assert rows["a typo"]["changed"] > 0
    for flip in rows["a typo"]["flips"]:
        assert flip["varied"] != flip["question"]
