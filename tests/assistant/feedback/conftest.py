"""What the tests of `python -m assistant feedback` share: a data folder of their own, and ways to fill it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant import Assistant
from assistant.records import Records
from assistant.settings import AssistantSettings
from assistant.types import Exchange
from index.settings import load_settings
from tests.assistant.feedback.helpers import QUESTION, Cli
from tests.assistant.records.helpers import exchange


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def feedback(command: Cli, data: Path) -> Cli:
    """Run `python -m assistant feedback …` on a data folder of the test's own."""
    return lambda *arguments, **variables: command(
        "feedback", *map(str, arguments), **{"ASSISTANT_DATA_DIR": str(data), "DATABASE_URL": "", **variables}
    )


@pytest.fixture
def records(data: Path) -> Iterator[Records]:
    opened = Records.open(load_settings(AssistantSettings, data_dir=data, keep_conversations=30))
    yield opened
    opened.close()


@pytest.fixture
def give(assistant: Assistant, records: Records) -> Callable[..., str]:
    """Give feedback on a real answer; keywords change the answer."""

    def add(verdict: str, question: str = QUESTION, comment: str = "", history: Any = (), **changed: Any) -> str:
        answer = assistant.ask(question) if not changed else replace(assistant.ask(QUESTION), **changed)
        if changed:
            answer = replace(answer, understood=changed.get("understood", question))
        return records.add_feedback(
            Exchange(question, answer), verdict, comment, status=assistant.status(), history=history
        )

    return add


@pytest.fixture
def keep(records: Records) -> Callable[..., Exchange]:
    """Keep an exchange of a conversation and return it; keywords change the answer."""

    def add(conversation: str, question: str = QUESTION, **changed: Any) -> Exchange:
        made = exchange(question, **changed)
        assert records.keep_exchange(conversation, made)
        return made

    return add
