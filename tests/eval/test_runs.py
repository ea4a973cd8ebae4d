"""Running a dataset: histories, the contract's output, scores and why a turn fell short."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant.types import Answer
from eval.dataset import load_datasets
from eval.errors import EvaluationError, ResultsError
from eval.results import measure, output, read_run, write_json
from eval.run import ask_all
from eval.score import (
    ANSWERED_WRONGLY,
    DECLINED_WRONGLY,
    MISTAKEN_SMALLTALK,
    NOT_CITED,
    NOT_RETRIEVED,
    RAISED,
    TOO_MUCH,
    Score,
    score_all,
)
from eval.summary import summarise
from index.errors import VectorStoreError

Make = Callable[..., Any]
ITEM = {
    "id", "turn", "question", "expected", "kind", "text", "citations", "related", "confidence", "latency_ms",
}  # fmt: skip


def scores_by_key(assistant: Any, dataset: Path) -> dict[str, Score]:
    run, _ = measure(assistant, [dataset])
    return {score.key: score for score in run.scores}


def test_a_dialogue_is_asked_with_the_assistants_own_answers(make_small: Make, dataset: Path) -> None:
    small = make_small()
    heard: list[tuple[str, list[Mapping[str, Any]]]] = []

    class Listening:
        guide = small.guide

        def ask(self, question: str, history: Sequence[Mapping[str, Any]] = ()) -> Answer:
            heard.append((question, list(history)))
            answer: Answer = small.ask(question, history)
            return answer

    cases = [case for case in load_datasets([dataset]) if case.id == "d0"]
    exchanges = ask_all(Listening(), cases)
    assert [len(history) for _, history in heard] == [0, 2, 4]
    assert heard[2][1] == [
        {"role": "user", "content": exchanges[0].turn.user},
        {"role": "assistant", "content": exchanges[0].answer.text},
        {"role": "user", "content": exchanges[1].turn.user},
        {"role": "assistant", "content": exchanges[1].answer.text},
    ]


def test_the_output_is_the_contracts(make_small: Make, dataset: Path, tmp_path: Path) -> None:
    run, exchanges = measure(make_small(), [dataset])
    path = tmp_path / "deep" / "out.json"
    write_json(path, output(run, exchanges))
    content = json.loads(path.read_text(encoding="utf-8"))
    assert len(content["items"]) == 20 + 4 + 1 + 15
    for item in content["items"]:
        assert set(item) == ITEM
        for citation in item["citations"]:
            assert set(citation) == {"quote", "section", "start", "end"}
    names = {"citation_recall", "citation_precision", "complete", "answered", "declined", "faithful", "exact"}
    assert names <= set(content["metrics"])
    for name in names:
        assert set(content["metrics"][name]) == {"mean", "low", "high", "n"}
    assert [item["turn"] for item in content["items"] if item["id"] == "d1"] == [0, 1, 2]


def test_results_are_read_back_as_they_were_measured(make_small: Make, dataset: Path, tmp_path: Path) -> None:
    run, exchanges = measure(make_small(), [dataset])
    write_json(tmp_path / "out.json", output(run, exchanges))
    again = read_run(tmp_path / "out.json")
    assert again.scores == run.scores
    assert again.metrics == run.metrics


def test_a_file_that_holds_no_results_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"metrics": {}}', encoding="utf-8")
    with pytest.raises(ResultsError, match="holds no results"):
        read_run(tmp_path / "x.json")


def test_a_good_assistant_gets_what_it_deserves(make_small: Make, dataset: Path) -> None:
    run, _ = measure(make_small(), [dataset])
    means = {name: estimate.mean for name, estimate in run.metrics.items()}
    assert means["citation_recall"] == means["citation_precision"] == means["complete"] == 1
    assert means["answered"] == means["declined"] == means["smalltalk"] == means["auroc"] == 1
    assert means["faithful"] == means["exact"] == 1
    assert all(score.failure == "" for score in run.scores)


def test_a_decline_scores_no_recall_and_counts_in_no_precision(make_small: Make, dataset: Path) -> None:
    run, _ = measure(make_small(threshold=2.0), [dataset])
    assert run.metrics["citation_recall"].mean == run.metrics["answered"].mean == 0
    assert run.metrics["citation_precision"].n == 0
    assert run.metrics["declined"].mean == 1


def test_small_talk_is_counted_apart(make_small: Make, dataset: Path) -> None:
    run, _ = measure(make_small(), [dataset])
    assert run.metrics["declined"].n == 4
    assert run.metrics["smalltalk"].n == 1


class Edited:
    """An assistant whose answers are changed before they leave."""

    def __init__(self, inner: Any, change: Callable[[Answer], Answer]) -> None:
        self.guide, self._inner, self._change = inner.guide, inner, change

    def ask(self, question: str, history: Sequence[Mapping[str, Any]] = ()) -> Answer:
        return self._change(self._inner.ask(question, history))


def test_each_way_to_fall_short_has_its_name(make_small: Make, dataset: Path) -> None:
    small = make_small()
    assert scores_by_key(make_small(threshold=2.0), dataset)["q00"].failure == DECLINED_WRONGLY
    assert scores_by_key(make_small(threshold=-1.0), dataset)["u0"].failure == ANSWERED_WRONGLY
    broken = make_small(threshold=-1.0)
    broken.index.reversed = True
    assert scores_by_key(broken, dataset)["q00"].failure == NOT_RETRIEVED

    def cite_second(answer: Answer) -> Answer:
        if answer.kind != "answer":
            return answer
        other = small.guide.by_id[answer.trace.passages[1]["id"]]
        cited = replace(answer.citations[0], quote=other.text, start=other.start, end=other.end)
        return replace(answer, citations=(cited,))

    def cite_more(answer: Answer) -> Answer:
        if answer.kind != "answer":
            return answer
        other = small.guide.by_id[answer.trace.passages[1]["id"]]
        more = replace(answer.citations[0], number=2, quote=other.text, start=other.start, end=other.end)
        return replace(answer, citations=(*answer.citations, more))

    def chat(answer: Answer) -> Answer:
        return replace(answer, kind="smalltalk", citations=())

    assert scores_by_key(Edited(small, cite_second), dataset)["q00"].failure == NOT_CITED
    too_much = scores_by_key(Edited(small, cite_more), dataset)["q00"]
    assert (too_much.failure, too_much.recall, too_much.precision) == (TOO_MUCH, 1, 0.5)
    mistaken = scores_by_key(Edited(small, chat), dataset)["q00"]
    assert (mistaken.failure, mistaken.recall, mistaken.precision) == (MISTAKEN_SMALLTALK, 0, 0)


def test_accepted_extras_lower_the_contracts_precision_only(make_small: Make, garden: Any, tmp_path: Path) -> None:
    gold, extra = (p.text for p in garden.passages[2:4])
    row = {"id": "a", "question": gold, "gold": [extra], "also": [gold]}
    path = tmp_path / "also.jsonl"
    path.write_text(json.dumps(row), encoding="utf-8")
    score = scores_by_key(make_small(), path)["a"]
    assert (score.precision, score.precision_also) == (0, 1)


def test_an_invented_sentence_is_not_faithful(make_small: Make, dataset: Path) -> None:
    def invent(answer: Answer) -> Answer:
        return replace(answer, text=f"{answer.text}\n\nCela augmente toujours la récolte de moitié.")

    run, _ = measure(Edited(make_small(), invent), [dataset])
    assert run.metrics["faithful"].mean == 0.5
    assert run.scores[0].unsupported == ("Cela augmente toujours la récolte de moitié.",)


def test_an_error_on_one_question_is_a_finding_and_the_others_still_count(make_small: Make, dataset: Path) -> None:
    small = make_small()

    class Stumbling:
        guide = small.guide

        def ask(self, question: str, history: Sequence[Mapping[str, Any]] = ()) -> Answer:
            if "carottes" in question:
                raise IndexError("out of range")
            answer: Answer = small.ask(question, history)
            return answer

    cases = load_datasets([dataset])
    scores = score_all(ask_all(Stumbling(), cases), small.guide)
    failed = [score for score in scores if score.error]
    assert {score.failure for score in failed} == {RAISED}
    assert failed[0].error == "IndexError: out of range"
    assert 0 < (summarise(scores)["citation_recall"].mean or 0) < 1


def test_an_index_that_stops_answering_ends_the_run(make_small: Make, dataset: Path) -> None:
    class Gone:
        guide = make_small().guide

        def ask(self, question: str, history: Sequence[Mapping[str, Any]] = ()) -> Answer:
            raise VectorStoreError("The server is gone.")

    with pytest.raises(EvaluationError, match="stopped answering"):
        ask_all(Gone(), load_datasets([dataset]))
