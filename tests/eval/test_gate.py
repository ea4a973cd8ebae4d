"""The gate catches planted faults, each with the right explanation, and lets noise pass."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval.compare import compare
from eval.errors import ResultsError
from eval.gate import Verdict, accept, explain, judge, read_baseline
from eval.results import Run, measure
from eval.summary import summarise

Make = Callable[..., Any]


@pytest.fixture
def good(make_small: Make, dataset: Path) -> Run:
    return measure(make_small(), [dataset])[0]


def told(verdict: Verdict) -> str:
    return "\n".join(explain(verdict))


def lost(verdict: Verdict) -> set[str]:
    return {change.name for change in verdict.losses}


def test_the_same_run_passes(good: Run) -> None:
    verdict = judge(good, good)
    assert verdict.passed
    assert not verdict.gains
    assert "The gate is open" in told(verdict)


def test_a_retriever_in_the_wrong_order_is_caught_as_not_retrieved(good: Run, make_small: Make, dataset: Path) -> None:
    broken = make_small(threshold=-1.0)
    broken.index.reversed = True
    verdict = judge(good, measure(broken, [dataset])[0])
    assert {"citation_recall", "complete", "citation_precision"} <= lost(verdict)
    text = told(verdict)
    assert "LOSS citation recall went from 1.000 to 0.000: -1.000 (95 % interval -1.000 to -1.000, 35 turns)." in text
    assert "35 not retrieved" in text
    assert "Look first at the search (`index/`)" in text
    assert "q00: 1.00 → 0.00, not retrieved: « Que dit le jardin" in text


def test_shifted_offsets_are_caught_by_exactness(good: Run, make_small: Make, dataset: Path) -> None:
    verdict = judge(good, measure(make_small(shift=1), [dataset])[0])
    assert not verdict.passed
    assert {breach.name for breach in verdict.breaches} == {"exact"}
    text = told(verdict)
    assert "BROKEN exact is 0.0000 and must be 1." in text
    assert "q00: « Arrosez les tomates le soir, jamais à midi. »" in text
    assert "the places of citations" in text


@pytest.mark.parametrize(
    ("threshold", "metric", "words"),
    [
        (2.0, "answered", "it declines what the guide answers"),
        (-1.0, "declined", "it answers what the guide does not"),
    ],
)
def test_a_broken_decision_is_caught_on_its_side(
    good: Run, make_small: Make, dataset: Path, threshold: float, metric: str, words: str
) -> None:
    verdict = judge(good, measure(make_small(threshold=threshold), [dataset])[0])
    assert metric in lost(verdict)
    assert words in told(verdict)


def test_a_lost_history_is_caught_on_follow_ups_only(good: Run, make_small: Make, dataset: Path) -> None:
    verdict = judge(good, measure(make_small(use_history=False), [dataset])[0])
    assert "follow_up_recall" in lost(verdict)
    (change,) = (change for change in verdict.losses if change.name == "follow_up_recall")
    assert {flip.key for flip in change.worse} == {f"d{n}#2" for n in range(5)}
    assert "LOSS follow-up recall went from 1.000 to 0.500" in told(verdict)
    assert "the history: follow-ups are no longer completed" in told(verdict)


def test_an_error_is_never_let_through(good: Run) -> None:
    run = Run(good.about, (replace(good.scores[0], error="KeyError: x"), *good.scores[1:]), good.metrics)
    verdict = judge(good, run)
    assert not verdict.passed
    assert "q00: KeyError: x" in told(verdict)


def test_one_flip_among_many_is_noise_and_is_let_through(good: Run) -> None:
    changed = (replace(good.scores[0], recall=0.0, complete=0.0, failure="retrieved but not cited"), *good.scores[1:])
    verdict = judge(good, Run(good.about, changed, summarise(changed)))
    assert verdict.passed
    (recall,) = (change for change in verdict.comparison.changes if change.name == "citation_recall")
    assert [flip.key for flip in recall.worse] == ["q00"]


def test_a_gain_is_told_and_passes(good: Run, make_small: Make, dataset: Path) -> None:
    worse = measure(make_small(use_history=False), [dataset])[0]
    verdict = judge(worse, good)
    assert verdict.passed
    assert "GAIN follow-up recall" in told(verdict)


def test_generated_sentences_may_be_less_than_wholly_faithful(good: Run) -> None:
    changed = (replace(good.scores[0], supported=0, unsupported=("Inventé.",)), *good.scores[1:])
    assert not judge(good, Run(good.about, changed, summarise(changed))).passed
    generative = {**good.about, "modes": ["generative"]}
    assert judge(good, Run(generative, changed, summarise(changed))).passed


def test_reworded_questions_count_as_new(good: Run) -> None:
    changed = (replace(good.scores[0], question="Autrement ?"), *good.scores[1:])
    comparison = compare(good.scores, changed)
    assert comparison.only_before == comparison.only_after == ("q00",)
    assert comparison.common == len(good.scores) - 1
    assert "1 new or reworded turns count for nothing" in told(
        judge(good, Run(good.about, changed, summarise(changed)))
    )


def test_nothing_in_common_cannot_be_compared(good: Run) -> None:
    other = tuple(replace(score, id=f"x{score.id}") for score in good.scores)
    with pytest.raises(ResultsError, match="no question in common"):
        judge(good, Run(good.about, other, summarise(other)))


def test_accepting_records_scores_reason_and_history(
    good: Run, make_small: Make, dataset: Path, tmp_path: Path
) -> None:
    path = tmp_path / "baseline.json"
    accept(good, "first", path)
    accept(measure(make_small(threshold=2.0), [dataset])[0], "we like silence", path)
    content = json.loads(path.read_text(encoding="utf-8"))
    assert [entry["reason"] for entry in content["history"]] == ["first", "we like silence"]
    assert content["history"][0]["figures"]["citation_recall"] == 1
    again = read_baseline(path)
    assert again.about["reason"] == "we like silence"
    assert again.metrics["answered"].mean == 0
    assert len(path.read_text(encoding="utf-8").splitlines()) > len(good.scores)


def test_a_baseline_needs_a_reason_and_a_gate_needs_a_baseline(good: Run, tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="needs a reason"):
        accept(good, "  ", tmp_path / "b.json")
    with pytest.raises(ResultsError, match="python -m eval accept"):
        read_baseline(tmp_path / "b.json")


def test_a_damaged_baseline_is_not_overwritten(good: Run, tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    path.write_text("{half", encoding="utf-8")
    with pytest.raises(ResultsError, match="Restore it"):
        accept(good, "reason", path)
    assert path.read_text(encoding="utf-8") == "{half"
