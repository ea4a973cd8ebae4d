"""What the tests of the records do: make exchanges, look at the table, start programs that write."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import text

from assistant.records import Records
from assistant.settings import AssistantSettings
from assistant.types import Answer, Citation, Exchange

ROOT = Path(__file__).resolve().parents[3]
STATUS = {"guide": "petit", "index": "0123456789abcdef", "edition": "e" * 64}
QUOTE = "Semez en mars."
Open = Callable[[AssistantSettings], Records]
Make = Callable[..., AssistantSettings]
# Programs that the tests start; each finds its settings in its environment.
COMMON = """
import os, sys, threading, time
from assistant.records import Records, RecordsError
from assistant.settings import assistant_settings
from assistant.types import Answer, Exchange
import assistant.records.store
exchange = Exchange("Quand semer ?", Answer("decline", "x" * 500, (), (), "Quand semer ?", (), "fr", 0.5, "extractive"))
def add(records, comment=""):
    return records.add_feedback(exchange, "good", comment, status={"guide": "petit"})
"""


def exchange(question: str = "Quand semer ?", **values: Any) -> Exchange:
    citation = Citation(1, "petit", ("Semer",), QUOTE, 60, 60 + len(QUOTE), "p-1234abcd")
    given: dict[str, Any] = {
        "kind": "answer", "text": f"« {QUOTE} » [1]", "citations": (citation,), "related": (), "understood": question,
        "suggestions": ("Quand arroser ?",), "language": "fr", "confidence": 0.75, "mode": "extractive",
    }  # fmt: skip
    return Exchange(question, Answer(**{**given, **values}))


def exchanges(records: Records) -> list[str]:
    with records._store._engine.connect() as connection:
        return [row[0] for row in connection.execute(text("SELECT question FROM assistant_exchange ORDER BY at"))]


def environment(settings: AssistantSettings) -> dict[str, str]:
    return {
        **os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "ASSISTANT_DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": settings.database_url,
    }  # fmt: skip


def start(program: str, settings: AssistantSettings, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", COMMON + program, *arguments],
        env=environment(settings), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
