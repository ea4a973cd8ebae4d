"""What the tests of serving share: servers in processes of their own, and a browser."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser

from tests.processes import stop
from tests.server.helpers import FAULTY, ROOT, Serve, Server, free_port, wait_until_open

CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(scope="session")
def serve(built: Path, tmp_path_factory: pytest.TempPathFactory, settings: Any) -> Serve:
    """Start a server; keywords are settings (`rate_limit="3"`), `faulty` makes some questions fail or last."""

    @contextmanager
    def running(*, faulty: bool = False, port: int = 0, **values: str) -> Iterator[Server]:
        port = port or free_port()
        log = tmp_path_factory.mktemp("server") / "log.txt"
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("ASSISTANT_") and k != "AUTH_FILE"}
        named = {f"ASSISTANT_{name.upper()}": value for name, value in {"rate_limit": "0", **values}.items()}
        program = ["-c", FAULTY] if faulty else ["-m", "assistant"]
        with log.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, *program, "chat", "--port", str(port)], stdout=file, stderr=subprocess.STDOUT,
                env={
                    **inherited, "ASSISTANT_DATA_DIR": str(settings.data_dir), "PYTHONPATH": str(ROOT),
                    "PYTHONUTF8": "1", "COLUMNS": "200", **named,
                },
            )  # fmt: skip
        server = Server(f"http://127.0.0.1:{port}", port, process, log)
        try:
            wait_until_open(server)
            yield server
        finally:
            stop(process)

    return running


@pytest.fixture(scope="session")
def server(serve: Serve) -> Iterator[Server]:
    """The server as it is by default, but for the rate limit, with the tool for language models."""
    with serve(mcp_server="true") as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=20) as made:
        yield made


@pytest.fixture
def chromium(browser: Browser) -> Browser:
    return browser
