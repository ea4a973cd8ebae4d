"""Twenty people at once, for ten seconds; the long run is `python -m eval.load`."""

from __future__ import annotations

import pytest

from corpus import load_bank
from eval.errors import EvaluationError
from eval.load import run_load
from tests.server.helpers import Serve

QUESTIONS = [question.question for question in load_bank("cooperation-siae").questions[::97]]


@pytest.mark.server
def test_twenty_people_are_answered_without_an_error_and_in_time(serve: Serve) -> None:
    with serve() as server:
        load = run_load(server.url, server.process.pid, people=20, seconds=10, questions=QUESTIONS)
    told = load.summary()
    assert load.errors == []
    assert told["answers"] >= 40
    assert told["p95_ms"] < 5000, "one second on a quiet machine; tests share theirs"
    assert told["memory_mb"][-1] - told["memory_mb"][0] < 120


def test_a_load_is_put_on_this_machine_only() -> None:
    with pytest.raises(EvaluationError, match="another machine"):
        run_load("http://example.org", 1, people=1, seconds=1, questions=["Bonjour"])
