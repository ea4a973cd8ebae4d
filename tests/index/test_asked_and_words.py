"""What a question asks for, whether passages hold it, and what single words say."""

from __future__ import annotations

import pytest

from index.errors import TrainingError
from index.ranking.asked import FACTS, asks_for, holds, unmet
from index.ranking.words import WordWeights, word_features

FOURTEEN = "Le réseau coordonne les prestations assurées par pas moins de 14 SIAE différentes, et ce depuis 2013."
COSTS = "Génère des coûts de coordination."


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("Combien de SIAE repeignent les collèges ?", "number"),
        ("How many SIAEs are there?", "number"),
        ("Depuis quand le réseau coordonne-t-il ?", "date"),
        ("qui préside le réseau", "name"),
        ("Où se trouve Le Phares ?", "place"),
        ("et c ou", "place"),
        ("un numero de telephone ?", "contact"),
        ("Avez-vous un modèle de convention ?", "document"),
        ("Que signifie PTCE ?", "meaning"),
    ],
)
def test_a_question_tells_what_kind_of_fact_it_wants(question: str, fact: str) -> None:
    assert fact in asks_for(question)


@pytest.mark.parametrize(
    "question",
    [
        "Quels sont les avantages de la mutualisation ?",
        "ou bien la fusion ?",
        "GME ou PTCE ?",
        "la fusion ou…",
        "GME ou ?",
        "",
        "merci quand même",
    ],
)
def test_a_question_that_wants_no_such_fact_asks_for_none(question: str) -> None:
    assert asks_for(question) == frozenset()


def test_a_number_and_a_year_are_held_where_they_stand() -> None:
    assert {"number", "date", "name"} <= holds(FOURTEEN)
    assert not holds(COSTS) & {"number", "contact", "name"}


def test_a_how_many_is_met_by_a_passage_with_a_number_only() -> None:
    number = FACTS.index("number")
    assert unmet("Combien de SIAE ?", (FOURTEEN,))[number] == -1.0
    assert unmet("Combien de SIAE ?", (COSTS,))[number] == 1.0
    assert unmet("Combien de SIAE ?", ())[number] == 1.0
    assert set(unmet("Quels sont les avantages ?", (COSTS,))) == {0.0}


def test_words_add_up_and_unknown_words_say_nothing() -> None:
    words = WordWeights({"telephon": -2.0, "avantag": 1.5, "^quel": 0.5}, bias=0.25)
    assert words.logit("zzz") == 0.25
    assert words.logit("Quel téléphone ?") == pytest.approx(0.25 - 2.0 + 0.5)
    assert words.logit("les AVANTAGES") == pytest.approx(1.75)
    assert WordWeights().logit("téléphone") == 0.0


def test_word_features_hold_stems_pairs_and_openings() -> None:
    found = word_features("Quels avantages économiques ?")
    assert {"avantag", "^quels", "^quels avantages", "~quels"} <= found
    assert any(" " in feature and not feature.startswith("^") for feature in found)


def test_numbers_that_are_no_weights_are_refused() -> None:
    with pytest.raises(TrainingError, match="index train"):
        WordWeights.from_numbers({"weights": {"a": "much"}, "bias": 0})
    with pytest.raises(TrainingError, match="index train"):
        WordWeights.from_numbers({"bias": 0})
    kept = WordWeights({"b": 1.0, "a": -1.0}, 0.5)
    assert WordWeights.from_numbers(kept.to_numbers()) == kept
