"""A page that is still open goes on where it was, after its server was started anew or let it go."""

from __future__ import annotations

import base64
import io
import re
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from assistant import Assistant
from assistant.page import conversation
from assistant.page.again import MOST_AGAIN, mark_of, shown_in
from assistant.page.conversation import Desk, Talk, answered
from assistant.page.serving.limits import Buckets
from assistant.records import Records
from assistant.settings import AssistantSettings
from assistant.types import Answer, Message
from corpus import Guide
from tests.page.helpers import SUCCESS, ask, serving
from tests.server.helpers import free_port

FOLLOW_UP = "et les inconvénients ?"
QUESTIONS = (SUCCESS, FOLLOW_UP, "La coopération, est-ce une perte d’autonomie ?")
DRAWBACK = "coûts de coordination"
BLANK = " "  # Declined without a search: what matters is how many are answered.


class Counting:
    """The real assistant; counts what it is asked, and may answer as another edition would."""

    def __init__(self, assistant: Assistant) -> None:
        self.real = assistant
        self.asked: list[str] = []
        self.another_edition = False

    def ask(self, question: str, history: list[Message]) -> Answer:
        self.asked.append(question)
        answer = self.real.ask(question, history)
        return replace(answer, text=f"{answer.text} !") if self.another_edition else answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


class Reader:
    """What the page's script does: remember question and mark of each answer, and send them along."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.talk = Talk()
        self.shown: list[dict[str, Any]] = []

    def ask(self, question: str) -> dict[str, Any]:
        keys = [one["key"] for one in self.shown]
        last = self.shown[-MOST_AGAIN:]
        reply = self.desk.ask(
            {"question": question, "key": max(keys, default=0) + 1, "keep": keys, "shown": last}, self.talk
        )
        if "error" not in reply:
            self.shown.append({"key": reply["key"], "question": question, "mark": reply["mark"]})
        return reply

    def feedback(self, key: int) -> dict[str, Any]:
        before = [one for one in self.shown if one["key"] <= key][-MOST_AGAIN:]
        return self.desk.feedback({"key": key, "verdict": "good", "shown": before}, self.talk)

    def export(self, keys: list[int], upto: int) -> dict[str, Any]:
        some = [one for one in self.shown if one["key"] <= upto][-MOST_AGAIN:]
        return self.desk.export({"format": "markdown", "keys": keys, "shown": some}, self.talk)


@pytest.fixture
def counting(assistant: Assistant) -> Counting:
    return Counting(assistant)


@pytest.fixture
def records(own_settings: Callable[..., AssistantSettings]) -> Iterator[Records]:
    opened = Records.open(own_settings())
    yield opened
    opened.close()


@pytest.fixture
def reader(counting: Counting, guide: Guide, records: Records) -> Reader:
    """A reader with three answers on her page, whose server knows nothing of them any more."""
    reader = Reader(Desk(lambda: counting, guide, records))  # type: ignore[arg-type, return-value]
    for question in QUESTIONS:
        reader.ask(question)
    reader.talk = Talk()
    counting.asked.clear()
    return reader


def text_of(reply: dict[str, Any]) -> str:
    return base64.b64decode(reply["file"]).decode("utf-8")


def test_a_follow_up_is_understood_in_the_light_of_what_the_page_shows(reader: Reader, counting: Counting) -> None:
    reader.shown = reader.shown[:1]
    reply = reader.ask(FOLLOW_UP)
    assert DRAWBACK in reply["html"] and 'class="understood"' in reply["html"]
    assert reply["key"] == 2 and counting.asked == [SUCCESS, FOLLOW_UP]


def test_feedback_is_kept_with_its_question_answer_and_what_was_asked_before(reader: Reader, records: Records) -> None:
    assert "said" in reader.feedback(2)
    (kept,) = records.feedback()
    assert (kept.question, kept.history) == (FOLLOW_UP, [SUCCESS])
    assert any(DRAWBACK in citation["quote"] for citation in kept.citations)


def test_an_export_holds_the_earlier_answers(reader: Reader, counting: Counting) -> None:
    reply = reader.export([1, 2, 3], 3)
    assert all(question in text_of(reply) for question in QUESTIONS)
    assert DRAWBACK in text_of(reply) and reply["left_out"] == []
    assert counting.asked == list(QUESTIONS), "in order"
    one = reader.export([2], 2)
    assert FOLLOW_UP in text_of(one) and SUCCESS not in text_of(one)


def test_an_answer_is_made_again_once(reader: Reader, counting: Counting) -> None:
    reader.export([1, 2, 3], 3)
    counting.asked.clear()
    reader.export([1, 2, 3], 3)
    reader.feedback(1)
    reader.ask("Merci !")
    assert counting.asked == ["Merci !"]


def test_what_was_offered_then_is_not_offered_again(reader: Reader) -> None:
    kept = Reader(reader.desk)
    offers = [re.findall(r'data-do="ask">([^<]+)', kept.ask(question)["html"]) for question in QUESTIONS]
    again = re.findall(r'data-do="ask">([^<]+)', reader.ask("Peut-on imposer la coopération ?")["html"])
    assert again and not set(again) & {offer for some in offers for offer in some}


def test_a_long_conversation_is_made_again_a_dozen_at_a_time(reader: Reader, counting: Counting) -> None:
    blank = {"question": BLANK, "mark": mark_of(counting.ask(BLANK, []))}
    reader.shown = [{"key": key, **blank} for key in range(1, 16)]
    counting.asked.clear()
    keys = [one["key"] for one in reader.shown]
    first = reader.export(keys, 12)
    assert len(counting.asked) == MOST_AGAIN and first["left_out"] == [13, 14, 15]
    assert reader.export(keys, 15)["left_out"] == [] and len(counting.asked) == 15
    reader.talk = Talk()
    counting.asked.clear()
    reader.ask(BLANK)
    assert len(counting.asked) == MOST_AGAIN + 1


def test_nothing_is_said_of_an_answer_that_she_never_saw(reader: Reader, counting: Counting, records: Records) -> None:
    counting.another_edition = True
    assert "posez de nouveau la question" in reader.feedback(1)["error"]
    assert list(records.feedback()) == []
    assert "error" in reader.export([1], 1)
    reply = reader.ask(FOLLOW_UP)
    assert DRAWBACK in reply["html"], "what was asked still tells what a follow-up is about"
    assert reader.export([1, 2, 3, 4], 4)["left_out"] == [1, 2, 3]


def test_what_came_out_otherwise_for_want_of_context_is_made_again_with_it(reader: Reader) -> None:
    lonely = {"key": 2, "format": "markdown", "keys": [2], "shown": reader.shown[1:2]}
    assert "error" in reader.desk.export(lonely, reader.talk)
    assert reader.export([2], 2)["left_out"] == []


def test_answers_made_again_count_against_a_limit_of_their_own(reader: Reader, counting: Counting) -> None:
    buckets = Buckets(2, clock=lambda: 0.0)
    reader.talk.spend = lambda: buckets.take("marie")
    assert "30\u00a0s" in reader.ask(FOLLOW_UP)["error"]
    assert counting.asked == list(QUESTIONS[:2]), "no answer is made in the light of half a conversation"
    assert "30\u00a0s" in reader.feedback(3)["error"] and "30\u00a0s" in reader.export([3], 3)["error"]
    reader.talk.spend = Talk().spend
    assert "error" not in reader.ask(FOLLOW_UP)


HOSTILE: tuple[object, ...] = (
    None, 7, "x", {}, {"key": 1}, [None, 7, "x", [], {}], [[1, SUCCESS, ""]],
    [{"key": "1", "question": SUCCESS, "mark": ""}],
    [{"key": True, "question": SUCCESS, "mark": ""}], [{"key": 0, "question": SUCCESS, "mark": ""}],
    [{"key": -1, "question": SUCCESS, "mark": ""}], [{"key": 10**400, "question": SUCCESS, "mark": ""}],
    [{"key": 1.0, "question": SUCCESS, "mark": ""}], [{"key": 1, "question": [SUCCESS], "mark": ""}],
    [{"key": 1, "question": None, "mark": ""}], [{"key": 1, "question": SUCCESS}],
    [{"key": [1], "question": {}, "mark": []}], [{"key": 1, "question": SUCCESS, "mark": 7}],
)  # fmt: skip


@pytest.mark.parametrize("name", ["ask", "feedback", "export"])
@pytest.mark.parametrize("given", HOSTILE, ids=lambda given: repr(given)[:60])
def test_what_is_no_exchange_is_none(counting: Counting, guide: Guide, name: str, given: object) -> None:
    desk, talk = Desk(lambda: counting, guide), Talk()  # type: ignore[arg-type, return-value]
    reply = answered(getattr(desk, name), {"question": BLANK, "key": 1, "keys": [1], "shown": given}, talk)
    assert "référence" not in reply.get("error", ""), "no fault of the program"
    assert counting.asked == ([BLANK] if name == "ask" else [])


def test_a_request_makes_a_dozen_answers_again_and_no_more(counting: Counting, guide: Guide) -> None:
    desk, talk = Desk(lambda: counting, guide), Talk()  # type: ignore[arg-type, return-value]
    many = [{"key": key, "question": BLANK, "mark": ""} for key in range(1, 5000)]
    answered(desk.export, {"keys": [1], "shown": many}, talk)
    assert len(counting.asked) == MOST_AGAIN and set(talk.exchanges) == set(range(4988, 5000))


def test_a_page_never_holds_more_than_its_share(
    counting: Counting, guide: Guide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "MOST_EXCHANGES", 30)
    desk, talk = Desk(lambda: counting, guide), Talk()  # type: ignore[arg-type, return-value]
    for start in range(1, 60, MOST_AGAIN):
        some = [{"key": key, "question": BLANK, "mark": ""} for key in range(start, start + MOST_AGAIN)]
        answered(desk.feedback, {"key": 1, "shown": some}, talk)
    assert len(talk.exchanges) == 30 == len(counting.asked)


@pytest.mark.parametrize("question", ["", "   ", "a" * 1_000_000, "\ud800\x00\u202e", "<script>alert(1)</script>"])
def test_any_question_is_made_again_as_it_was_asked(assistant: Assistant, guide: Guide, question: str) -> None:
    reader = Reader(Desk(lambda: assistant, guide))
    reader.ask(question)
    reader.talk = Talk()
    assert reader.export([1], 1)["left_out"] == []


def test_no_more_of_a_question_is_read_than_of_one_that_is_asked() -> None:
    (shown,) = shown_in({"shown": [{"key": 1, "question": "a" * 9000, "mark": ""}]}, 2000)
    assert len(shown.question) == 2001


def test_a_mark_tells_an_answer_from_another(assistant: Assistant) -> None:
    answer = assistant.ask(SUCCESS)
    assert mark_of(answer) == mark_of(assistant.ask(SUCCESS))
    moved = replace(answer.citations[0], start=answer.citations[0].start + 1)
    for other in (replace(answer, text="x"), replace(answer, citations=(moved, *answer.citations[1:]))):
        assert mark_of(other) != mark_of(answer)


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_open_page_goes_on_after_its_server_was_started_anew(
    open_page: Callable[..., Page], built: Path, tmp_path: Path
) -> None:
    port = free_port()
    with serving(tmp_path, port) as url:
        page = open_page(url, quiet=False)
        ask(page, SUCCESS)
        page.evaluate("window.same = true")
    page.wait_for_timeout(3000)
    page.fill("#question", FOLLOW_UP)
    page.press("#question", "Enter")
    expect(page.locator(".failed [role=alert]")).to_contain_text("n’est pas arrivée")
    with serving(tmp_path, port):
        page.wait_for_timeout(4000)
        assert page.evaluate("window.same"), "the page was not loaded anew"
        expect(page.locator(".exchange[data-key] .words")).to_have_count(1)
        page.locator(".failed button").click()
        expect(page.locator(".understood")).to_contain_text("Question comprise", timeout=30_000)
        expect(page.locator(".exchange").nth(1).locator(".quote").first).to_contain_text(DRAWBACK)
        page.locator("[data-do=good]").first.click()
        expect(page.locator(".tools .said").first).to_contain_text("enregistré")
        with sqlite3.connect(tmp_path / "records.sqlite") as database:
            assert database.execute("select question, verdict from assistant_feedback").fetchall() == [
                (SUCCESS, "good")
            ]
        page.click(".talk-tools .menu summary")
        with page.expect_download() as download:
            page.click(".talk-tools .menu [data-format=docx]")
        with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as archive:
            text = archive.read("word/document.xml").decode("utf-8")
        assert SUCCESS in text and FOLLOW_UP in text
        page.context.close()
