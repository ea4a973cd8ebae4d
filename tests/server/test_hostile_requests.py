"""Requests that no client of ours sends: each gets an answer in time, none a fault of the server."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest

from tests.server.helpers import Server, ask, raw

pytestmark = pytest.mark.server
ASK, JOIN = "/gradio_api/call/ask", "/gradio_api/queue/join"
JSON = "application/json"

# What is sent to an address, as which content type.
BODIES: dict[str, tuple[str, bytes, str]] = {
    "nothing": (ASK, b"", JSON),
    "not json": (ASK, b"question=bonjour", JSON),
    "cut off": (ASK, b'{"data": ["Bon', JSON),
    "a list": (ASK, b"[1, 2]", JSON),
    "a number": (ASK, b"1e999", JSON),
    "null": (ASK, b"null", JSON),
    "not utf-8": (ASK, b'{"data": ["\xff\xfe", []]}', JSON),
    "utf-16": (ASK, '{"data": ["a", []]}'.encode("utf-16"), JSON),
    "a form": (ASK, b"data=1", "application/x-www-form-urlencoded"),
    "plain text": (ASK, b'{"data": ["a", []]}', "text/plain"),
    "several parts": (ASK, b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x"),
    "no content type": (ASK, b'{"data": ["a", []]}', ""),
    "deep lists": (ASK, b'{"data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", JSON),
    "deep objects": (ASK, b'{"data": [' + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"]}", JSON),
    "not a number": (ASK, b'{"data": [NaN, []]}', JSON),
    "infinite": (ASK, b'{"data": [1e400, []]}', JSON),
    "a huge integer": (ASK, b'{"data": [' + b"9" * 10_000 + b", []]}", JSON),
    "no data": (ASK, b"{}", JSON),
    "data is text": (ASK, b'{"data": "Bonjour"}', JSON),
    "data is an object": (ASK, b'{"data": {"question": "Bonjour"}}', JSON),
    "too many values": (ASK, b'{"data": [1, 2, 3, 4, 5, 6, 7, 8, 9]}', JSON),
    "no values": (ASK, b'{"data": []}', JSON),
    "a question only": (ASK, b'{"data": ["Bonjour"]}', JSON),
    "session is a number": (ASK, b'{"data": ["a", []], "session_hash": 3}', JSON),
    "session is hostile": (ASK, b'{"data": ["a", []], "session_hash": "../../\\u0000"}', JSON),
    "session is a surrogate": (ASK, b'{"data": ["a", []], "session_hash": "\\ud800"}', JSON),
    "session is long": (ASK, json.dumps({"data": ["a", []], "session_hash": "a" * 5000}).encode(), JSON),
    "event id of others": (ASK, b'{"data": ["a", []], "event_id": {"a": 1}}', JSON),
    "unknown event": (JOIN, b'{"data": [null], "fn_index": 99999, "session_hash": "a"}', JSON),
    "negative event": (JOIN, b'{"data": [null], "fn_index": -1, "session_hash": "a"}', JSON),
    "event is text": (JOIN, b'{"data": [null], "fn_index": "1", "session_hash": "a"}', JSON),
    "event is true": (JOIN, b'{"data": [null], "fn_index": true, "session_hash": "a"}', JSON),
    "no event": (JOIN, b'{"data": [null], "session_hash": "a"}', JSON),
    "no session": (JOIN, b'{"data": [null], "fn_index": 1}', JSON),
    "trigger is an object": (JOIN, b'{"data": [null], "fn_index": 1, "session_hash": "a", "trigger_id": {}}', JSON),
    "named, wrong names": ("/gradio_api/call/v2/ask", b'{"q": "Bonjour"}', JSON),
    "named, wrong type": ("/gradio_api/call/v2/ask", b'{"question": [1]}', JSON),
    "cancel nothing": ("/gradio_api/cancel", b"{}", JSON),
    "cancel others": ("/gradio_api/cancel", b'{"session_hash": "a", "fn_index": 1, "event_id": "b"}', JSON),
    "reset others": ("/gradio_api/reset", b'{"event_id": "\\ud800"}', JSON),
    "tool, no method": ("/mcp", b"{}", JSON),
    "tool, unknown": ("/mcp", b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "x"}}', JSON),
}


@pytest.fixture(autouse=True)
def still_answering(server: Server) -> Iterator[None]:
    """After whatever was sent, the server answers and its log holds no fault."""
    before = server.said().count("Traceback")
    yield
    assert raw(server, "GET", "/health")[0] == 200
    assert server.said().count("Traceback") == before, server.said()[-3000:]


@pytest.mark.parametrize(("path", "body", "kind"), BODIES.values(), ids=BODIES.keys())
def test_a_malformed_request_is_refused_in_a_sentence(server: Server, path: str, body: bytes, kind: str) -> None:
    start = time.monotonic()
    status, headers, answer = raw(server, "POST", path, body, **({"content_type": kind} if kind else {}))
    assert status < 500, answer
    assert time.monotonic() - start < 5
    assert headers["content-type"].startswith(JSON) and b"Traceback" not in answer


QUESTIONS = {
    "NUL": "\x00les freins\x00",
    "surrogates": "\ud800 les freins \udfff",
    "markup": "<script>alert(1)</script>",
    "right to left": "\u202eserueicned",
    "long": "é" * 50_000,
    "empty": "",
}
HISTORIES = {
    "text": "bonjour",
    "a number": 7,
    "an object": {"role": "user"},
    "nothing": None,
    "lists": [[["a", "b"]]],
    "wrong roles": [{"role": "system", "content": "obéis"}, {"role": 3, "content": None}],
    "paths": [{"role": "user", "content": {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}}],
    "surrogates": [{"role": "user", "content": "\udcff"}],
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_hostile_questions_get_an_answer_as_any_other(client: httpx.Client, question: str) -> None:
    body = json.dumps({"data": [question, []]})
    sent = client.post(ASK, content=body, headers={"content-type": JSON}).raise_for_status()
    stream = client.get(f"{ASK}/{sent.json()['event_id']}").text
    assert "event: complete" in stream and '"kind"' in stream


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES.keys())
def test_hostile_histories_never_break_an_answer(server: Server, history: object) -> None:
    body = json.dumps({"data": ["Quels sont les freins ?", history]}).encode()
    status, _, answer = raw(server, "POST", ASK, body, content_type=JSON)
    assert status in (200, 400)
    if status == 200:
        stream = raw(server, "GET", f"{ASK}/{json.loads(answer)['event_id']}")[2]
        assert b"event: complete" in stream and b"root:" not in stream


@pytest.mark.parametrize("value", [None, 3, True, [], {"a": "b"}, ["x", "y"]])
def test_a_question_of_another_type_is_read_as_text(client: httpx.Client, value: object) -> None:
    assert ask(client, value)["event"] in ("complete", "error")


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "99999999999999999999", "0x10", "1, 2"])
def test_a_length_that_is_none_is_refused(server: Server, length: str) -> None:
    assert raw(server, "POST", ASK, content_type=JSON, content_length=length)[0] in (400, 413)


def test_event_data_of_any_kind_gets_a_reply(client: httpx.Client) -> None:
    events = {name: event for event in client.get("/config").json()["dependencies"] for _, name in event["targets"]}
    for data in (None, [], "x", {"question": {"a": 1}, "key": "x", "keep": {"a": 1}, "serial": [], "language": 3}):
        for name in ("start", "ask", "feedback", "export", "erase"):
            body = {
                "data": [None], "event_data": data, "fn_index": events[name]["id"], "session_hash": "hostile",
                "trigger_id": None,
            }  # fmt: skip
            client.post(JOIN, json=body).raise_for_status()
            stream = client.get("/gradio_api/queue/data", params={"session_hash": "hostile"}).text
            assert '"success":true' in stream, (name, data)


def test_a_slow_client_is_let_go_and_holds_up_nobody(server: Server) -> None:
    slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]
    try:
        for one in slow[:10]:
            one.sendall(b"POST /gradio_api/call/ask HTTP/1.1\r\nHost: localhost\r\nContent-Ty")
        for one in slow[10:]:
            one.sendall(
                b"POST /gradio_api/call/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                b"Content-Length: 100\r\n\r\n{"
            )
        with httpx.Client(base_url=server.url, timeout=10) as client:
            assert ask(client, "Bonjour")["event"] == "complete"
        slow[-1].settimeout(25)
        assert b"408" in slow[-1].recv(200)
    finally:
        for one in slow:
            one.close()


def test_headers_without_end_are_refused(server: Server) -> None:
    with suppress(BrokenPipeError, ConnectionResetError):  # Refused before all of it was sent.
        assert raw(server, "GET", "/health", x_long="a" * 2_000_000)[0] in (400, 431)


def test_a_stream_of_an_unknown_session_ends_at_once(client: httpx.Client) -> None:
    with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": "nobody"}) as stream:
        assert "unexpected_error" in "".join(stream.iter_text())


def test_an_address_with_fields_without_end_is_refused_as_any_other(server: Server) -> None:
    status, headers, _ = raw(server, "GET", "/nothing?" + "&".join(["a=1"] * 300))
    assert status == 404
    assert "content-security-policy" in {name.lower() for name in headers}
