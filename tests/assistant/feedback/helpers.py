"""What the tests of `python -m assistant feedback` share: a question, hostile words, the lines of an export."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from typing import Any

QUESTION = "Quels sont les facteurs clés de succès de la mutualisation ?"
HOSTILE = {
    "markup": "[red]rouge[/red] [link=https://example.org]lien[/link] [/] :warning:",
    "colour": "\x1b[31mrouge\x1b[0m \x1b[2J\x1b[1;1H",
    "title": "\x1b]0;titre\x07 \x1b]8;;https://example.org\x1b\\lien\x1b]8;;\x1b\\ \x1bP1$r\x1b\\",
    "eight bits": "\x9b31mrouge \x9d0;titre\x9c \x90q\x9c \x85",
    "nested": "\x1b\x1b[31m[31m \x1b[\x1b[31m31m",
    "unfinished": "avant \x1b]0;sans fin",
    "unseen": "\u202egras\u202c \u2066x\u2069 z\u200bw \ufeff \u2028",
    "bells": "\x07\x08\x08\r\x00\x7f",
    "formula": '=HYPERLINK("https://example.org";"cliquez")',
    "csv": 'un "deux"; trois,\nquatre',
}
Cli = Callable[..., subprocess.CompletedProcess[str]]


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def on_a_terminal(environment: dict[str, str], *arguments: str) -> str:
    """Return what a command writes to a terminal."""
    ours, theirs = pty.openpty()
    done = subprocess.Popen(
        [sys.executable, "-m", "assistant", "feedback", *arguments],
        stdout=theirs, stderr=theirs, stdin=theirs, env={**environment, "TERM": "xterm-256color"},
    )  # fmt: skip
    os.close(theirs)
    written = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # Linux's way to say that the other end is closed.
            break
        if not chunk:
            break
        written += chunk
    os.close(ours)
    assert done.wait(timeout=60) == 0, written
    return written.decode("utf-8")
