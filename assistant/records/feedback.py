"""What one piece of feedback is, as plain data. Where it is kept is the store's affair."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, get_args

FeedbackVerdict = Literal["good", "wrong", "incomplete", "should_decline", "source_wrong"]
VERDICTS: tuple[str, ...] = get_args(FeedbackVerdict)
MOST_COMMENT = 2000


@dataclass(frozen=True, slots=True)
class Feedback:
    """A reader's verdict on one answer, with all that is needed to judge it again.

    `at` is an aware time in UTC; `comment` has at most `MOST_COMMENT` characters; `kind` is the answer's;
    `index` the fingerprint of the index and `edition` the digest of the guide that answered; `history` the
    questions before this one, empty unless it was a follow-up.
    """

    id: str
    at: datetime
    verdict: str
    comment: str
    question: str
    understood: str
    language: str
    kind: str
    text: str
    citations: list[dict[str, Any]]
    confidence: float
    guide: str
    index: str
    edition: str
    history: list[str]

    def to_dict(self) -> dict[str, Any]:
        """Return the feedback as plain JSON types."""
        return {**asdict(self), "at": self.at.isoformat()}

    @property
    def quotes(self) -> list[str]:
        """Return the words that the answer cited, in order, each once."""
        return list(dict.fromkeys(str(c["quote"]) for c in self.citations if c.get("quote")))


def storable(value: Any) -> Any:
    """Return a value with its texts as every database takes them, at any depth.

    Lone surrogates are no UTF-8 and PostgreSQL refuses NUL: both become the replacement character. Its JSON
    has no infinity: a number that is not finite becomes None.
    """
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")
    if isinstance(value, dict):
        return {storable(str(key)): storable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [storable(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
