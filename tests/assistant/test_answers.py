"""Answers: the contract's fields, easy questions, small talk, English, the same words every time."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from typing import Any

import pytest

from assistant import Answer, Assistant
from corpus import Guide, QuestionBank

SUCCESS = "Quels sont les facteurs clés de succès de la mutualisation ?"
IMPOSED = "La coopération peut-elle être imposée ?"
FORMS = "Quelles sont les trois formes de coopération ?"
PIE = "Quelle est la recette de la tarte aux pommes ?"
ENGLISH = "What are the drawbacks of pooling resources?"
ANSWER_FIELDS = {"kind": str, "text": str, "citations": list, "related": list, "understood": str, "suggestions": list,
                 "language": str, "confidence": float, "mode": str}  # fmt: skip
CITATION_FIELDS = {"number": int, "guide": str, "section": list, "quote": str, "start": int, "end": int}

Prove = Callable[[Answer], Answer]


def quotes(answer: Answer) -> list[str]:
    return [citation.quote for citation in answer.citations]


def without_times(answer: Answer) -> dict[str, Any]:
    """An answer as plain data, but for what the clock says."""
    plain = answer.to_dict()
    plain["trace"].pop("timings_ms")
    return plain


@pytest.mark.parametrize("question", [SUCCESS, PIE, "Bonjour", "", ENGLISH])
def test_every_answer_is_plain_json_with_the_fields_of_the_contract(assistant: Assistant, question: str) -> None:
    plain = assistant.ask(question).to_dict()
    for name, kind in ANSWER_FIELDS.items():
        assert type(plain[name]) is kind, name
    for citation in plain["citations"] + plain["related"]:
        for name, kind in CITATION_FIELDS.items():
            assert type(citation[name]) is kind, name
        assert all(type(title) is str for title in citation["section"])
    assert json.loads(json.dumps(plain)) == plain


def test_an_answer_is_immutable_data(assistant: Assistant) -> None:
    answer = assistant.ask(SUCCESS)
    assert isinstance(answer.citations, tuple) and isinstance(answer.suggestions, tuple)
    with pytest.raises(AttributeError):
        answer.text = "autre chose"  # type: ignore[misc]


def test_both_success_factors_of_pooling_are_cited_and_nothing_else(assistant: Assistant, prove: Prove) -> None:
    answer = prove(assistant.ask(SUCCESS))
    assert quotes(answer) == [
        "Travailler la confiance par des premières actions de mutualisation.",
        "Prévoir un système d’évaluation pour corriger les écarts entre ce qui est attendu et ce qui est "
        "effectivement obtenu.",
    ]
    assert answer.understood == SUCCESS
    assert answer.mode == "extractive"


def test_a_received_idea_is_answered_with_the_verdict_first(assistant: Assistant, prove: Prove) -> None:
    answer = prove(assistant.ask(IMPOSED))
    assert answer.text.lstrip("*_ ").startswith("FAUX")
    assert "le processus de coopération ne peut être imposé par des acteurs extérieurs" in quotes(answer)[0]


def test_the_forms_are_enumerated_by_their_titles(assistant: Assistant, guide: Guide, prove: Prove) -> None:
    answer = prove(assistant.ask(FORMS))
    titles = [passage.text for passage in guide.passages if passage.is_title and passage.text[:2] in ("1-", "2-", "3-")]
    assert len(titles) == 3
    assert quotes(answer) == titles


def test_what_the_guide_does_not_know_is_declined_without_support(assistant: Assistant, prove: Prove) -> None:
    answer = prove(assistant.ask(PIE))
    assert answer.kind == "decline"
    assert answer.citations == ()
    assert answer.confidence < 0.5


def test_related_reading_is_never_marked_as_support(assistant: Assistant, bank: QuestionBank) -> None:
    near = [question.question for question in bank.questions if not question.answerable][:40]
    declined = [answer for answer in map(assistant.ask, near) if answer.kind == "decline"]
    with_reading = [answer for answer in declined if answer.related]
    assert with_reading, "some near misses come with reading"
    assert all("[1]" not in answer.text for answer in with_reading)


def test_citations_are_exact_for_questions_all_over_the_guide(
    assistant: Assistant, bank: QuestionBank, prove: Prove
) -> None:
    asked = bank.questions[:: max(len(bank.questions) // 80, 1)]
    answers = [prove(assistant.ask(question.question)) for question in asked]
    cited = {citation.start for answer in answers for citation in answer.citations}
    assert len(cited) > 15, "the sample reaches many passages"


def test_an_english_question_gets_an_english_frame_french_quotes_and_translations(
    assistant: Assistant, prove: Prove
) -> None:
    answer = prove(assistant.ask(ENGLISH))
    assert answer.language == "en"
    assert "Génère des coûts de coordination." in quotes(answer)
    for citation in answer.citations:
        assert citation.translation and citation.translation != citation.quote
        assert citation.translation in answer.text.replace("\\", "")
    frame = answer.text.split("“", maxsplit=1)[0].lower()
    assert "dans la partie" not in frame and " le guide" not in frame


def test_a_french_answer_carries_no_translation(assistant: Assistant) -> None:
    answer = assistant.ask(SUCCESS)
    assert answer.language == "fr"
    assert all(not citation.translation for citation in answer.citations)


@pytest.mark.parametrize(
    ("message", "language"),
    [("Bonjour !", "fr"), ("Merci beaucoup", "fr"), ("Au revoir", "fr"), ("Hello!", "en"), ("Thank you!", "en")],
)
def test_small_talk_is_answered_as_such_in_its_language(
    assistant: Assistant, prove: Prove, message: str, language: str
) -> None:
    answer = prove(assistant.ask(message))
    assert (answer.kind, answer.language) == ("smalltalk", language)
    assert answer.suggestions, "a reader is told what can be asked"


def test_thanks_and_farewell_do_not_get_the_same_reply(assistant: Assistant) -> None:
    replies = {assistant.ask(message).text for message in ("Bonjour", "Merci beaucoup", "Au revoir")}
    assert len(replies) == 3


@pytest.mark.parametrize("question", [SUCCESS, FORMS, PIE, ENGLISH])
def test_suggestions_are_new_and_answered_by_the_guide(assistant: Assistant, question: str) -> None:
    suggestions = assistant.ask(question).suggestions
    assert suggestions and len(set(suggestions)) == len(suggestions)
    assert question not in suggestions
    assert [assistant.ask(suggestion).kind for suggestion in suggestions] == ["answer"] * len(suggestions)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_starters_are_six_different_questions(assistant: Assistant, language: Any) -> None:
    starters = assistant.starters(language, 6)
    assert len(set(starters)) == 6
    assert {assistant.ask(question).language for question in starters} == {language}


@pytest.mark.parametrize("question", [SUCCESS, IMPOSED, PIE, "Bonjour", ENGLISH])
def test_the_same_question_gets_the_same_answer(assistant: Assistant, question: str) -> None:
    assert without_times(assistant.ask(question)) == without_times(assistant.ask(question))


def test_another_assistant_on_the_same_index_gives_the_same_answers(assistant: Assistant) -> None:
    other = Assistant.open(assistant.settings)
    for question in (SUCCESS, FORMS, PIE):
        assert without_times(other.ask(question)) == without_times(assistant.ask(question))


def test_eight_threads_get_the_answers_that_one_gets(assistant: Assistant) -> None:
    first = assistant.ask(SUCCESS)
    history = [{"role": "user", "content": SUCCESS}, {"role": "assistant", "content": first.text}]
    follow_ups = [(message, history) for message in (PIE, "et les inconvénients ?", "Merci !")]
    turns = [(SUCCESS, []), (IMPOSED, []), (FORMS, []), *follow_ups]
    alone = [without_times(assistant.ask(*turn)) for turn in turns]
    assert all(one != other for one, other in combinations(alone, 2)), "mixed-up answers would show"
    with ThreadPoolExecutor(8) as pool:
        together = [without_times(answer) for answer in pool.map(lambda turn: assistant.ask(*turn), turns * 8)]
    assert together == alone * 8
