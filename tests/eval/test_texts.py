"""The contract's rules on texts: covered, overlapping, the first characters."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import normal_form
from eval.metrics.texts import Quoted, covered, covered_count, first_characters, overlaps, relevant_count

GOLD = "L’impact du dispositif peut varier dans le temps."
LETTERS = "abcdefghijklmnopqrstuvwxyzéèàç"
phrases = st.lists(st.text(LETTERS, min_size=1, max_size=9), min_size=3, max_size=30).map(" ".join)
distinct = st.permutations(list(LETTERS + LETTERS.upper() + "0123456789")).map("".join)


@given(phrases)
def test_the_normal_form_is_its_own_normal_form(text: str) -> None:
    assert normal_form(normal_form(text)) == normal_form(text)


@given(phrases, phrases, phrases)
def test_a_text_is_covered_wherever_it_stands_in_a_quote(before: str, text: str, after: str) -> None:
    assert covered(text, [Quoted(f"{before} {text} {after}")])


@given(phrases)
def test_typography_spaces_and_capitals_do_not_count(text: str) -> None:
    written = text.upper().replace(" ", " \u00a0\n")
    assert covered(text, [Quoted(written)])
    assert covered(f"l'{text}", [Quoted(f"L’{written}")])


@given(st.permutations(list(LETTERS)).map("".join), st.integers(0, 30))
def test_nine_tenths_are_the_border(text: str, kept: int) -> None:
    needed = math.ceil(0.9 * len(text))
    assert covered(text, [Quoted(text[:kept])]) == (min(kept, len(text)) >= needed)
    assert covered(text, [Quoted(text[len(text) - min(kept, len(text)) :])]) == (min(kept, len(text)) >= needed)


@given(st.permutations(list(LETTERS)).map("".join), st.integers(1, 3))
def test_a_stretch_from_the_middle_counts_like_any_other(text: str, cut: int) -> None:
    inner = text[cut:-cut]
    assert covered(text, [Quoted(f"-- {inner} --")]) == (len(inner) >= math.ceil(0.9 * len(text)))


def test_a_gap_in_the_middle_is_not_an_unbroken_stretch() -> None:
    assert not covered(GOLD, [Quoted(GOLD.replace("dispositif", "procédé"))])


def test_nothing_covers_without_quotes_and_an_empty_gold_is_never_covered() -> None:
    assert not covered(GOLD, [])
    assert not covered("  ", [Quoted(GOLD)])


def test_a_gold_text_may_lie_whole_across_adjacent_quotes() -> None:
    first, second = "Semez en mars.", "Arrosez le soir."
    gold = f"{first} {second}"
    assert covered(gold, [Quoted(second, 17, 33), Quoted(first, 0, 14)])
    assert not covered(gold, [Quoted(first, 0, 14), Quoted(second, 400, 416)])


def test_across_adjacent_quotes_nine_tenths_are_not_enough() -> None:
    first, second = "Semez les carottes en mars, en lignes espacées", "Arrosez-les le soir"
    assert not covered(f"{first} ici. {second}", [Quoted(first, 0, 46), Quoted(second, 49, 68)])


def test_overlapping_quotes_are_joined_once() -> None:
    text = "Semez les carottes en mars, en lignes espacées, puis arrosez."
    assert covered(text, [Quoted(text[:40], 0, 40), Quoted(text[30:], 30, len(text))])


def test_a_quote_inside_another_adds_nothing() -> None:
    text = "Semez en mars. Arrosez le soir."
    quotes = [Quoted(text[:20], 0, 20), Quoted(text[5:10], 5, 10), Quoted(text[20:], 20, len(text))]
    assert covered_count([text], quotes) == 0 or covered(text, quotes)


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        (GOLD, True),
        (f"Avant. {GOLD} Après.", True),
        ("dispositif peut varier dans le temps", True),
        ("Un autre début. L’impact du dispositif peut", True),
        ("varier dans le temps. Et la suite du passage, qui est autre.", True),
        ("dispositif", False),
        ("Rien à voir avec ce qui précède.", False),
        ("", False),
    ],
)
def test_overlap_means_a_shared_place(quote: str, expected: bool) -> None:
    assert overlaps(quote, GOLD) is expected


def test_a_short_title_overlaps_only_itself() -> None:
    assert overlaps("Avantages", "avantages")
    assert not overlaps("Avantages", "Les avantages de la coopération : un réseau de confiance.")


def test_relevant_quotes_are_counted_each_once() -> None:
    assert relevant_count([Quoted(GOLD), Quoted("Ailleurs."), Quoted(GOLD)], [GOLD, GOLD]) == 2


@given(st.lists(phrases, max_size=8), st.integers(0, 200))
def test_a_reader_meets_no_more_than_the_budget(texts: list[str], budget: int) -> None:
    kept = first_characters([Quoted(text, 0, len(text)) for text in texts], budget)
    assert sum(len(text.quote) for text in kept) == min(budget, sum(map(len, texts)))
    assert all(text.end - text.start == len(text.quote) for text in kept)
