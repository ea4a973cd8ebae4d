"""What one kept exchange of a conversation is, as plain data. Where it is kept is the store's affair."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class KeptExchange:
    """One message and its answer, as they were kept.

    `conversation` tells conversations apart and cannot erase one; `at` and `until`, the day when it goes, are
    aware times in UTC; `answer` is what `Answer.to_dict()` gave.
    """

    id: str
    conversation: str
    at: datetime
    until: datetime
    question: str
    answer: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return the exchange as plain JSON types."""
        return {**asdict(self), "at": self.at.isoformat(), "until": self.until.isoformat()}

    @property
    def kind(self) -> str:
        """Return the answer's kind."""
        return str(self.answer.get("kind", ""))

    @property
    def cited(self) -> int:
        """Return how many passages the answer cites."""
        return len(self.answer.get("citations") or ())
