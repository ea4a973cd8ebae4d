"""Feedback is kept as it was given, whatever was typed, and nothing that names a reader beside it."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import inspect

from assistant import Assistant
from assistant.records import MOST_COMMENT, VERDICTS, RecordsError, store
from assistant.records.feedback import storable
from assistant.types import Exchange
from tests.assistant.records.helpers import ROOT, STATUS, Make, Open, exchange

HOSTILE = {
    "markup": "<script>alert(1)</script> {{7*7}} %s '; DROP TABLE assistant_feedback; --",
    "signs": "𝔘🧑‍🌾 é e\u0301 \u202e\u200b\ufeff \x1b[31m \x7f\x85 \r\n\t « ’ »",
    "long": "é" * 1_000_000,
    "empty": "",
}


def test_feedback_comes_back_as_it_was_given(kept: Make, opened: Open) -> None:
    before = datetime.now(UTC)
    given = exchange("et en mars ?", understood="Quand semer ? en mars ?")
    key = opened(kept()).add_feedback(given, "incomplete", "Il manque « avril ».", status=STATUS, history=["Quoi ?"])
    (found,) = opened(kept()).feedback()
    assert found.id == key and uuid.UUID(key).version == 4
    assert before <= found.at <= datetime.now(UTC) and found.at.utcoffset() == timedelta(0)
    assert found.to_dict() == {
        "id": key, "at": found.at.isoformat(), "verdict": "incomplete", "comment": "Il manque « avril ».",
        "question": "et en mars ?", "understood": "Quand semer ? en mars ?", "language": "fr", "kind": "answer",
        "text": given.answer.text, "citations": [given.answer.citations[0].to_dict()], "confidence": 0.75,
        "guide": "petit", "index": STATUS["index"], "edition": STATUS["edition"], "history": ["Quoi ?"],
    }  # fmt: skip


def test_feedback_on_a_real_answer_keeps_its_citations_and_index(
    assistant: Assistant, kept: Make, opened: Open
) -> None:
    question = "Quels sont les facteurs clés de succès de la mutualisation ?"
    answer = assistant.ask(question)
    records = opened(kept(keep_conversations=1))
    records.add_feedback(Exchange(question, answer), "good", status=assistant.status())
    assert records.keep_exchange("clé", Exchange(question, answer))
    (found,) = records.feedback()
    assert found.citations == [citation.to_dict() for citation in answer.citations]
    assert (found.guide, found.index) == (assistant.guide.slug, assistant.status()["index"])


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_any_text_is_kept_exactly(kept: Make, opened: Open, words: str) -> None:
    records = opened(kept(keep_conversations=1))
    records.add_feedback(exchange(words, text=words), "wrong", words, status={"guide": words}, history=[words])
    records.keep_exchange(words, exchange(words, text=words))
    (found,) = records.feedback()
    assert (found.question, found.text, found.guide, found.history) == (words, words, words, [words])
    assert found.comment == words[:MOST_COMMENT]


def test_what_no_database_takes_is_replaced_and_nothing_around_it(kept: Make, opened: Open) -> None:
    records = opened(kept(keep_conversations=1))
    words = "a\0b\ud800c\udfffd\ud83c\udf31"
    records.add_feedback(exchange(words), "good", words, status={}, history=[words])
    records.keep_exchange(words, exchange(words, confidence=float("nan")))
    (found,) = records.feedback()
    assert [found.question, found.comment, *found.history] == ["a\ufffdb\ufffdc\ufffdd🌱"] * 3


@given(st.text(st.characters()))
def test_a_storable_text_is_unicode_without_nul_and_a_good_one_is_untouched(words: str) -> None:
    stored = storable(words)
    assert "\0" not in stored
    stored.encode()
    good = not any(char == "\0" or "\ud800" <= char <= "\udfff" for char in words)
    assert (stored == words) if good else len(stored) <= len(words)


@pytest.mark.parametrize("verdict", ["", "GOOD", "good' OR 1=1", "x" * 5000, "\ud800"])
def test_an_unknown_verdict_is_refused(in_file: Make, opened: Open, verdict: str) -> None:
    records = opened(in_file())
    with pytest.raises(RecordsError, match="Use one of good, wrong"):
        records.add_feedback(exchange(), verdict, status=STATUS)
    assert list(records.feedback()) == []


def test_feedback_is_listed_by_time_and_verdict_over_any_number_of_pages(
    kept: Make, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "PAGE", 3)
    records = opened(kept())
    ids = [records.add_feedback(exchange(), verdict, status=STATUS) for verdict in VERDICTS * 2]
    rows = list(records.feedback())
    assert [row.id for row in rows] == ids
    assert [row.id for row in records.feedback(verdict="should_decline")] == [ids[3], ids[8]]
    assert [row.id for row in records.feedback(since=rows[6].at)] == ids[6:]
    assert [row.id for row in records.feedback(since=rows[6].at.astimezone(), verdict="good")] == []


def test_nothing_that_names_a_reader_has_a_column(kept: Make, opened: Open) -> None:
    records = opened(kept())
    columns = {
        f"{table}.{column['name']}"
        for table in inspect(records._store._engine).get_table_names()
        for column in inspect(records._store._engine).get_columns(table)
    }
    words = {column.split(".")[1] for column in columns}
    assert words == {
        "version", "id", "at", "verdict", "comment", "question", "understood", "language", "kind", "text", "citations",
        "confidence", "guide", "fingerprint", "edition", "history", "conversation", "until", "answer",
    }  # fmt: skip


def test_no_database_library_is_loaded_to_answer(built: Path) -> None:
    code = (
        "import sys, assistant.cli, assistant.records; from assistant import Assistant; "
        "assert Assistant.open().ask('Quels sont les freins ?').text; "
        "sys.exit(bool({'sqlalchemy', 'psycopg'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
