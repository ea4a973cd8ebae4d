"""The doors: command line, settings, catalogues, server, page in a real browser."""

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
from playwright.sync_api import Browser, Page, sync_playwright

from assistant.errors import CatalogueError
from assistant.messages import load_catalogue
from assistant.page.view import CATALOGUE_FOLDER
from assistant.settings import AssistantSettings, assistant_settings
from index.errors import SettingsError
from index.settings import PREFIX

ROOT = Path(__file__).resolve().parents[2]
QUESTION = "Quels sont les facteurs clés de succès de la mutualisation ?"
WORDS = "Travailler la confiance par des premières actions de mutualisation."
CHROMIUM = "/usr/bin/chromium"


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
    assert "default-src 'self'" in policy


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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser, server: str) -> Iterator[Page]:
    """The page, opened, with whatever left this host or went wrong in its console noted."""
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    away: list[str] = []
    wrong: list[str] = []
    opened.on("request", lambda r: away.append(r.url) if not r.url.startswith((server, "data:", "blob:")) else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("dialog", lambda dialog: wrong.append(f"dialog {dialog.message}"))
    opened.goto(server)
    opened.locator("#offers button:visible").nth(5).wait_for()
    yield opened
    opened.close()
    assert away == []
    assert wrong == []


def put(page: Page, question: str) -> None:
    answered = page.locator(".answered").count()
    page.fill("#question textarea", question)
    page.click("#send")
    page.locator(".answered").nth(answered).wait_for()


pytestmark = [pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")]


@pytest.mark.browser
def test_a_marker_leads_to_the_exact_words_in_view(page: Page) -> None:
    put(page, QUESTION)
    page.locator(".answered a.marker").first.click()
    page.wait_for_function(
        "() => { const r = document.querySelector('.guide mark:target')?.getBoundingClientRect();"
        " return r && r.top >= 0 && r.bottom <= innerHeight; }"
    )
    marked = page.locator(".guide mark").all_inner_texts()
    assert marked[0].removesuffix("1") == WORDS
    assert page.locator(".card blockquote").first.inner_text() == WORDS


@pytest.mark.browser
def test_examples_are_asked_with_a_click_and_the_talk_can_be_cleared(page: Page) -> None:
    page.locator("#offers button:visible").first.click()
    page.locator(".answered.answer").wait_for()
    page.click("#clear")
    page.locator(".conversation .quiet").wait_for()
    assert page.locator(".answered").count() == 0


@pytest.mark.browser
def test_a_decline_looks_different_and_offers_questions(page: Page) -> None:
    put(page, "Quel est le montant de l’adhésion annuelle au réseau Inser’Eco93 ?")
    assert page.locator(".answered.decline").count() == 1
    assert page.locator("#offers button:visible").count() >= 2


@pytest.mark.browser
def test_a_whole_exchange_goes_by_keyboard(page: Page) -> None:
    page.focus("#question textarea")
    page.keyboard.type("Peut-on imposer la coopération ?")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator(".answered.answer").wait_for()
    page.locator(".answered a.marker").first.focus()
    page.keyboard.press("Enter")
    page.locator(".guide mark:target").wait_for()


@pytest.mark.browser
def test_hostile_messages_are_shown_as_text(page: Page) -> None:
    for hostile in (
        "<img src=x onerror=alert(1)>",
        "<script>alert(1)</script>",
        "[x](javascript:alert(1)) ![y](https://example.org/i.png)",
        "\u202e<b>gras</b>",
    ):
        put(page, hostile)
    assert (
        page.locator(".conversation img, .conversation script, .asked b, .conversation a[href^='javascript']").count()
        == 0
    )
    assert "<script>alert(1)</script>" in page.locator(".asked").nth(1).inner_text()


@pytest.mark.browser
def test_the_page_speaks_english_and_fits_a_phone(browser: Browser, server: str) -> None:
    phone = browser.new_page(viewport={"width": 360, "height": 740})
    phone.goto(f"{server}/en/")
    phone.locator("#offers button:visible").first.wait_for()
    assert phone.evaluate("() => document.documentElement.lang") == "en"
    assert "Ask the guide" in phone.locator("h1").first.inner_text()
    assert phone.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    phone.close()
