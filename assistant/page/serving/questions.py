"""Which requests ask a question: those count against the limit, and their form is checked first."""

from __future__ import annotations

import re
from typing import Any, Protocol

from assistant.page.serving.routes import API

_SESSION = re.compile(r"[0-9a-zA-Z_-]{1,64}")
# A question and a history.
ASK_VALUES = 2


class GradioFunction(Protocol):
    """What is read of Gradio's description of an event."""

    api_name: str | bool | None
    targets: list[tuple[int | None, str]]
    inputs: list[Any]


class Questions:
    """Tells questions from the page's other events."""

    def __init__(self, functions: dict[int, GradioFunction]) -> None:
        """Learn from a page's events (`Blocks.fns`) which of them ask: the endpoint and the page's own."""
        self._values = {number: len(function.inputs) for number, function in functions.items()}
        self._asking = frozenset(
            number
            for number, function in functions.items()
            if function.api_name == "ask" or any(event == "ask" for _, event in function.targets)
        )
        self._endpoint = frozenset(number for number, function in functions.items() if function.api_name == "ask")

    def well_formed(self, path: str, body: dict[str, Any]) -> bool:
        """Tell whether a body has the form that Gradio expects; it answers others with faults.

        Where `/ask` got no history, an empty one is filled in.
        """
        session = body.get("session_hash")
        if session is not None and not (isinstance(session, str) and _SESSION.fullmatch(session)):
            return False
        if path.rstrip("/") == f"{API}/queue/join":
            number = body.get("fn_index")
            if type(number) is not int or number not in self._values or session is None:
                return False
            return _has_values(body, self._values[number], filled=number in self._endpoint)
        if "/call/v2/" in path:
            named = set(body) <= {"question", "history", "session_hash"}
            body.setdefault("history", [])
            return named and isinstance(body.get("question"), str)
        if "/call/" in path:
            return _has_values(body, ASK_VALUES, filled=True)
        return True

    def asks(self, path: str, body: dict[str, Any]) -> bool:
        """Tell whether a well-formed request asks a question."""
        if path.rstrip("/") == f"{API}/queue/join":
            return body.get("fn_index") in self._asking
        return "/call/" in path or body.get("method") == "tools/call"

    def from_page(self, path: str, body: dict[str, Any]) -> bool:
        """Tell whether the page asks, which can show a reply better than a refusal."""
        return path.rstrip("/") == f"{API}/queue/join" and body.get("fn_index") not in self._endpoint


def _has_values(body: dict[str, Any], count: int, *, filled: bool) -> bool:
    values: object = body.get("data")
    if not isinstance(values, list):
        return False
    if filled and len(values) == ASK_VALUES - 1:
        values.append([])
    return len(values) == count
