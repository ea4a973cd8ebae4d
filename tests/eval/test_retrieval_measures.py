"""Retrieval measures: those of the library, and what a reader meets first."""

from __future__ import annotations

import math

import pytest

from eval.metrics.retrieval import Unit, evidence_measures, ranking_measures, relevant_units

GOLD = ["Semez les carottes en mars, en lignes.", "Arrosez les tomates le soir, jamais à midi."]
OTHER = "Le compost demande des feuilles brunes et des épluchures."


def unit(key: str, text: str) -> Unit:
    return Unit(key, text)


def test_ranking_measures_follow_their_definitions() -> None:
    found = ranking_measures(["x", "a", "y", "b"], {"a", "b"})
    assert found["recall@1"] == 0
    assert found["recall@3"] == 0.5
    assert found["recall@5"] == 1
    assert found["mrr@10"] == 0.5
    ideal = 1 + 1 / math.log2(3)
    assert found["ndcg@10"] == pytest.approx((1 / math.log2(3) + 1 / math.log2(5)) / ideal)


def test_the_order_given_is_the_order_measured() -> None:
    assert ranking_measures(["b", "a"], {"a"})["mrr@10"] == 0.5
    assert ranking_measures(["a", "b"], {"a"})["mrr@10"] == 1


def test_nothing_found_and_nothing_relevant_give_zero() -> None:
    assert set(ranking_measures([], {"a"}).values()) == {0.0}
    assert set(ranking_measures(["a"], set()).values()) == {0.0}


def test_evidence_counts_gold_within_the_first_characters_and_within_the_top_four() -> None:
    ranked = [unit("x", OTHER * 20), unit("a", GOLD[0]), unit("b", GOLD[1])]
    found = evidence_measures(ranked, GOLD)
    assert len(OTHER * 20) < 1200
    assert found["citation_recall"] == found["complete"] == 1
    assert found["citation_precision"] == pytest.approx(2 / 3)
    assert found["found_1200"] == 0.5


def test_a_chunk_that_holds_half_of_a_gold_quote_is_relevant_but_does_not_cover_it() -> None:
    chunk = unit("c", f"{OTHER} {GOLD[0][:25]}")
    assert relevant_units([chunk, unit("d", OTHER)], GOLD) == {"c"}
    assert evidence_measures([chunk], GOLD)["citation_recall"] == 0


def test_no_evidence_scores_zero() -> None:
    assert set(evidence_measures([], GOLD).values()) == {0.0}
