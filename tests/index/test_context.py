"""Questions in context: what dialogues add to the bank, and what a message in its context finds."""

from __future__ import annotations

import pytest

from assistant import Assistant
from corpus import FOLLOW_UP, Dialogue, DialogueTurn, Guide, QuestionBank, load_dialogues
from index.context import LONGEST_QUESTION, Query, context_of, with_dialogues
from index.training.data import folds_of, training_data

EMPTY = QuestionBank(())


def turn(user: str, *quotes: str, standalone: str = "", expected: str = "answer") -> DialogueTurn:
    return DialogueTurn(user, "fr", expected, tuple(quotes), standalone=standalone)


def section(guide: Guide, *words: str) -> tuple[str, ...]:
    """The words of the passages whose titles hold all of some words."""
    return tuple(p.text for p in guide.passages if not p.is_title and all(w in " › ".join(p.titles) for w in words))


@pytest.fixture
def advantages(guide: Guide) -> tuple[str, ...]:
    return section(guide, "mutualisation", "Avantages")


@pytest.fixture
def drawbacks(guide: Guide) -> tuple[str, ...]:
    return section(guide, "mutualisation", "Inconvénients")


def test_a_message_becomes_a_question_in_the_context_of_the_last_answered_one(
    guide: Guide, advantages: tuple[str, ...], drawbacks: tuple[str, ...]
) -> None:
    talk = Dialogue(
        "t", (turn("Les avantages ?", *advantages), turn("et les inconvénients ?", *drawbacks, standalone="Lesquels ?"))
    )
    first, second = with_dialogues(EMPTY, [talk], guide).questions
    assert (first.question, first.kind, first.context) == ("Les avantages ?", "passage", "")
    assert (second.question, second.kind, second.quotes) == ("et les inconvénients ?", FOLLOW_UP, drawbacks)
    assert second.context.startswith("Les avantages ? [")
    assert second.context.endswith("› Avantages]")
    assert second.text == f"{second.context} // et les inconvénients ?"


def test_a_declined_message_is_a_near_miss_of_what_was_talked_about_and_leaves_the_context(
    guide: Guide, advantages: tuple[str, ...], drawbacks: tuple[str, ...]
) -> None:
    talk = Dialogue(
        "t",
        (
            turn("Les avantages ?", *advantages),
            turn("combien d'euros ?", expected="decline", standalone="Combien ?"),
            turn("et les inconvénients ?", *drawbacks, standalone="Lesquels ?"),
        ),
    )
    _, declined, after = with_dialogues(EMPTY, [talk], guide).questions
    assert (declined.kind, declined.near, declined.answerable) == ("near_miss", advantages[0], False)
    assert after.context == declined.context


def test_small_talk_and_what_the_bank_asks_already_add_nothing(guide: Guide, advantages: tuple[str, ...]) -> None:
    talk = Dialogue("t", (turn("LES  AVANTAGES ?", *advantages), turn("merci", expected="smalltalk")))
    bank = with_dialogues(EMPTY, [Dialogue("s", (turn("Les avantages ?", *advantages),))], guide)
    assert with_dialogues(bank, [talk], guide) == bank


def test_a_context_names_the_part_that_all_cited_passages_share(guide: Guide, bank: QuestionBank) -> None:
    form = [p for p in guide.passages if not p.is_title and "mutualisation" in " ".join(p.titles)]
    assert context_of("Parlez-moi", form) == f"Parlez-moi [{form[0].titles[0]}]"
    assert context_of("Parlez-moi", form[:1]) == f"Parlez-moi [{' › '.join(form[0].titles)}]"
    assert context_of("Parlez-moi", [guide.passages[4], form[0]]).startswith("Parlez-moi")
    assert len(context_of("mot " * 200, ())) <= LONGEST_QUESTION


def test_messages_of_one_dialogue_are_held_out_together(guide: Guide, bank: QuestionBank) -> None:
    questions = with_dialogues(bank, load_dialogues(guide.slug), guide).questions
    folds = folds_of(questions)
    by_dialogue: dict[str, set[int]] = {}
    for question, fold in zip(questions, folds, strict=True):
        if question.group:
            by_dialogue.setdefault(question.group, set()).add(int(fold))
    assert len(by_dialogue) > 500
    assert all(len(of_one) == 1 for of_one in by_dialogue.values())
    assert len({min(of_one) for of_one in by_dialogue.values()}) > 1


def test_training_data_takes_questions_in_context_as_others(guide: Guide, bank: QuestionBank) -> None:
    whole = with_dialogues(bank, load_dialogues(guide.slug), guide)
    data = training_data(guide, whole)
    assert data.targets.shape == (len(whole.questions), data.classes)
    assert data.targets.sum(axis=1) == pytest.approx(1.0)


def test_the_same_words_find_what_their_context_is_about(assistant: Assistant) -> None:
    index = assistant.index

    def found(form: str) -> set[str]:
        cited = [p for p in index.guide.passages if form in " ".join(p.titles) and p.titles[-1].startswith("Avantages")]
        query = Query("et les inconvénients ?", context_of(f"Quels sont les avantages de {form} ?", cited))
        return {" › ".join(p.titles) for p in index.search(query).selected}

    for form in ("mutualisation", "coopération stratégique"):
        assert all(form in path and "Inconvénients" in path for path in found(form)), found(form)
