"""What the tests of serving do: bare requests, questions, and what a running server is."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
QUESTION = "Quels sont les facteurs clés de succès de la mutualisation ?"
WORDS = "Travailler la confiance par des premières actions de mutualisation."
# Faults that no reader can cause: the search breaks, or takes its time, when a question says so.
FAULTY = """
import time
from assistant import Assistant
asked = Assistant.ask
def ask(self, question, history=None):
    if "PANNE" in question:
        raise RuntimeError("/secret/path: the index is broken")
    if "LENT" in question:
        time.sleep(3)
    return asked(self, question, history)
Assistant.ask = ask
from assistant.cli import app
app()
"""


@dataclass(frozen=True)
class Server:
    """A running server: its address, its process, the file that holds what it says."""

    url: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def stop(self, how: int = signal.SIGINT) -> int:
        self.process.send_signal(how)
        return self.process.wait(timeout=20)


Serve = Callable[..., AbstractContextManager[Server]]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_open(server: Server, seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            if httpx.get(f"{server.url}/health", timeout=10).status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert server.process.poll() is None, f"the server ended: {server.said()}"
        assert time.monotonic() < deadline, f"the server did not open: {server.said()}"
        time.sleep(0.1)


def ask(client: httpx.Client, question: Any, history: Any = (), **headers: str) -> dict[str, Any]:
    """Ask as a program does with bare HTTP; return the event's name and data."""
    data = [question, list(history) if isinstance(history, tuple) else history]
    sent = client.post("/gradio_api/call/ask", json={"data": data}, headers=headers).raise_for_status()
    with client.stream("GET", f"/gradio_api/call/ask/{sent.json()['event_id']}") as stream:
        name = ""
        for line in stream.iter_lines():
            if line.startswith("event:"):
                name = line[6:].strip()
            elif line.startswith("data:") and name != "heartbeat":
                return {"event": name, "data": json.loads(line[5:])}
    raise AssertionError("the stream ended without an answer")


def raw(server: Server, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Send a request as written, without a library that mends it; return status, headers and body."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.putrequest(method, path, skip_host="host" in headers, skip_accept_encoding=True)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in {"content-length": str(len(body)), **named}.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()
