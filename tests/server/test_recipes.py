"""What `docs/deploying.md` shows works as it stands there."""

from __future__ import annotations

import configparser
import re
import shlex
from typing import Any

import httpx
import pytest

from assistant import Assistant
from tests.server.helpers import ROOT, Server

TEXT = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")
QUESTION = "Peut-on imposer la coopération ?"


def block(language: str, holding: str) -> str:
    found = [text for text in re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL) if holding in text]
    assert len(found) == 1, holding
    return str(found[0])


def as_request(command: str) -> dict[str, Any]:
    """Return what a curl command sends."""
    parts = shlex.split(command)
    values = {flag: parts[place + 1] for place, flag in enumerate(parts) if flag in ("-H", "-d")}
    (url,) = [part for part in parts if part.startswith("http")]
    headers = dict([values["-H"].split(": ", 1)]) if "-H" in values else {}
    content = values.get("-d")
    return {
        "method": "POST" if content else "GET", "url": url, "headers": headers,
        "content": content.encode() if content else None,
    }  # fmt: skip


@pytest.mark.server
def test_the_two_requests_of_plain_http(server: Server) -> None:
    commands = [line for line in block("sh", "curl").splitlines() if line.startswith("curl")]
    asking, waiting = (command.replace("http://127.0.0.1:7860", server.url) for command in commands)
    sent = httpx.request(**as_request(asking)).raise_for_status().json()
    answer = httpx.request(**as_request(waiting.replace("$EVENT_ID", sent["event_id"])), timeout=20).text
    assert answer.startswith("event: complete\ndata: [{") and "FAUX" in answer


@pytest.mark.server
def test_the_python_client(server: Server) -> None:
    names: dict[str, Any] = {}
    exec(block("python", "gradio_client").replace("http://127.0.0.1:7860", server.url), names)
    assert names["answer"]["citations"]


def test_every_field_is_documented(assistant: Assistant) -> None:
    answer = assistant.ask(QUESTION).to_dict()
    documented = set(re.findall(r"`(\w+)`", TEXT))
    assert answer.keys() | answer["citations"][0].keys() | answer["trace"].keys() <= documented
    assert answer["trace"]["passages"][0].keys() <= documented


def test_the_unit_can_be_read_and_names_settings_that_exist() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.read_string(block("ini", "[Unit]"))
    assert unit["Service"]["ExecStart"].endswith("-m assistant chat")
    from assistant.settings import AssistantSettings

    for name in set(re.findall(r"ASSISTANT_([A-Z_]+)", TEXT)):
        assert name.lower() in AssistantSettings.model_fields, name
