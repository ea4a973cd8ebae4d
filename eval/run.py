"""Putting a dataset's questions to an assistant and keeping what it said. Scoring is `eval.score`'s."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.types import Answer
from eval.dataset import Case, Turn
from eval.errors import EvaluationError
from eval.system import Assistant, Progress, silent
from index.errors import SearchIndexError


@dataclass(frozen=True, slots=True)
class Exchange:
    """One turn asked and answered. `number` is the turn's place in its case, from 0.

    `error` tells what was raised instead of an answer; `answer` is an empty decline then.
    """

    case: Case
    number: int
    answer: Answer
    latency_ms: float
    error: str = ""

    @property
    def turn(self) -> Turn:
        """Return the turn that was asked."""
        return self.case.turns[self.number]

    @property
    def key(self) -> str:
        """Return the turn's name: the id, with the turn for a dialogue."""
        return f"{self.case.id}#{self.number}" if self.case.dialogue else self.case.id


def ask_all(
    assistant: Assistant, cases: Sequence[Case], progress: Progress = silent, step: str = "questions"
) -> list[Exchange]:
    """Ask every turn of every case, in order; a dialogue's history holds the assistant's own answers.

    Raises:
        EvaluationError: the index stopped answering, so that going on would measure nothing.
    """
    total = sum(len(case.turns) for case in cases)
    exchanges: list[Exchange] = []
    for case in cases:
        history: list[Mapping[str, Any]] = []
        for number, turn in enumerate(case.turns):
            started = time.perf_counter()
            answer, error = _ask(assistant, turn.user, tuple(history))
            latency = (time.perf_counter() - started) * 1000
            exchanges.append(Exchange(case, number, answer, latency, error))
            history.append({"role": "user", "content": turn.user})
            history.append({"role": "assistant", "content": answer.text})
            progress(step, len(exchanges), total)
    return exchanges


def _ask(assistant: Assistant, question: str, history: Sequence[Mapping[str, Any]]) -> tuple[Answer, str]:
    try:
        return assistant.ask(question, history=history), ""
    except SearchIndexError as error:
        raise EvaluationError(f"The index stopped answering at « {question[:80]} ». {error}") from error
    except Exception as error:  # Whatever it is, it is a finding about this question; the others still count.
        empty = Answer("decline", "", (), (), question, (), "fr", 0.0, "extractive")
        return empty, f"{type(error).__name__}: {error}"
