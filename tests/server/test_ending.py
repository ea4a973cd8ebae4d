"""How a server ends, and what is left behind; that it tells nobody of itself."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from assistant.settings import AssistantSettings
from tests.server.helpers import QUESTION, ROOT, Serve, free_port

pytestmark = pytest.mark.server


@pytest.mark.browser
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_server_with_a_reader_ends_quietly_and_soon(serve: Serve, chromium: Browser, how: int) -> None:
    with serve() as server:
        page = chromium.new_page()
        page.goto(server.url)
        page.locator("#starters button").first.click()
        page.locator(".answered").first.wait_for()
        start = time.monotonic()
        assert server.stop(how) == 0
        assert time.monotonic() - start < 4
        said = server.said()
        assert "Traceback" not in said and "ERROR" not in said and "WARNING" not in said, said
        page.close()


def test_a_server_that_is_answering_ends_too(serve: Serve) -> None:
    with serve(faulty=True) as server:

        def slow() -> None:
            with httpx.Client(base_url=server.url, timeout=20) as client:
                sent = client.post("/gradio_api/call/ask", json={"data": ["LENT", []]}).json()
                with suppress(httpx.TransportError):
                    client.get(f"/gradio_api/call/ask/{sent['event_id']}")

        reader = threading.Thread(target=slow)
        reader.start()
        time.sleep(0.5)
        start = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - start < 8
        assert "Traceback" not in server.said(), server.said()
        reader.join()


def test_a_taken_port_is_told_in_a_sentence(environment_of_chat: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = subprocess.run(
            [sys.executable, "-m", "assistant", "chat", "--port", str(taken.getsockname()[1])],
            capture_output=True, text=True, check=False, env=environment_of_chat, timeout=60,
        )  # fmt: skip
    assert done.returncode == 1 and "--port" in done.stderr and "Traceback" not in done.stderr


def test_a_killed_server_leaves_no_lock(serve: Serve) -> None:
    port = free_port()
    with serve(port=port) as server:
        server.process.kill()
        server.process.wait()
    with serve(port=port) as again:
        assert httpx.get(f"{again.url}/health").status_code == 200


@pytest.fixture
def environment_of_chat(settings: AssistantSettings) -> dict[str, str]:
    return {**os.environ, "ASSISTANT_DATA_DIR": str(settings.data_dir), "PYTHONPATH": str(ROOT), "COLUMNS": "200"}


WATCHED = """
import json, sys
seen = []
def watch(event, arguments):
    if event == "socket.connect":
        seen.append(("connect", str(arguments[1])))
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        seen.append((event, str(arguments[0] if event != "socket.sendto" else arguments[1])))
sys.addaudithook(watch)
import atexit
atexit.register(lambda: open(sys.argv[-1], "w").write(json.dumps(seen)))
from assistant.cli import app
app(sys.argv[1:-1], standalone_mode=False)
"""


def test_nothing_is_told_to_anyone_while_the_page_starts_and_answers(
    environment_of_chat: dict[str, str], tmp_path: Path, built: Path
) -> None:
    port, report = free_port(), tmp_path / "seen.json"
    program = [sys.executable, "-c", WATCHED, "chat", "--port", str(port), str(report)]
    started = subprocess.Popen(program, env={**environment_of_chat, "ASSISTANT_MCP_SERVER": "true"})
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(600):
            try:
                if httpx.get(f"{url}/health").status_code == 200:
                    break
            except httpx.TransportError:
                pass
            assert started.poll() is None
            time.sleep(0.1)
        with httpx.Client(base_url=url, timeout=20) as client:
            client.get("/").raise_for_status()
            client.get("/gradio_api/startup-events").raise_for_status()
            sent = client.post("/gradio_api/call/ask", json={"data": [QUESTION, []]}).raise_for_status().json()
            assert "complete" in client.get(f"/gradio_api/call/ask/{sent['event_id']}").text
        time.sleep(2)  # What libraries tell of themselves, they tell a little later.
    finally:
        started.send_signal(signal.SIGINT)
        started.wait(timeout=20)
    assert json.loads(report.read_text(encoding="utf-8")) == []
