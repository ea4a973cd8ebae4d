"""Many people at once, over HTTP, against the server of this machine: `python -m eval.load`.

Half of the people ask as the page does (its event, through Gradio's queue), half as programs do (`/ask`).
Each thinks for a few seconds between two questions.
"""

from __future__ import annotations

import json
import os
import random
import re
import secrets
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx
import typer
from rich.console import Console
from rich.table import Table

from assistant.settings import assistant_settings
from corpus import load_bank
from eval.errors import EvaluationError

LONGEST_MINUTES = 60
MOST_PEOPLE = 200
THINKING = (2.0, 4.0)
MOST_KEPT_ERRORS = 20
MEMORY_AT = (0.1, 0.25, 0.5, 0.75, 1.0)
console = Console(highlight=False)
errors = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


@dataclass
class Load:
    """What a load did: seconds an answer, errors, the server's memory in MB at `MEMORY_AT` of its time."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """Return the figures, as plain JSON types."""
        times = sorted(self.seconds)
        later = statistics.quantiles(times, n=20, method="inclusive") if len(times) > 1 else times * 19
        return {
            "answers": len(times),
            "errors": len(self.errors),
            "median_ms": round(1000 * statistics.median(times), 1) if times else None,
            "p95_ms": round(1000 * later[-1], 1) if times else None,
            "slowest_ms": round(1000 * times[-1], 1) if times else None,
            "memory_mb": [round(value, 1) for value in self.memory],
        }


class Person:
    """One who asks: as the page does where `reading`, else as a program."""

    def __init__(self, url: str, questions: Sequence[str], seed: int, *, reading: bool) -> None:
        """Make a person with her own order of questions."""
        self._client = httpx.Client(base_url=url, timeout=30, trust_env=False)
        self._random = random.Random(seed)
        self._questions = questions
        self._ask = self._as_reader if reading else self._as_program
        self._session = secrets.token_hex(8)
        self._event, self._component = _page_event(self._client) if reading else (0, 0)
        self._key = 0

    def run(self, until: float, load: Load, lock: threading.Lock) -> None:
        """Ask and think until a time of the monotonic clock."""
        time.sleep(self._random.uniform(0, THINKING[0]))
        while time.monotonic() < until:
            start = time.perf_counter()
            problem = ""
            try:
                self._ask(self._random.choice(self._questions))
            except (httpx.HTTPError, EvaluationError, ValueError, KeyError, TypeError) as error:
                problem = f"{type(error).__name__}: {error}"
            with lock:
                if problem:
                    load.errors.append(problem[:300])
                else:
                    load.seconds.append(time.perf_counter() - start)
            time.sleep(max(0.0, min(self._random.uniform(*THINKING), until - time.monotonic())))
        self._client.close()

    def _as_program(self, question: str) -> None:
        sent = self._client.post("/gradio_api/call/ask", json={"data": [question, []]}).raise_for_status()
        with self._client.stream("GET", f"/gradio_api/call/ask/{sent.json()['event_id']}") as answer:
            for event, data in _events(answer):
                if event == "complete":
                    _expect(data[0]["kind"] in ("answer", "decline", "smalltalk") and data[0]["text"], data)
                    return
                _expect(event == "heartbeat", data)
        raise EvaluationError("The stream ended without an answer.")

    def _as_reader(self, question: str) -> None:
        self._key += 1
        asked = {"question": question, "key": self._key, "keep": list(range(max(1, self._key - 3), self._key))}
        body = {
            "data": [None], "event_data": {**asked, "language": "fr", "serial": self._key}, "fn_index": self._event,
            "trigger_id": self._component, "session_hash": self._session,
        }  # fmt: skip
        self._client.post("/gradio_api/queue/join", json=body).raise_for_status()
        with self._client.stream("GET", "/gradio_api/queue/data", params={"session_hash": self._session}) as answer:
            for _, message in _events(answer):
                if message["msg"] == "process_completed":
                    _expect(message["success"] and _shows_answer(message["output"]), message)
                    return
        raise EvaluationError("The stream ended without an answer.")


def _shows_answer(output: dict[str, Any]) -> bool:
    return "answered" in json.dumps(output)


def _expect(right: object, seen: object) -> None:
    if not right:
        raise EvaluationError(f"An answer has not the expected form: {str(seen)[:200]}")


def _events(answer: httpx.Response) -> Iterator[tuple[str, Any]]:
    """Give the events of a server-sent stream, with their data."""
    answer.raise_for_status()
    name = ""
    for line in answer.iter_lines():
        if line.startswith("event:"):
            name = line[6:].strip()
        elif line.startswith("data:"):
            yield name, json.loads(line[5:])


def _page_event(client: httpx.Client) -> tuple[int, int]:
    """Return the numbers of the page's event `ask` and of the component that sends it."""
    for event in client.get("/config").raise_for_status().json()["dependencies"]:
        for component, name in event["targets"]:
            if name == "ask":
                return event["id"], component
    raise EvaluationError("The page has no event `ask`: is this the assistant's server?")


def resident_mb(process: int) -> float:
    """Return a process's resident memory in MB. Linux only.

    Raises:
        EvaluationError: there is no such process.
    """
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    except OSError as error:
        raise EvaluationError(f"Process {process} is gone, or was never there ({error.strerror}).") from error
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


def run_load(url: str, process: int, people: int, seconds: float, questions: Sequence[str]) -> Load:
    """Let people ask a server of this machine for some seconds; `process` is the server's.

    Raises:
        EvaluationError: the server is on another machine, or is not the assistant's.
    """
    if urlsplit(url).hostname not in ("127.0.0.1", "::1", "localhost"):
        raise EvaluationError(f"{url} is another machine: a load is put on this one only (127.0.0.1).")
    load, lock = Load(), threading.Lock()
    crowd = [Person(url, questions, number, reading=number % 2 == 0) for number in range(people)]
    start = time.monotonic()
    threads = [threading.Thread(target=one.run, args=(start + seconds, load, lock), daemon=True) for one in crowd]
    for thread in threads:
        thread.start()
    # The first questions fill caches; memory is flat when nothing is added after them.
    for share in MEMORY_AT:
        time.sleep(max(0.0, start + share * seconds - time.monotonic()))
        load.memory.append(resident_mb(process))
    for thread in threads:
        thread.join(timeout=60)
        if thread.is_alive():
            load.errors.append("A question was never answered.")
    return load


@contextmanager
def own_server() -> Iterator[tuple[str, int]]:
    """Start the assistant's server without a rate limit; give its address and process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "assistant", "chat", "--host", "127.0.0.1", "--port", str(port)]
    started = subprocess.Popen(  # noqa: S603
        command, env={**os.environ, "ASSISTANT_RATE_LIMIT": "0"}, stdout=subprocess.DEVNULL
    )
    try:
        while True:
            if started.poll() is not None:
                raise EvaluationError("The server did not start; what it said stands above.")
            try:
                if httpx.get(f"{url}/health", trust_env=False).status_code == httpx.codes.OK:
                    break
            except httpx.HTTPError:
                pass
            time.sleep(0.2)
        yield url, started.pid
    finally:
        started.terminate()
        started.wait(timeout=20)


def main(
    people: Annotated[int, typer.Option(min=1, max=MOST_PEOPLE, help="People who ask at once.")] = 20,
    minutes: Annotated[float, typer.Option(min=0.05, max=LONGEST_MINUTES, help="For how long.")] = 5.0,
    url: Annotated[str, typer.Option(help="A server of this machine that runs already (with its --pid).")] = "",
    pid: Annotated[int, typer.Option(help="Its process, whose memory is watched.")] = 0,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
) -> None:
    """Put a load on the assistant's server and print errors, times and memory; exit 1 when anything failed."""
    settings = assistant_settings()
    questions = [question.question for question in load_bank(settings.guide, settings.guides_dir).questions[::7]]
    if bool(url) != bool(pid):
        errors.print("Give --url and --pid together: the memory is that of the server's process.", style="red")
        raise typer.Exit(2)
    try:
        if url:
            load = run_load(url, pid, people, 60 * minutes, questions)
        else:
            with own_server() as (own, process):
                load = run_load(own, process, people, 60 * minutes, questions)
    except (EvaluationError, httpx.HTTPError) as error:
        errors.print(str(error), style="red")
        raise typer.Exit(1) from error
    told = {"people": people, "minutes": minutes, **load.summary()}
    table = Table("", "", title="People asking at once", show_header=False)
    for name, value in told.items():
        table.add_row(name, str(value))
    console.print(table)
    for problem in load.errors[:MOST_KEPT_ERRORS]:
        errors.print(problem)
    if json_file:
        json_file.write_text(
            json.dumps({**told, "problems": load.errors[:MOST_KEPT_ERRORS]}, indent=1), encoding="utf-8"
        )
    if load.errors:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
