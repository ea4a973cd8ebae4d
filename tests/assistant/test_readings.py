"""The ways to read a follow-up: which are proposed, and what each says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.dialogue import Reading, Topic, Topics, readings
from assistant.dialogue import choice as choice_module
from assistant.dialogue.choice import FEATURES, TREES_FILE, trained_choice
from assistant.dialogue.cues import bare, cues_of, without_ordinal
from assistant.dialogue.history import last_topic
from assistant.errors import ReadingsError
from corpus import BUNDLED_GUIDES, Guide, Passage, load_translations
from corpus.translation import TRANSLATION_FILE
from index.context import Query


@pytest.fixture(scope="module")
def topics(guide: Guide) -> Topics:
    return Topics(guide, load_translations(guide, BUNDLED_GUIDES / guide.slug / TRANSLATION_FILE))


def passage(guide: Guide, start: str) -> Passage:
    return next(p for p in guide.passages if p.text.startswith(start))


def by_origin(found: tuple[Reading, ...]) -> dict[str, Reading]:
    return {reading.origin: reading for reading in found}


SAVINGS = "Permet de diminuer les coûts"
QUESTION = "Quels sont les avantages de la mutualisation ?"


def test_without_a_topic_a_message_is_read_alone(guide: Guide, topics: Topics) -> None:
    assert readings("et les inconvénients ?", None, topics, guide) == (Reading("et les inconvénients ?", "alone"),)


def test_a_long_story_is_read_alone(guide: Guide, topics: Topics) -> None:
    topic = Topic(QUESTION, (passage(guide, SAVINGS),))
    story = "mon association partage déjà un local avec une autre et nous voudrions savoir " * 2 + "que faire"
    assert [reading.origin for reading in readings(story, topic, topics, guide)] == ["alone"]


def test_a_message_is_read_alone_and_in_the_context_of_what_was_answered(guide: Guide, topics: Topics) -> None:
    found = by_origin(readings("et les défauts ?", Topic(QUESTION, (passage(guide, SAVINGS),)), topics, guide))
    assert found["alone"].query == Query("et les défauts ?")
    assert found["context"].query.question == "et les défauts ?"
    assert found["context"].query.context.startswith(f"{QUESTION} [")
    assert found["context"].query.context.endswith("› Avantages]")


def test_what_is_told_of_a_message_in_context_names_the_part_and_the_facet(guide: Guide, topics: Topics) -> None:
    found = by_origin(readings("et pourquoi ça marche ?", Topic(QUESTION, (passage(guide, SAVINGS),)), topics, guide))
    assert found["context"].question.startswith("pourquoi ça marche ? (Faire avec")
    assert found["context"].question.endswith(", avantages)")


def test_a_long_message_that_leans_on_nothing_may_still_be_meant_in_context(guide: Guide, topics: Topics) -> None:
    message = "une association de quinze salariés peut-elle vraiment espérer tant de choses"
    found = readings(message, Topic(QUESTION, (passage(guide, SAVINGS),)), topics, guide)
    assert [reading.origin for reading in found] == ["alone", "context"]


@pytest.mark.parametrize("message", ["et les inconvénients ?", "inconvénients ?", "and the disadvantages?"])
def test_a_facet_named_alone_is_the_facet_of_the_part_that_was_talked_about(
    guide: Guide, topics: Topics, message: str
) -> None:
    found = by_origin(readings(message, Topic(QUESTION, (passage(guide, SAVINGS),)), topics, guide))
    assert set(found) == {"alone", "facet"}
    assert [p.text for p in found["facet"].passages] == ["Génère des coûts de coordination."]


@pytest.mark.parametrize(
    "message", ["et de faire corps ?", "et pour la coopération stratégique ?", "and strategic cooperation?"]
)
def test_another_part_named_alone_is_asked_for_the_same_facet(guide: Guide, topics: Topics, message: str) -> None:
    found = by_origin(readings(message, Topic(QUESTION, (passage(guide, SAVINGS),)), topics, guide))
    assert set(found) == {"alone", "facet"}
    assert {p.titles for p in found["facet"].passages} == {
        ("3- Faire corps ou la coopération stratégique", "Avantages")
    }


def test_an_english_name_of_a_part_is_known(guide: Guide, topics: Topics) -> None:
    named = topics.named("and strategic cooperation")
    assert named is not None
    assert topics.name(named).startswith("Faire corps")
    assert topics.mentions_facet("and the disadvantages")


def test_an_ordinal_points_into_the_last_list_and_into_the_one_before(guide: Guide, topics: Topics) -> None:
    forms = tuple(p for p in guide.passages if p.is_title and p.text[:2] in ("1-", "2-", "3-"))
    direct = by_origin(readings("la deuxième ?", Topic("Quelles formes ?", forms), topics, guide))
    assert direct["ordinal"].question.startswith("Faire avec")
    assert "context" not in direct, "the encoder cannot count"
    assert direct["pointed"].passages == tuple(guide.passages_of(forms[1].section, deep=True))
    later = Topic("Parle-moi de la première", tuple(guide.passages_of(forms[0].section, deep=True)), listed=forms)
    earlier = by_origin(readings("et la dernière ?", later, topics, guide))
    assert earlier["ordinal_earlier"].question.startswith("Faire corps")


def test_an_ordinal_beyond_the_list_points_nowhere(guide: Guide, topics: Topics) -> None:
    forms = tuple(p for p in guide.passages if p.is_title and p.text[:2] in ("1-", "2-", "3-"))
    found = by_origin(readings("la cinquième ?", Topic("Quelles formes ?", forms), topics, guide))
    assert not {"ordinal", "pointed"} & set(found)


@pytest.mark.parametrize(
    ("message", "start"),
    [
        ("la première, son objectif exact ?", "Mettre en commun des ressources"),
        ("et la dernière, quels avantages ?", "Permet de gagner en visibilité"),
        ("what is the objective of the second?", "Parler d’une seule voix"),
    ],
)
def test_after_a_comparison_an_ordinal_with_a_facet_counts_the_parts(
    guide: Guide, topics: Topics, message: str, start: str
) -> None:
    compared = Topic("Comparez leurs inconvénients", (passage(guide, "Génère des"), passage(guide, "Suscite l’")))
    found = by_origin(readings(message, compared, topics, guide))
    assert [p.text.startswith(start) for p in found["facet"].passages] == [True]


def test_an_ordinal_before_the_word_for_what_stands_in_a_facet_counts_that(guide: Guide, topics: Topics) -> None:
    cited = (passage(guide, "Travailler la confiance"), passage(guide, "Prévoir un"), passage(guide, "S’accorder"))
    found = by_origin(readings("le deuxième facteur de succès ?", Topic("Comparez", cited), topics, guide))
    assert "facet" not in found
    assert found["pointed"].passages == cited[1:2]


def test_nothing_is_told_of_a_message_without_words_of_its_own(guide: Guide, topics: Topics) -> None:
    qualities = tuple(passage(guide, name) for name in ("L’empathie", "La persévérance", "La volonté"))
    assert (
        by_origin(readings("la dernière ?", Topic("Quelles qualités ?", qualities), topics, guide))["ordinal"].question
        == "La volonté"
    )
    assert by_origin(readings("et ça ?", Topic(QUESTION, (passage(guide, SAVINGS),)), topics, guide))[
        "context"
    ].question.startswith("Faire avec")


def test_what_was_said_can_be_asked_for_again_and_what_else_there_is(guide: Guide, topics: Topics) -> None:
    topic = Topic(QUESTION, (passage(guide, SAVINGS),))
    for message in ("plus court stp", "tu peux répéter ?", "c’est écrit où ?", "in English please"):
        assert by_origin(readings(message, topic, topics, guide))["again"].passages == topic.cited
    assert "again" not in by_origin(readings("répète les freins", topic, topics, guide))
    assert by_origin(readings("quoi d’autre ?", topic, topics, guide))["others"].without == topic.cited


def test_one_more_and_one_more_again_leaves_out_all_that_was_told(guide: Guide, topics: Topics) -> None:
    told = (passage(guide, SAVINGS), guide.passages[60], guide.passages[61])

    def exchange(message: str, cited: Passage) -> list[dict[str, str]]:
        return [
            {"role": "user", "content": message},
            {"role": "assistant", "content": f"« {cited.text} » [1]"},
        ]

    history = [
        *exchange("Quelles qualités faut-il ?", guide.passages[40]),
        *exchange("Un avantage de la mutualisation ?", told[0]),
        *exchange("un autre ?", told[1]),
        *exchange("encore un autre ?", told[2]),
    ]
    topic = last_topic(history, guide)
    assert topic is not None
    assert topic.cited == (told[2],)
    assert set(topic.told) == set(told)
    assert by_origin(readings("et un autre ?", topic, topics, guide))["others"].without == topic.told


@pytest.mark.parametrize(
    ("message", "core"),
    [
        ("et les inconvénients ?", "les inconvénients ?"),
        ("ok, et pour la mutualisation ?", "la mutualisation ?"),
        ("and what about pooling?", "pooling?"),
        ("et ?", "?"),
        ("Quels freins ?", "Quels freins ?"),
    ],
)
def test_the_words_that_tie_a_message_are_taken_off(message: str, core: str) -> None:
    assert bare(message) in (core, message if core == "?" else core)


def test_an_ordinal_is_taken_out_of_a_message() -> None:
    assert without_ordinal("développe le deuxième point") == "développe le point"
    assert without_ordinal("pourquoi avant-dernière et plus") == "pourquoi et plus"
    assert "pourquoi" in without_ordinal("l'avant-dernière, pourquoi ?")
    assert cues_of("l'avant-dernière ?").ordinal == -2
    assert cues_of("et la dernière ?").ordinal == -1
    assert cues_of("pourquoi ?").ordinal is None


def test_the_trained_choice_weighs_the_features_of_this_version() -> None:
    assert json.loads(TREES_FILE.read_text(encoding="utf-8"))["features"] == list(FEATURES)
    assert all(trees.depth > 0 for trees in trained_choice())


@pytest.mark.parametrize("content", ["", "{}", '{"features": ["other"], "trees": {}}'])
def test_a_choice_of_another_version_says_what_to_do(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "readings.json"
    path.write_text(content, encoding="utf-8")
    monkeypatch.setattr(choice_module, "TREES_FILE", path)
    trained_choice.cache_clear()
    try:
        with pytest.raises(ReadingsError, match=r"assistant\.dialogue\.fit"):
            trained_choice()
    finally:
        trained_choice.cache_clear()
