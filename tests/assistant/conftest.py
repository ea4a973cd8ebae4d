"""What the assistant's tests share: the proof that every answer owes, talks, commands, the served page."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assistant import Answer, Assistant
from assistant.settings import AssistantSettings
from tests.processes import stop

ROOT = Path(__file__).resolve().parents[2]
MARKER = re.compile(r"(?<!\\)\[(\d+)\]")
# The page as it is served, but for opening, which waits for a file: what is answered before can be asked.
GATED = """
import pathlib, sys, time
from assistant import Assistant
opened, gate = Assistant.open, pathlib.Path(sys.argv.pop(1))
def open_late(*args, **values):
    while not gate.exists():
        time.sleep(0.02)
    return opened(*args, **values)
Assistant.open = open_late
from assistant.cli import app
app()
"""


@dataclass(frozen=True)
class Served:
    """A served page: its address, and what /health, / and the endpoint answered before it was open."""

    url: str
    health_before: tuple[int, dict[str, Any]]
    page_before: tuple[int, str]


@pytest.fixture(autouse=True)
def no_database_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.fixture(scope="session")
def prove(assistant: Assistant) -> Callable[[Answer], Answer]:
    """Assert what the contract promises of every answer; return the answer."""

    def check(answer: Answer) -> Answer:
        for citation in (*answer.citations, *answer.related):
            assert assistant.guide.text[citation.start : citation.end] == citation.quote
            assert citation.quote and citation.guide == assistant.guide.slug
        numbers = [citation.number for citation in answer.citations]
        assert numbers == list(range(1, len(numbers) + 1))
        marked = {int(number) for number in MARKER.findall(answer.text)}
        assert marked == set(numbers), "each marker has its citation, each citation its marker"
        assert (answer.kind == "answer") == bool(numbers), "an answer cites, nothing else does"
        assert answer.kind in ("answer", "decline", "smalltalk")
        assert answer.text.strip()
        assert answer.language in ("fr", "en")
        assert 0.0 <= answer.confidence <= 1.0
        assert json.loads(json.dumps(answer.to_dict(), allow_nan=False)) == answer.to_dict()
        json.dumps(answer.to_dict(), ensure_ascii=False).encode("utf-8")
        return answer

    return check


@pytest.fixture(scope="session")
def talk(assistant: Assistant, prove: Callable[[Answer], Answer]) -> Callable[..., list[Answer]]:
    """Hold a conversation, with the assistant's own answers as history; return its answers."""

    def hold(*messages: str) -> list[Answer]:
        history: list[dict[str, Any]] = []
        answers = []
        for message in messages:
            answer = prove(assistant.ask(message, history))
            history += [{"role": "user", "content": message}, {"role": "assistant", "content": answer.text}]
            answers.append(answer)
        return answers

    return hold


@pytest.fixture(scope="session")
def environment(settings: AssistantSettings) -> dict[str, str]:
    """The environment of the programs that tests start: the shared data, nothing of the developer's settings."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ASSISTANT_")}
    return {
        **inherited,
        "ASSISTANT_DATA_DIR": str(settings.data_dir),
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
        "COLUMNS": "200",
    }


@pytest.fixture(scope="session")
def command(environment: dict[str, str], built: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `python -m assistant …`; keywords are variables of its environment."""

    def run(*arguments: str | bytes, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "assistant", *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=60,
            env={**environment, **variables},
        )

    return run


def fetch(url: str) -> tuple[int, str]:
    """Return status and body of an address; 0 while nothing listens there."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return int(answer.status), answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def wait_for(url: str, status: int, process: subprocess.Popen[str], seconds: float = 60) -> str:
    """Return the body of an address once it answers with a status."""
    deadline = time.monotonic() + seconds
    while True:
        found, body = fetch(url)
        if found == status:
            return body
        assert process.poll() is None, f"the server ended with {process.returncode}"
        assert time.monotonic() < deadline, f"{url} answers {found}, not {status}"
        time.sleep(0.05)


@pytest.fixture(scope="session")
def served(environment: dict[str, str], built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The page, served in a process of its own on a free port."""
    folder = tmp_path_factory.mktemp("served")
    gate = folder / "gate"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with (folder / "log.txt").open("w", encoding="utf-8") as log:
        started = subprocess.Popen(
            [sys.executable, "-c", GATED, str(gate), "chat", "--port", str(port)],
            env=environment, stdout=log, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        try:
            health_before = json.loads(wait_for(f"{url}/health", 503, started))
            page_before = fetch(f"{url}/")
            gate.touch()
            wait_for(f"{url}/health", 200, started)
            yield Served(url, (503, health_before), page_before)
        finally:
            stop(started)
