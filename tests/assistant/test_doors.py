"""The doors: command line, settings, catalogues, server. The page in a real browser is in tests/page."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client

from assistant.errors import CatalogueError
from assistant.messages import load_catalogue
from assistant.page.messages import CATALOGUE_FOLDER
from assistant.settings import AssistantSettings, assistant_settings
from index.errors import SettingsError
from index.settings import PREFIX

ROOT = Path(__file__).resolve().parents[2]
QUESTION = "Quels sont les facteurs clés de succès de la mutualisation ?"
WORDS = "Travailler la confiance par des premières actions de mutualisation."


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200", **environment},
    )


def test_the_command_line_answers_with_its_sources(built: Path) -> None:
    done = run("assistant", "ask", QUESTION)
    assert done.returncode == 0, done.stderr
    assert WORDS in done.stdout and "Sources" in done.stdout and "[2] 2- Faire avec" in done.stdout


def test_the_command_line_gives_the_whole_answer_as_json(built: Path) -> None:
    done = run("assistant", "ask", "--json", QUESTION)
    answer = json.loads(done.stdout)
    assert answer["kind"] == "answer" and answer["citations"][0]["quote"] == WORDS
    assert {"text", "related", "understood", "suggestions", "language", "confidence", "mode"} <= answer.keys()


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"ASSISTANT_GIUDE": "x"}, "ASSISTANT_GIUDE"),
        ({"ASSISTANT_PORT": "beaucoup"}, "ASSISTANT_PORT"),
        ({"ASSISTANT_GUIDE": "inconnu"}, "cooperation-siae"),
        ({"ASSISTANT_MODEL": "/nowhere"}, "ASSISTANT_MODEL"),
    ],
)
def test_a_bad_setting_is_one_readable_line(environment: dict[str, str], told: str) -> None:
    done = run("assistant", "ask", QUESTION, **environment)
    assert done.returncode == 1
    assert told in done.stderr and "Traceback" not in done.stderr


def test_an_unknown_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}COLOUR", "red")
    with pytest.raises(SettingsError, match="COLOUR"):
        assistant_settings()


def test_every_setting_says_what_it_is_for() -> None:
    assert all(field.description for field in AssistantSettings.model_fields.values())


@pytest.mark.parametrize("folder", [ROOT / "assistant" / "catalogue", CATALOGUE_FOLDER])
def test_both_languages_say_the_same(folder: Path) -> None:
    assert load_catalogue(folder).keys()


def test_an_incomplete_catalogue_is_refused(tmp_path: Path) -> None:
    (tmp_path / "fr.json").write_text('{"a": "un {x}", "b": "deux"}', encoding="utf-8")
    for english in ('{"a": "one {x}"}', '{"a": "one", "b": "two"}'):
        (tmp_path / "en.json").write_text(english, encoding="utf-8")
        load_catalogue.cache_clear()
        with pytest.raises(CatalogueError):
            load_catalogue(tmp_path)


def health(url: str) -> int:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


@pytest.fixture(scope="module")
def server(built: Path) -> Iterator[str]:
    """The page, served by the command line on a free port; its address."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "ASSISTANT_DATA_DIR": str(ROOT / ".cache" / "tests")}
    started = subprocess.Popen(
        [sys.executable, "-m", "assistant", "chat", "--port", str(port)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    url = f"http://127.0.0.1:{port}"
    seen = set()
    deadline = time.monotonic() + 90
    while health(url) != 200:
        seen.add(health(url))
        assert started.poll() is None and time.monotonic() < deadline, "the server did not start"
        time.sleep(0.05)
    assert seen <= {0, 503, 200}
    yield url
    started.send_signal(signal.SIGINT)
    output, _ = started.communicate(timeout=20)
    assert url in output


def test_the_health_answer_says_what_answers(server: str) -> None:
    with urllib.request.urlopen(f"{server}/health") as answer:
        told = json.load(answer)
        policy = answer.headers["Content-Security-Policy"]
    assert told["status"] == "ok" and told["guide"] == "cooperation-siae"
    assert policy.startswith("default-src 'none'")


def test_programs_ask_through_the_api(server: str) -> None:
    client = Client(server, verbose=False)
    first = client.predict(QUESTION, [], api_name="/ask")
    assert first["citations"][0]["quote"] == WORDS
    blocks: list[dict[str, Any]] = [
        {"role": "user", "content": [{"type": "text", "text": QUESTION}]},
        {"role": "assistant", "content": [{"type": "text", "text": first["text"]}]},
    ]
    for history in (blocks, [{"role": m["role"], "content": m["content"][0]["text"]} for m in blocks]):
        follow = client.predict("et les inconvénients ?", history, api_name="/ask")
        assert [citation["quote"] for citation in follow["citations"]] == ["Génère des coûts de coordination."]


def test_a_taken_port_is_told(server: str) -> None:
    done = run("assistant", "chat", "--port", server.rsplit(":", 1)[1])
    assert done.returncode == 1
    assert "--port" in done.stderr and "Traceback" not in done.stderr
