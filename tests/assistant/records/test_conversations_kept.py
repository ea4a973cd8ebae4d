"""Conversations: kept where that is turned on, no longer than promised, erased for good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from assistant.records import keeper, store
from tests.assistant.records.helpers import STATUS, Make, Open, exchange, exchanges


def test_conversations_are_kept_only_where_that_is_turned_on(kept: Make, opened: Open) -> None:
    off = opened(kept())
    assert not off.keep_exchange("clé", exchange())
    assert exchanges(off) == []
    on = opened(kept(keep_conversations=30))
    assert on.keep_exchange("clé", exchange())
    assert exchanges(on) == ["Quand semer ?"]


def test_exchanges_come_back_by_conversation_in_order_over_any_number_of_pages(
    kept: Make, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "PAGE", 2)
    records = opened(kept(keep_conversations=30))
    before = datetime.now(UTC)
    given = [
        (key, exchange(question)) for key, question in (("a", "1"), ("b", "2"), ("a", "3"), ("a", "4"), ("b", "5"))
    ]
    for key, one in given:
        assert records.keep_exchange(key, one)
    found = records.conversations()
    assert [[one.question for one in talk] for talk in found] == [["1", "3", "4"], ["2", "5"]]
    first = found[0][0]
    assert (first.kind, first.cited, first.answer) == ("answer", 1, given[0][1].answer.to_dict())
    assert before <= first.at <= datetime.now(UTC) and first.until - first.at == timedelta(days=30)
    since = found[0][1].at
    assert [[one.question for one in talk] for talk in records.conversations(since=since)] == [["3", "4"], ["5"]]


def test_an_exchange_past_its_day_is_not_shown_even_before_it_is_erased(kept: Make, opened: Open) -> None:
    records = opened(kept(keep_conversations=30))
    records.keep_exchange("a", exchange("ancien"))
    with records._store._writing.begin() as connection:
        connection.execute(text("UPDATE assistant_exchange SET until = '2020-01-03 00:00:00.000000'"))
    records.keep_exchange("a", exchange("nouveau"))
    assert exchanges(records) == ["ancien", "nouveau"]
    assert [[one.question for one in talk] for talk in records.conversations()] == [["nouveau"]]


def test_a_reader_erases_her_conversation_and_nobody_elses(kept: Make, opened: Open) -> None:
    records = opened(kept(keep_conversations=30))
    for conversation, question in (("hers", "un"), ("hers", "deux"), ("other", "trois")):
        records.keep_exchange(conversation, exchange(question))
        records.add_feedback(exchange(question), "wrong", status=STATUS, history=[question], conversation=conversation)
    assert records.erase_conversation("hers") == 2
    assert records.erase_conversation("hers") == 0
    assert exchanges(records) == ["trois"]
    assert [(row.question, row.history) for row in records.feedback()] == [
        ("un", []),
        ("deux", []),
        ("trois", ["trois"]),
    ]


def test_erasing_every_conversation_leaves_feedback_alone_without_history(kept: Make, opened: Open) -> None:
    records = opened(kept(keep_conversations=30))
    records.keep_exchange("a", exchange())
    records.add_feedback(exchange(), "wrong", status=STATUS, history=["avant"])
    assert records.erase_conversations() == 1
    assert exchanges(records) == [] and [row.history for row in records.feedback()] == [[]]


def test_erased_words_are_in_no_file_any_more(in_file: Make, opened: Open) -> None:
    settings = in_file(keep_conversations=30)
    records = opened(settings)
    records.keep_exchange("hers", exchange("Mot-très-secret"))
    files = list(settings.data_dir.iterdir())
    assert any("Mot-très-secret".encode() in file.read_bytes() for file in files)
    records.erase_conversation("hers")
    assert not any("Mot-très-secret".encode() in file.read_bytes() for file in settings.data_dir.iterdir())
    assert not any(b"hers" in file.read_bytes() for file in settings.data_dir.iterdir())


def test_conversations_go_when_their_day_has_come(kept: Make, opened: Open) -> None:
    records = opened(kept(keep_conversations=30))
    records.keep_exchange("a", exchange("ancien"))
    records.add_feedback(exchange(), "good", status=STATUS, conversation="a")
    now = datetime.now(UTC)
    assert records.purge(now + timedelta(days=29, hours=23)) == 0
    shorter = opened(kept(keep_conversations=7))
    assert shorter.purge(now + timedelta(days=6)) == 0
    off = opened(kept())
    assert off.purge(now + timedelta(days=29)) == 0, "keeping turned off erases nothing before its day"
    assert exchanges(off) == ["ancien"]
    assert shorter.purge(now + timedelta(days=8)) == 1
    records.keep_exchange("a", exchange("nouveau"))
    assert off.purge(now + timedelta(days=31)) == 1
    assert len(list(records.feedback())) == 1, "feedback stays"


def test_opening_purges_and_later_uses_do_once_an_hour(
    kept: Make, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = opened(kept(keep_conversations=2))
    records.keep_exchange("a", exchange("ancien"))
    with records._store._writing.begin() as connection:
        connection.execute(
            text("UPDATE assistant_exchange SET at = '2020-01-01', until = '2020-01-03 00:00:00.000000'")
        )
    records.keep_exchange("a", exchange("nouveau"))
    assert exchanges(records) == ["ancien", "nouveau"], "not twice within the hour"
    opened(kept())
    assert exchanges(records) == ["nouveau"]
    with records._store._writing.begin() as connection:
        connection.execute(text("UPDATE assistant_exchange SET until = '2020-01-03 00:00:00.000000'"))
    monkeypatch.setattr(keeper, "PURGE_SECONDS", 0)
    records.keep_exchange("a", exchange("dernier"))
    assert exchanges(records) == ["dernier"]
