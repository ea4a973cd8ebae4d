"""Reading what is sent: whole, in time, not too long, and JSON that can be written again."""

from __future__ import annotations

import asyncio
import json
from typing import Any, NoReturn

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

MOST_BYTES = 512 * 1024
SECONDS_TO_SEND = 15.0
DEEPEST = 32


class BodyError(Exception):
    """A body that is refused: the status, and the message that tells why."""

    def __init__(self, status: int, key: str) -> None:
        super().__init__(key)
        self.status = status
        self.key = key


async def read_body(scope: Scope, receive: Receive, most: int = MOST_BYTES, seconds: float = SECONDS_TO_SEND) -> bytes:
    """Return the body of a request. Raises `BodyError` when it is too long or does not arrive in time."""
    announced = Headers(scope=scope).get("content-length", "0")
    if not announced.isdecimal():
        raise BodyError(400, "wrong_request")
    if len(announced) > 12 or int(announced) > most:
        raise BodyError(413, "too_large")
    chunks: list[bytes] = []
    try:
        async with asyncio.timeout(seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise BodyError(400, "wrong_request")
                chunks.append(message.get("body", b""))
                if sum(map(len, chunks)) > most:
                    raise BodyError(413, "too_large")
                if not message.get("more_body"):
                    return b"".join(chunks)
    except TimeoutError as error:
        raise BodyError(408, "too_slow") from error


def read_object(scope: Scope, body: bytes) -> dict[str, Any]:
    """Return a body as a JSON object. Raises `BodyError` for anything else.

    Cross-site forms cannot send this content type, so that it is required also keeps other sites out.
    """
    kind = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise BodyError(415, "not_json")
    try:
        read = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise BodyError(400, "not_json") from error
    if not isinstance(read, dict) or _deeper(read, DEEPEST):
        raise BodyError(400, "not_json")
    return read


def written(read: dict[str, Any]) -> bytes:
    """Return an object as JSON that any reader takes: lone surrogates become question marks."""
    try:
        return json.dumps(read, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
    except ValueError as error:  # A number such as 1e999 is read as infinite, which JSON cannot say.
        raise BodyError(400, "not_json") from error


def replayed(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives a body that was read already, then whatever comes after it."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _deeper(value: object, most: int) -> bool:
    """Tell whether lists and objects lie within each other more than `most` times."""
    level: list[object] = [value]
    for _ in range(most):
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return True
