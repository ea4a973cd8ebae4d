"""Search under any question, with parts switched off, with and without training, by many threads."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.retrievers import BaseRetriever

from assistant import Assistant
from assistant.settings import AssistantSettings
from corpus import QuestionBank
from index.retriever import GuideRetriever
from index.search import SearchIndex, SearchParts, SearchResult

Make = Callable[..., AssistantSettings]
Write = Callable[..., Path]
QUESTION = "Quels sont les avantages de la mutualisation ?"
BANK = '{"question": "À quelle heure arroser le jardin ?", "quotes": ["Arrosez le soir, jamais à midi."]}\n'


def told(result: SearchResult) -> list[tuple[str, float]]:
    return [(hit.passage.id, hit.score) for hit in result.hits]


@pytest.fixture(scope="module")
def index(assistant: Assistant) -> SearchIndex:
    return assistant.index


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_searched_with_scores_in_their_range(index: SearchIndex, question: str) -> None:
    result = index.search(question, limit=200)
    assert len(result.hits) == len(index.guide.passages)
    assert all(0.0 <= hit.score <= 1.0 for hit in result.hits)
    assert 0.0 <= result.answerable <= 1.0
    assert sum(result.outcomes) == pytest.approx(1.0, abs=1e-4)
    assert np.isfinite(result.features).all()
    assert all(math.isfinite(value) for value in result.evidence.values())


@pytest.mark.parametrize(("limit", "count"), [(0, 0), (1, 1), (7, 7), (1000, 101)])
def test_as_many_hits_come_as_were_asked_for(index: SearchIndex, limit: int, count: int) -> None:
    assert len(index.search(QUESTION, limit).hits) == count


def test_what_is_selected_stands_in_reading_order(index: SearchIndex) -> None:
    orders = [passage.order for passage in index.search(QUESTION).selected]
    assert orders == sorted(set(orders)) and orders


def test_contributions_add_up_to_the_score(index: SearchIndex) -> None:
    for hit in index.search(QUESTION, 20).hits:
        logit = sum(hit.contributions.values()) + index.ranker.bias
        assert hit.score == pytest.approx(1 / (1 + math.exp(-logit)), abs=1e-4)


def test_a_bank_question_is_its_own_nearest_neighbour(index: SearchIndex, bank: QuestionBank) -> None:
    for question in bank.questions[::300]:
        nearest = index.search(question.question).neighbours[0]
        assert nearest.similarity == pytest.approx(1.0, abs=2e-3)


def test_threads_find_what_one_thread_finds(index: SearchIndex, bank: QuestionBank) -> None:
    questions = [question.question for question in bank.questions[::150]]
    alone = [told(index.search(question)) for question in questions]
    with ThreadPoolExecutor(6) as pool:
        together = [told(result) for result in pool.map(index.search, questions)]
    assert [[name for name, _ in found] for found in together] == [[name for name, _ in found] for found in alone]


def test_an_index_opened_again_finds_the_same(index: SearchIndex) -> None:
    again = SearchIndex.open(index.settings)
    assert again.folder == index.folder
    assert told(again.search(QUESTION)) == told(index.search(QUESTION))


@pytest.mark.parametrize(
    ("parts", "silent", "speaking"),
    [
        (SearchParts(dense=False), {"similarity"}, {"neighbours", "lexical", "lexical_neighbours"}),
        (SearchParts(questions=False), {"neighbours", "neighbours_wide", "lexical_neighbours"},
         {"similarity", "lexical"}),
        (SearchParts(lexical=False), {"lexical", "lexical_neighbours"}, {"similarity", "neighbours"}),
    ],
)  # fmt: skip
def test_a_part_switched_off_is_silent_and_the_others_speak(
    index: SearchIndex, parts: SearchParts, silent: set[str], speaking: set[str]
) -> None:
    hits = index.search(QUESTION, 101, parts=parts).hits
    for name in silent:
        assert {hit.parts[name] for hit in hits} == {0.0}, name
    for name in speaking:
        assert len({hit.parts[name] for hit in hits}) > 1, name


def test_without_training_passages_are_found_by_their_vectors_with_titles_in_front(
    own_settings: Make, small_guide: Write
) -> None:
    index = SearchIndex.open(own_settings(guides_dir=small_guide(bank=BANK), guide="petit"))
    assert index.trained is None
    alone = SearchParts(questions=False, lexical=False)
    found = index.search("En quel mois met-on les graines en terre ?", parts=alone).hits[0].passage
    assert found.text == "Semez en mars."
    itself = index.embeddings.encode(["Semer › Semez en mars."], query=False)[0]
    assert index.signals("", itself, alone).dense[found.order] == pytest.approx(1.0, abs=1e-3)


def test_a_guide_with_an_empty_bank_still_knows_what_is_far(own_settings: Make, small_guide: Write) -> None:
    index = SearchIndex.open(own_settings(guides_dir=small_guide(bank=""), guide="petit"))
    assert {question.kind for question in index.bank.questions} == {"far", "smalltalk"}
    found, far = index.search("Quand faut-il arroser ?"), index.search("Qui a gagné la coupe du monde de football ?")
    assert found.hits[0].passage.text.startswith("Arrosez")
    assert found.answerable > far.answerable
    assert {hit.parts["neighbours"] for hit in found.hits} == {0.0}


def test_the_retriever_works_in_langchain_and_explains_its_scores(index: SearchIndex) -> None:
    retriever = GuideRetriever(index=index, k=5)
    assert isinstance(retriever, BaseRetriever)
    documents, hits = retriever.invoke(QUESTION), index.search(QUESTION, 5).hits
    assert [document.page_content for document in documents] == [hit.passage.text for hit in hits]
    for document, hit in zip(documents, hits, strict=True):
        assert document.id == hit.passage.id
        assert document.metadata["section"] == list(hit.passage.titles)
        assert document.metadata["score"] == hit.score
        assert document.metadata["contributions"] == hit.contributions
    assert [document.id for batch in retriever.batch([QUESTION]) for document in batch] == [d.id for d in documents]
