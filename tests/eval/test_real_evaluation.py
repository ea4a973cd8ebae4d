"""The real assistant under the suite: planted faults close the gate for the right reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from assistant import Answer, Assistant
from eval.dataset import bundled_files
from eval.gate import explain, judge
from eval.results import Run, measure

EVERY = 12


class Broken:
    """The real assistant with a fault at its door."""

    def __init__(self, inner: Assistant, change: Callable[[Answer], Answer], *, history: bool = True) -> None:
        self.guide, self._inner, self._change, self._history = inner.guide, inner, change, history

    def ask(self, question: str, history: Sequence[Mapping[str, Any]] = ()) -> Answer:
        return self._change(self._inner.ask(question, history if self._history else ()))


class Reversed:
    """A ranker that puts the worst first."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def probabilities(self, features: Any) -> Any:
        return 1 - self._inner.probabilities(features)


def run_of(assistant: Any) -> Run:
    return measure(assistant, bundled_files(assistant.guide.slug), every=EVERY)[0]


@pytest.fixture(scope="module")
def sound(assistant: Assistant) -> Run:
    return run_of(assistant)


def lost(before: Run, after: Run) -> tuple[set[str], str]:
    verdict = judge(before, after)
    assert not verdict.passed
    return {change.name for change in verdict.losses}, "\n".join(explain(verdict))


def test_the_assistant_is_exact_and_faithful_and_raises_nothing(sound: Run) -> None:
    assert sound.metrics["exact"].mean == 1
    assert sound.metrics["faithful"].mean == 1
    assert not [score.error for score in sound.scores if score.error]


def test_the_same_assistant_passes_its_own_gate(sound: Run, assistant: Assistant) -> None:
    assert judge(sound, run_of(assistant)).passed


def test_a_reversed_ranking_is_caught(sound: Run, assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assistant.index, "ranker", Reversed(assistant.index.ranker))
    names, text = lost(sound, run_of(assistant))
    assert "citation_recall" in names
    assert "not retrieved" in text


def test_shifted_offsets_are_caught(sound: Run, assistant: Assistant) -> None:
    def shift(answer: Answer) -> Answer:
        moved = tuple(replace(c, start=c.start + 1, end=c.end + 1) for c in answer.citations)
        return replace(answer, citations=moved)

    _, text = lost(sound, run_of(Broken(assistant, shift)))
    assert "BROKEN exact is 0.0000" in text
    assert "the places of citations" in text


def test_an_assistant_that_always_declines_is_caught(sound: Run, assistant: Assistant) -> None:
    def refuse(answer: Answer) -> Answer:
        return replace(answer, kind="decline", citations=(), text="Non.") if answer.kind == "answer" else answer

    names, text = lost(sound, run_of(Broken(assistant, refuse)))
    assert {"answered", "citation_recall"} <= names
    assert "declined wrongly" in text


def test_a_confidence_that_says_nothing_is_caught(sound: Run, assistant: Assistant) -> None:
    names, text = lost(sound, run_of(Broken(assistant, lambda answer: replace(answer, confidence=0.5))))
    assert names == {"auroc"}
    assert "`confidence` separates answerable questions less well" in text


def test_a_lost_history_is_caught(assistant: Assistant) -> None:
    files = [path for path in bundled_files(assistant.guide.slug) if path.stem == "dialogues"]
    whole, _ = measure(assistant, files)
    names, text = lost(whole, measure(Broken(assistant, lambda answer: answer, history=False), files)[0])
    assert "follow_up_recall" in names
    assert "the history: follow-ups are no longer completed" in text
