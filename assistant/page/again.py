"""What a page still shows and the server no longer holds, since it was started anew or let the page go.

The page sends the questions of what it shows, each with its key and the mark of the answer that it got. The
same question after the same conversation gets the same answer, unless guide or program changed meanwhile:
the mark tells, so that nobody's feedback or export is about an answer that she never saw.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assistant.types import Answer

# Of one request; a follow-up needs the last few, an export asks several times.
MOST_AGAIN = 12
# JavaScript's greatest exact whole number.
GREATEST_KEY = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Shown:
    """A question whose answer the page shows; `mark` is that answer's."""

    key: int
    question: str
    mark: str


def shown_in(request: Mapping[str, Any], longest: int) -> list[Shown]:
    """Return what a request says that its page shows, in order: the last dozen, whatever was sent.

    Questions are cut where those that are asked are: one character beyond `longest`, which declines them.
    """
    given = request.get("shown")
    found: dict[int, Shown] = {}
    for one in given[-MOST_AGAIN:] if isinstance(given, list) else ():
        if not isinstance(one, Mapping):
            continue
        key, question, mark = one.get("key"), one.get("question"), one.get("mark")
        if not isinstance(key, int) or isinstance(key, bool) or not 0 < key <= GREATEST_KEY:
            continue
        if isinstance(question, str) and isinstance(mark, str):
            found[key] = Shown(key, question[: longest + 1], mark)
    return [found[key] for key in sorted(found)]


def mark_of(answer: Answer) -> str:
    """Return what tells an answer from another: a digest of its words and of the places that it cites."""
    places = [[c.passage, c.start, c.end, c.quote] for c in (*answer.citations, *answer.related)]
    words = json.dumps([answer.kind, answer.text, answer.understood, places])
    return hashlib.sha256(words.encode()).hexdigest()[:16]
