"""Kept conversations on the command line: shown in order, erased when confirmed or past their day."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from assistant import Assistant
from assistant.records import Records
from assistant.types import Exchange
from tests.assistant.feedback.helpers import QUESTION, Cli

THANKS = "Merci !"
IMPOSED = "Peut-on imposer la coopération ?"
ON = {"ASSISTANT_KEEP_CONVERSATIONS": "30"}
OFF = "Keeping is off here: set ASSISTANT_KEEP_CONVERSATIONS"


def test_conversations_are_shown_one_by_one_each_in_order(feedback: Cli, keep: Callable[..., Exchange]) -> None:
    keep("une", QUESTION)
    keep("autre", IMPOSED)
    keep("une", THANKS, kind="smalltalk", citations=())
    shown = feedback("conversations", **ON).stdout
    assert sorted((QUESTION, THANKS, IMPOSED), key=shown.index) == [QUESTION, THANKS, IMPOSED]
    asked = next(line for line in shown.splitlines() if QUESTION in line)
    assert "answer, 1 cited" in asked and f"{datetime.now().astimezone():%Y-%m-%d}" in asked
    thanked = next(line for line in shown.splitlines() if THANKS in line)
    assert "smalltalk" in thanked and "cited" not in thanked
    assert "Conversations: 2, exchanges: 3." in shown and OFF not in shown


def test_the_table_names_a_conversation_once(feedback: Cli, keep: Callable[..., Exchange]) -> None:
    keep("une", QUESTION)
    keep("une", THANKS)
    (key,) = {row["conversation"] for row in json.loads(feedback("conversations", "--json", **ON).stdout)}
    assert feedback("conversations", **ON).stdout.count(key[:8]) == 1


def test_json_gives_each_exchange_whole(feedback: Cli, keep: Callable[..., Exchange]) -> None:
    given = keep("une", QUESTION)
    done = feedback("conversations", "--json", **ON)
    (row,) = json.loads(done.stdout)
    assert done.stderr == ""
    assert row.keys() == {"id", "conversation", "at", "until", "question", "answer"}
    assert (row["question"], row["answer"]) == (QUESTION, given.answer.to_dict())
    assert datetime.fromisoformat(row["until"]) - datetime.fromisoformat(row["at"]) == timedelta(days=30)


def test_who_reads_conversations_learns_no_key_that_erases_one(
    feedback: Cli, keep: Callable[..., Exchange], records: Records
) -> None:
    keep("la clé de la lectrice")
    done = feedback("conversations", "--json", **ON)
    assert "la clé de la lectrice" not in done.stdout
    assert records.erase_conversation(json.loads(done.stdout)[0]["conversation"]) == 0


def test_conversations_can_be_narrowed_by_day(feedback: Cli, keep: Callable[..., Exchange]) -> None:
    keep("une")
    today = datetime.now().astimezone()
    tomorrow = f"{today + timedelta(days=1):%Y-%m-%d}"
    assert len(json.loads(feedback("conversations", "--json", "--since", f"{today:%Y-%m-%d}", **ON).stdout)) == 1
    assert feedback("conversations", "--since", tomorrow, **ON).stdout == "No conversation is kept since then.\n"


def test_where_keeping_is_on_and_nothing_is_kept_one_line_says_so(feedback: Cli) -> None:
    assert feedback("conversations", **ON).stdout == "No conversation is kept.\n"


def test_where_keeping_is_off_the_setting_is_named(feedback: Cli) -> None:
    shown = feedback("conversations").stdout
    assert "No conversation is kept." in shown and OFF in shown
    done = feedback("conversations", "--json")
    assert json.loads(done.stdout) == [] and OFF in done.stderr, "JSON stays JSON"


def test_what_was_kept_before_keeping_went_off_is_still_shown(feedback: Cli, keep: Callable[..., Exchange]) -> None:
    keep("une")
    shown = feedback("conversations").stdout
    assert QUESTION in shown and OFF in shown and "No conversation" not in shown


def test_conversations_are_erased_only_when_confirmed(
    feedback: Cli, records: Records, assistant: Assistant, give: Callable[..., str]
) -> None:
    records.keep_exchange("clé", Exchange(QUESTION, assistant.ask(QUESTION)))
    give("good", history=["Avant ?"])
    done = feedback("erase-conversations")
    assert done.returncode == 1 and "0 exchanges" not in done.stdout
    assert [row.history for row in records.feedback()] == [["Avant ?"]]
    assert feedback("erase-conversations", "--yes").stdout == "1 exchanges erased.\n"
    assert [row.history for row in records.feedback()] == [[]]


def test_purge_erases_what_is_past_its_day(feedback: Cli, records: Records, assistant: Assistant) -> None:
    records.keep_exchange("clé", Exchange(QUESTION, assistant.ask(QUESTION)))
    assert feedback("purge").stdout == "0 exchanges erased.\n"
    assert records.purge(datetime.now(UTC) + timedelta(days=31)) == 1
