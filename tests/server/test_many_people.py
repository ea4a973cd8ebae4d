"""Twenty people at once, for ten seconds; the long run is `python -m eval.load`."""

from __future__ import annotations

import os
import subprocess
import sys

import gradio as gr
import pytest
from gradio.routes import App

from assistant.page.server import silence_telemetry
from assistant.page.serving.passing import PassingSessions
from corpus import load_bank
from eval.errors import EvaluationError
from eval.load import resident_mb, run_load
from tests.server.helpers import ROOT, Serve

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


def test_memory_is_that_of_a_server_that_is_there() -> None:
    with pytest.raises(EvaluationError, match="gone"):
        resident_mb(2**30)
    for given in ({"url": "http://127.0.0.1:1"}, {"pid": 1}):
        done = subprocess.run(
            [sys.executable, "-m", "eval.load", *(f"--{name}={value}" for name, value in given.items())],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 2
        assert "together" in done.stderr


def test_the_queue_keeps_no_record_of_who_asked_when(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gradio's own record of events grows with every answer, and costs each a table of all of them."""
    for name in list(os.environ):
        if name.startswith("GRADIO_"):
            monkeypatch.delenv(name)
    silence_telemetry()
    with gr.Blocks() as page:
        gr.Button().click(lambda: None, api_name="press")
    queue = page.queue()._queue
    record = {"function": "press", "status": "success", "process_time": 0.1}
    queue.events_recorded = 20
    assert queue.compute_analytics_summary([record] * 20) == {"functions": {}}
    assert queue.ANALYTICS_MAX_EVENTS == 1


def test_sessions_of_programs_are_let_go_and_those_of_readers_stay() -> None:
    with gr.Blocks() as page:
        gr.State(0)
    App.create_app(page)
    holder, waiting = page.state_holder, page._queue.pending_event_ids_session
    passing = PassingSessions(page, kept=3)
    assert holder["a reader"] is not None
    for number in range(20):
        name = f"call {number}"
        assert holder[name] is not None
        waiting[name] = {"at work"} if number == 0 else set()
        passing.note(name)
    passing.note(None)
    assert set(holder.session_data) == {"a reader", "call 17", "call 18", "call 19"}
    assert set(holder.time_last_used) == set(holder.session_data)
    assert set(waiting) == {"call 0", "call 17", "call 18", "call 19"}, "what is still at work is found again"
