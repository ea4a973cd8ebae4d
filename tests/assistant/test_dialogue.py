"""Conversations: ellipses, ordinals, switches, turns that nobody can answer; what was understood is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from assistant import Answer, Assistant

SUCCESS = "Quels sont les facteurs clés de succès de la mutualisation ?"
FORMS = "Quelles sont les trois formes de coopération ?"
PIE = "Quelle est la recette de la tarte aux pommes ?"
BRAKES = "Quels sont les freins à la coopération ?"
IMPOSED = "La coopération peut-elle être imposée ?"
COSTS = "Génère des coûts de coordination."
SAVINGS = "Permet de diminuer les coûts individuels par la mise en commun et l’amortissement des coûts fixes."

Talk = Callable[..., list[Answer]]


def quotes(answer: Answer) -> list[str]:
    return [citation.quote for citation in answer.citations]


def test_an_ellipsis_is_completed_by_the_form_that_was_talked_about(talk: Talk) -> None:
    assert quotes(talk(SUCCESS, "et les inconvénients ?")[-1]) == [COSTS]


def test_an_ellipsis_works_in_english(talk: Talk) -> None:
    last = talk("What are the benefits of pooling resources?", "and the drawbacks?")[-1]
    assert quotes(last) == [COSTS]
    assert last.language == "en"


def test_ellipses_follow_one_another(talk: Talk) -> None:
    answers = talk(SUCCESS, "et les inconvénients ?", "et les avantages ?")
    assert [quotes(answer) for answer in answers[1:]] == [[COSTS], [SAVINGS]]


def test_the_same_facet_is_asked_of_another_form(talk: Talk) -> None:
    last = talk("Quels sont les inconvénients de la mutualisation ?", "et de faire corps ?")[-1]
    assert quotes(last) == ["Suscite l’impression de réduire les capacités de représentation individuelle."]


@pytest.mark.parametrize(
    ("message", "form"),
    [
        ("Quels sont les inconvénients de la première ?", "1-"),
        ("Quels sont les inconvénients de la deuxième ?", "2-"),
        ("Quels sont les inconvénients de la dernière ?", "3-"),
    ],
)
def test_an_ordinal_points_into_the_list_that_was_given(talk: Talk, message: str, form: str) -> None:
    last = talk(FORMS, message)[-1]
    assert [citation.section[0][:2] for citation in last.citations] == [form]


def test_an_ordinal_beyond_the_list_points_nowhere(talk: Talk) -> None:
    first, last = talk(FORMS, "et la cinquième ?")
    assert last.kind in ("answer", "decline")
    assert len(set(quotes(last)) & set(quotes(first))) != 1


@pytest.mark.parametrize(
    "message", ["Dans quelle ville ?", "Il y a un site internet ?", "On peut les visiter ?", "How much?"]
)
def test_a_short_question_in_a_talk_is_not_met_as_small_talk(talk: Talk, message: str) -> None:
    assert talk("Qu’est-ce que la SCIC Le Phares ?", message)[-1].kind == "decline"


@pytest.mark.parametrize("message", ["Merci beaucoup !", "ok super", "bonne soirée"])
def test_small_talk_in_a_talk_is_met(talk: Talk, message: str) -> None:
    assert talk("Qu’est-ce que la SCIC Le Phares ?", message)[-1].kind == "smalltalk"


def test_one_example_more_and_one_more_are_never_told_twice(talk: Talk) -> None:
    answers = talk("Quel exemple de prêt de locaux ?", "un autre exemple ?", "encore un autre ?")
    told = [set(quotes(answer)) for answer in answers]
    assert told[0]
    assert told[1]
    assert not told[0] & told[1]
    assert not told[2] & (told[0] | told[1])


@pytest.mark.parametrize("switch", [BRAKES, IMPOSED, FORMS, "Pourquoi faut-il de l’empathie pour coopérer ?"])
@pytest.mark.parametrize("before", [SUCCESS, "Quels sont les avantages de la mutualisation ?"])
def test_a_question_that_stands_alone_is_read_alone(assistant: Assistant, talk: Talk, before: str, switch: str) -> None:
    last = talk(before, switch)[-1]
    assert last.understood == switch
    assert set(quotes(last)) & set(quotes(assistant.ask(switch)))


def test_an_unanswerable_question_stays_so_in_the_middle_of_a_talk(talk: Talk) -> None:
    last = talk(SUCCESS, PIE)[-1]
    assert last.kind == "decline"
    assert last.understood == PIE


def test_a_follow_up_survives_a_turn_without_an_answer(talk: Talk) -> None:
    assert quotes(talk(SUCCESS, PIE, "et les inconvénients ?")[-1]) == [COSTS]


def test_a_follow_up_survives_thanks(talk: Talk) -> None:
    answers = talk(SUCCESS, "Merci !", "et les inconvénients ?")
    assert answers[1].kind == "smalltalk"
    assert quotes(answers[-1]) == [COSTS]


@pytest.mark.parametrize("message", ["un autre ?", "et après ?", "another one?"])
def test_asking_for_more_is_no_small_talk_in_a_talk(talk: Talk, message: str) -> None:
    assert talk("La coopération coûte-t-elle cher ?", message)[-1].kind != "smalltalk"


def test_the_latest_topic_completes_not_the_first(talk: Talk) -> None:
    last = talk(SUCCESS, "Quels sont les avantages de faire corps ?", "et les inconvénients ?")[-1]
    assert quotes(last) == ["Suscite l’impression de réduire les capacités de représentation individuelle."]


def test_what_was_understood_is_told_for_a_follow_up_and_unchanged_for_a_question(talk: Talk) -> None:
    first, second = talk(SUCCESS, "et les inconvénients ?")
    assert first.understood == SUCCESS
    assert second.understood != "et les inconvénients ?"
    assert "inconvénients" in second.understood.lower() and "aire avec" in second.understood


def test_what_was_understood_is_a_standalone_question(assistant: Assistant, talk: Talk) -> None:
    last = talk(SUCCESS, "et les inconvénients ?")[-1]
    assert quotes(assistant.ask(last.understood)) == quotes(last)


def test_the_note_of_a_follow_up_names_no_facet_that_it_has_left(talk: Talk) -> None:
    last = talk("What is pooling for?", "and its drawback?")[-1]
    assert quotes(last) == [COSTS]
    assert "Faire avec" in last.understood
    assert "objectif" not in last.understood


def test_the_note_of_a_follow_up_names_no_part_that_it_has_left(talk: Talk) -> None:
    last = talk("Pourquoi se lancer dans un GME ?", "et un PTCE ?")[-1]
    assert last.kind == "answer"
    assert "Groupements" not in last.understood


@pytest.mark.parametrize("message", ["peux-tu me le dire en français ?", "dis-le moi en français stp"])
def test_an_answer_is_told_again_in_another_language(talk: Talk, message: str) -> None:
    first, second = talk("What is the drawback of pooling?", message)
    assert quotes(second) == quotes(first)
    assert (first.language, second.language) == ("en", "fr")


def test_without_history_an_ellipsis_is_not_completed(assistant: Assistant) -> None:
    assert assistant.ask("et les inconvénients ?", []).understood == "et les inconvénients ?"


def blocks(text: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": text}]


@pytest.mark.parametrize("shape", [str, blocks, lambda text: [text]], ids=["text", "blocks", "list of texts"])
def test_the_shape_of_the_history_does_not_matter(assistant: Assistant, shape: Callable[[str], Any]) -> None:
    first = assistant.ask(SUCCESS).text
    history = [{"role": "user", "content": shape(SUCCESS)}, {"role": "assistant", "content": shape(first)}]
    assert quotes(assistant.ask("et les inconvénients ?", history)) == [COSTS]


def test_the_history_is_read_and_never_changed(assistant: Assistant) -> None:
    history = [{"role": "user", "content": SUCCESS}, {"role": "assistant", "content": assistant.ask(SUCCESS).text}]
    before = [dict(message) for message in history]
    assistant.ask("et les inconvénients ?", history)
    assert history == before


def test_a_reply_in_the_language_of_the_talk_where_words_do_not_tell(talk: Talk) -> None:
    assert talk("What are the benefits of pooling resources?", "Inser’Eco93 ?")[-1].language == "en"
