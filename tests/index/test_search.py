"""Search: French analysis, explained scores, parts that can be switched off, one LangChain retriever."""

from __future__ import annotations

import pytest
from langchain_core.retrievers import BaseRetriever
from typer.testing import CliRunner

from assistant import Assistant
from index.analysis import analyse
from index.cli import app
from index.ranking.features import NAMES
from index.search import SearchParts

QUESTION = "Quels sont les avantages de la mutualisation ?"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("L’évaluation des coûts", "evaluation cout"),
        ("qu'elles s’engagent", "engagent"),
        ("les acteur·rice·s", "acteur"),
        ("Les MUTUALISATIONS", "mutualisation"),
        ("what are the benefits", "benefits"),
    ],
)
def test_texts_that_mean_the_same_words_share_their_terms(first: str, second: str) -> None:
    assert analyse(first) == analyse(second)


def test_digits_are_kept_and_small_words_are_not() -> None:
    assert analyse("Il y a 14 SIAE depuis 2013") == ("14", "siae", "depuis", "2013") or "14" in analyse(
        "Il y a 14 SIAE depuis 2013"
    )
    assert analyse("le la les de du the of") == ()


def test_each_hit_explains_its_score(assistant: Assistant) -> None:
    hits = assistant.index.search(QUESTION).hits
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    for hit in hits:
        assert set(hit.parts) == set(hit.contributions) == set(NAMES)
        assert 0.0 <= hit.score <= 1.0


def test_the_same_question_finds_the_same(assistant: Assistant) -> None:
    first, second = assistant.index.search(QUESTION), assistant.index.search(QUESTION)
    assert [(h.passage.id, h.score) for h in first.hits] == [(h.passage.id, h.score) for h in second.hits]
    assert first.selected == second.selected


def test_a_part_that_is_switched_off_adds_nothing(assistant: Assistant) -> None:
    bare = assistant.index.search(QUESTION, parts=SearchParts(questions=False, lexical=False))
    assert all(hit.parts["neighbours"] == hit.parts["lexical"] == 0 for hit in bare.hits)
    words = assistant.index.search(QUESTION, parts=SearchParts(dense=False, questions=False))
    assert words.signals.lexical.max() > 0 and words.signals.near.size == 0
    assert all(hit.parts["similarity"] == hit.parts["neighbours"] == 0 for hit in words.hits)


def test_the_retriever_is_langchains(assistant: Assistant) -> None:
    retriever = assistant.as_retriever(k=4)
    assert isinstance(retriever, BaseRetriever)
    documents = retriever.invoke(QUESTION)
    assert len(documents) == 4
    for document in documents:
        place = document.metadata
        assert assistant.guide.text[place["start"] : place["end"]] == document.page_content
        assert set(place["parts"]) == set(NAMES)


def test_the_command_line_shows_status_and_scores(assistant: Assistant) -> None:
    run = CliRunner()
    status = run.invoke(app, ["status"])
    assert status.exit_code == 0 and "current" in status.output
    found = run.invoke(app, ["search", QUESTION, "--limit", "3"])
    assert found.exit_code == 0 and "Permet de diminuer" in " ".join(found.output.split())
