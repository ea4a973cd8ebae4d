"""`python -m assistant feedback list`, and what every command says of nothing, of bad settings, of damage."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.assistant.feedback.helpers import QUESTION, Cli


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("list",), "No feedback yet"),
        (("export",), "No feedback yet"),
        (("conversations",), "No conversation is kept"),
        (("erase-conversations", "--yes"), "No conversation is kept"),
        (("purge",), "0 exchanges erased"),
    ],
)
def test_where_nothing_was_kept_commands_say_so_and_make_nothing(
    feedback: Cli, data: Path, arguments: tuple[str, ...], told: str
) -> None:
    done = feedback(*arguments)
    assert done.returncode == 0 and told in done.stdout + done.stderr
    assert not data.exists()


@pytest.mark.parametrize("name", ["list", "conversations"])
def test_json_of_nothing_is_an_empty_list(feedback: Cli, name: str) -> None:
    assert json.loads(feedback(name, "--json").stdout) == []


def test_the_list_shows_each_verdict_with_its_question_and_comment(feedback: Cli, give: Callable[..., str]) -> None:
    give("good")
    give("wrong", "Peut-on imposer la coopération ?", "Pas d’accord.")
    shown = feedback("list").stdout
    assert QUESTION in shown and "answer, 2 cited" in shown
    assert "Peut-on imposer la coopération ?" in shown and "Pas d’accord." in shown
    assert "2 in all: 1 good, 1 wrong" in shown


def test_the_list_can_be_narrowed_by_day_and_verdict(feedback: Cli, give: Callable[..., str]) -> None:
    give("good")
    give("wrong")
    today = datetime.now().astimezone()
    assert len(json.loads(feedback("list", "--json", "--since", f"{today:%Y-%m-%d}").stdout)) == 2
    assert json.loads(feedback("list", "--json", "--since", f"{today + timedelta(days=1):%Y-%m-%d}").stdout) == []
    assert [row["verdict"] for row in json.loads(feedback("list", "--json", "--verdict", "wrong").stdout)] == ["wrong"]
    assert "No feedback of this kind" in feedback("list", "--verdict", "incomplete").stdout


@pytest.mark.parametrize("arguments", [("--since", "hier"), ("--verdict", "bof")])
def test_an_option_that_means_nothing_is_refused(feedback: Cli, arguments: tuple[str, ...]) -> None:
    done = feedback("list", *arguments)
    assert done.returncode == 2 and arguments[1] in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [("list",), ("export",), ("conversations",), ("purge",), ("erase-conversations", "--yes")],
    ids=" ".join,
)
def test_a_damaged_file_is_one_readable_line(feedback: Cli, data: Path, arguments: tuple[str, ...]) -> None:
    data.mkdir()
    (data / "records.sqlite3").write_text("Ceci n’est pas une base.\n" * 300, encoding="utf-8")
    done = feedback(*arguments)
    assert done.returncode == 1 and done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1 and "damaged" in done.stderr


def test_a_bad_setting_is_one_readable_line(feedback: Cli) -> None:
    done = feedback("list", ASSISTANT_KEEP_CONVERSATIONS="toujours")
    assert done.returncode == 1 and len(done.stderr.strip().splitlines()) == 1
    done = feedback("list", DATABASE_URL="mysql://u:geheim@h/x")
    assert done.returncode == 1 and "mysql" in done.stderr and "geheim" not in done.stderr
