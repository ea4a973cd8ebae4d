"""Whatever readers wrote, neither a terminal nor a spreadsheet acts upon it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.records.export import harmless, json_text, neutral
from assistant.types import Exchange
from tests.assistant.feedback.helpers import HOSTILE, Cli, on_a_terminal

COMMANDS = (
    ("list",), ("list", "--json"), *(("export", "--format", form) for form in ("jsonl", "csv", "bank", "dataset")),
)  # fmt: skip


def check_harmless(shown: str, arguments: tuple[str, ...]) -> None:
    """Assert that a terminal acts upon nothing in what a command wrote, but our own style of tables, and shows it."""
    without_our_own_style = re.sub(r"\x1b\[[0-9;]*m", "", shown) if len(arguments) == 1 else shown
    acted_upon = re.findall(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]",
                            without_our_own_style.replace("\r\n", "\n"))  # fmt: skip
    assert acted_upon == []
    assert "[red]rouge[/red]" in without_our_own_style and ":warning:" in without_our_own_style
    assert "\x1b[31m" not in shown


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_hostile_words_do_nothing_to_a_terminal(
    environment: dict[str, str], data: Path, give: Callable[..., str], arguments: tuple[str, ...]
) -> None:
    for words in HOSTILE.values():
        give("wrong", f"Q {words}", words, text=words)
    shown = on_a_terminal({**environment, "ASSISTANT_DATA_DIR": str(data), "COLUMNS": "200"}, *arguments)
    check_harmless(shown, arguments)


@pytest.mark.parametrize("arguments", [("conversations",), ("conversations", "--json")], ids=" ".join)
def test_hostile_words_of_conversations_do_nothing_to_a_terminal(
    environment: dict[str, str], data: Path, keep: Callable[..., Exchange], arguments: tuple[str, ...]
) -> None:
    for words in HOSTILE.values():
        keep(words, f"Q {words}", text=words, kind=words)
    shown = on_a_terminal({**environment, "ASSISTANT_DATA_DIR": str(data), "COLUMNS": "200"}, *arguments)
    check_harmless(shown, arguments)


def test_what_is_stripped_for_a_terminal_leaves_the_words() -> None:
    assert harmless("a \x1b[31mrouge\x1b[0m b\x1b]0;titre\x07 c\n\td") == "a rouge b c\n\td"
    assert harmless("L’été à Seine-Saint-Denis : 3\u202f€ « oui »") == "L’été à Seine-Saint-Denis : 3\u202f€ « oui »"


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_json_that_is_harmless_says_the_same(words: str) -> None:
    assert json.loads(json_text({"a": words})) == {"a": words}
    assert "\n" not in json_text({"a": words})


def test_a_spreadsheet_runs_no_cell(feedback: Cli, give: Callable[..., str], tmp_path: Path) -> None:
    starts = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "\x1b[1m=1")
    for words in starts:
        give("wrong", words, words, text=words)
    out = tmp_path / "avis.csv"
    assert feedback("export", "--format", "csv", "--out", out).returncode == 0
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig"), newline="")))
    assert len(rows) == len(starts)
    for row in rows:
        assert all(row[name].startswith("'") for name in ("question", "comment", "text"))
        assert not [cell for cell in row.values() if re.match(r"\s*[=+\-@＝]|[\t\r]", cell)]
    assert neutral("Bonjour = oui") == "Bonjour = oui" and neutral(0.5) == 0.5
