"""How much one client may ask, how many may wait, and how both are told."""

from __future__ import annotations

import json
import threading
from typing import Any

import httpx
import pytest
from gradio_client import Client
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser

from assistant.page.serving.limits import Buckets, client_key
from tests.server.helpers import Serve, ask

ASK = "/gradio_api/call/ask"


class Clock:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_client_may_spend_a_minutes_worth_at_once_then_one_in_its_time() -> None:
    clock = Clock()
    buckets = Buckets(30, clock=clock)
    assert [buckets.take("a") for _ in range(30)] == [0.0] * 30
    assert buckets.take("a") == pytest.approx(2.0)
    assert buckets.take("b") == 0.0, "each client has its own"
    clock.now = 2.0
    assert buckets.take("a") == 0.0
    assert buckets.take("a") > 0.0


@given(st.lists(st.floats(0, 30), max_size=80), st.integers(1, 60))
def test_no_rhythm_of_asking_gets_more_than_the_rate(pauses: list[float], rate: int) -> None:
    clock = Clock()
    buckets = Buckets(rate, clock=clock)
    given_out = 0
    for pause in pauses:
        clock.now += pause
        given_out += buckets.take("a") == 0.0
    assert given_out <= rate + clock.now * rate / 60 + 1e-6


def test_what_is_given_back_can_be_spent_again_and_is_never_more_than_there_was() -> None:
    buckets = Buckets(3, clock=Clock())
    for _ in range(5):
        buckets.give_back("a")
    assert [buckets.take("a") for _ in range(3)] == [0.0] * 3
    assert buckets.take("a") > 0.0
    buckets.give_back("a")
    assert buckets.take("a") == 0.0
    assert buckets.take("a") > 0.0


def test_a_wait_that_is_told_is_enough() -> None:
    clock = Clock()
    buckets = Buckets(7, clock=clock)
    for _ in range(50):
        wait = buckets.take("a")
        if wait:
            clock.now += wait
            assert buckets.take("a") == 0.0


def test_zero_is_no_limit_and_many_clients_are_no_memory() -> None:
    assert all(Buckets(0).take("a") == 0.0 for _ in range(1000))
    buckets = Buckets(1, most=100)
    for number in range(10_000):
        buckets.take(str(number))
    assert len(buckets) == 100


def test_an_ipv6_client_is_its_network_and_a_forged_address_is_one_client() -> None:
    assert client_key("2001:db8::1") == client_key("2001:db8::ffff") != client_key("2001:db8:0:1::1")
    assert client_key("::ffff:192.0.2.7") == client_key("192.0.2.7") == "192.0.2.7"
    assert client_key("x" * 1000) == client_key("") == "unknown"


@pytest.mark.server
def test_who_asks_too_often_is_told_for_how_long_to_wait(serve: Serve) -> None:
    with serve(rate_limit="2") as server, httpx.Client(base_url=server.url, timeout=20) as client:
        for _ in range(2):
            assert ask(client, "Bonjour")["event"] == "complete"
        for language, words in (("fr", "Réessayez dans"), ("en", "Try again in")):
            refused = client.post(ASK, json={"data": ["Bonjour", []]}, headers={"accept-language": language})
            assert refused.status_code == 429
            seconds = int(refused.headers["retry-after"])
            assert 1 <= seconds <= 31
            assert f"{words} {seconds}\u00a0s" in refused.json()["detail"]
        with pytest.raises(httpx.HTTPStatusError, match="429"):
            Client(server.url, verbose=False).predict("Bonjour", [], api_name="/ask")
        named = client.post("/gradio_api/call/v2/ask", json={"question": "Bonjour"})
        assert named.status_code == 429, "however it is asked"
        assert client.get("/").status_code == client.get("/health").status_code == 200
        forged = client.post(ASK, json={"data": ["Bonjour", []]}, headers={"x-forwarded-for": "203.0.113.9"})
        assert forged.status_code == 429, "nobody may name another address without a proxy"


def sent_by_page(client: httpx.Client, event: str, session: str, data: dict[str, Any]) -> dict[str, Any]:
    """Send a request as the page's script does; return the desk's reply."""
    targets = {each["id"]: each["targets"] for each in client.get("/config").json()["dependencies"]}
    number, component = next((n, of[0][0]) for n, of in targets.items() if of and of[0][1] == event)
    body = {"data": [None], "fn_index": number, "session_hash": session, "trigger_id": component, "event_data": data}
    client.post("/gradio_api/queue/join", json=body).raise_for_status()
    with client.stream("GET", f"/gradio_api/queue/data?session_hash={session}") as stream:
        for line in stream.iter_lines():
            told = json.loads(line[5:]) if line.startswith("data:") else {}
            if told.get("msg") == "process_completed":
                reply: dict[str, Any] = told["output"]["data"][0]
                return reply
    raise AssertionError("the stream ended without a reply")


@pytest.mark.server
def test_answers_that_are_made_again_for_open_pages_are_limited_too(serve: Serve) -> None:
    with serve(rate_limit="2") as server, httpx.Client(base_url=server.url, timeout=20) as client:
        lost = [{"key": key, "question": " ", "mark": ""} for key in range(1, 13)]
        wanted = {"key": 12, "verdict": "good", "shown": lost, "language": "en"}
        first, second = (sent_by_page(client, "feedback", session, wanted) for session in ("one", "two"))
        assert "Try again in" in first["error"], "eight of twelve could be made"
        assert "Try again in" in second["error"], "whoever opens another page"
        assert "no longer in memory" in sent_by_page(client, "feedback", "one", {**wanted, "shown": lost[:8]})["error"]
        assert "Try again in" in sent_by_page(client, "feedback", "two", {**wanted, "shown": lost[:1]})["error"]


@pytest.mark.browser
def test_the_page_says_how_long_to_wait_in_its_own_language(serve: Serve, chromium: Browser) -> None:
    with serve(rate_limit="1") as server:
        page = chromium.new_page(locale="fr-FR")
        page.goto(f"{server.url}/?lang=en")
        for question in ("Hello", "Hello again"):
            page.locator("#starters button").first.wait_for(state="attached")
            page.fill("#question", question)
            page.click("#send")
            page.locator(".answered").last.wait_for()
            page.wait_for_timeout(300)
        assert "Try again in" in page.locator(".failed [role=alert]").inner_text()
        page.close()


@pytest.mark.server
def test_a_full_queue_is_told_and_empties(serve: Serve) -> None:
    with serve(faulty=True, concurrency="1", queue_size="2") as server:
        found: list[int] = []

        def one() -> None:
            with httpx.Client(base_url=server.url, timeout=30) as client:
                answer = client.post(ASK, json={"data": ["LENT", []]}, headers={"accept-language": "fr"})
                found.append(answer.status_code)
                if answer.status_code == 503:
                    assert answer.json()["detail"].startswith("Beaucoup de personnes")
                    assert answer.headers["retry-after"] == "5"

        threads = [threading.Thread(target=one) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found.count(503) >= 4 and found.count(200) >= 2
        with httpx.Client(base_url=server.url, timeout=30) as client:
            for _ in range(100):
                if client.post(ASK, json={"data": ["Bonjour", []]}).status_code == 200:
                    break
            else:
                pytest.fail("the queue stayed full")
