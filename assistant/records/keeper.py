"""The rules on what is kept, for how long, and in which form. The database is the store's affair."""

from __future__ import annotations

import hashlib
import logging
import math
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from assistant.errors import RecordsError
from assistant.records.exchange import KeptExchange
from assistant.records.feedback import MOST_COMMENT, VERDICTS, Feedback, storable
from assistant.settings import AssistantSettings
from assistant.types import Exchange

if TYPE_CHECKING:
    from assistant.records.store import Store

log = logging.getLogger(__name__)
PURGE_SECONDS = 3600


class Records:
    """Readers' feedback and kept conversations. Safe from several threads and processes.

    What a method says is kept is committed and on disk. Every method raises `RecordsError` when the database
    fails; nothing was kept or erased by that call then.
    """

    def __init__(self, store: Store, settings: AssistantSettings) -> None:
        """Make records of an open store; see `open` for the usual way."""
        self._store = store
        self._days = settings.keep_conversations
        self._lock = threading.Lock()
        self._purged = -math.inf

    @classmethod
    def open(cls, settings: AssistantSettings) -> Records:
        """Open the database of the settings, make its tables or check their version, purge what is due.

        Raises:
            RecordsError: what happened, what it means, what to do.
        """
        from assistant.records.store import Store

        records = cls(Store(settings), settings)
        records._purge_hourly()
        return records

    def add_feedback(
        self,
        exchange: Exchange,
        verdict: str,
        comment: str = "",
        *,
        status: Mapping[str, Any],
        history: Sequence[str] = (),
        conversation: str = "",
    ) -> str:
        """Keep a reader's verdict; return its id once it is on disk.

        Args:
            exchange: the message and its answer.
            verdict: one of `VERDICTS`.
            comment: free words; what is longer than `MOST_COMMENT` characters is cut.
            status: `Assistant.status()`: `guide`, `index` and `edition` are kept.
            history: the questions before, given only when the message was a follow-up.
            conversation: the key of the conversation, so that erasing it takes the history along.
        """
        if verdict not in VERDICTS:
            raise RecordsError(f"{verdict!r:.60} is no verdict; nothing was kept. Use one of {', '.join(VERDICTS)}.")
        self._purge_hourly()
        answer = exchange.answer
        confidence = float(answer.confidence)
        feedback = Feedback(
            id=str(uuid.uuid4()),
            at=datetime.now(UTC),
            verdict=verdict,
            comment=storable(comment)[:MOST_COMMENT],
            question=storable(exchange.question),
            understood=storable(answer.understood),
            language=storable(answer.language),
            kind=storable(answer.kind),
            text=storable(answer.text),
            citations=storable([citation.to_dict() for citation in answer.citations]),
            confidence=confidence if math.isfinite(confidence) else 0.0,
            guide=storable(str(status.get("guide", ""))),
            index=storable(str(status.get("index", ""))),
            edition=storable(str(status.get("edition", ""))),
            history=[storable(str(question)) for question in history],
        )
        self._store.add_feedback(feedback, _digest(conversation) if conversation else None)
        return feedback.id

    def feedback(self, *, since: datetime | None = None, verdict: str | None = None) -> Iterator[Feedback]:
        """Yield the feedback kept since a time, of one verdict or of all, oldest first."""
        return self._store.feedback(since, verdict)

    def keep_exchange(self, conversation: str, exchange: Exchange) -> bool:
        """Keep one exchange of a conversation; return False, without a trace, where none are kept.

        `conversation` is the key that erases it again: random, and known to the reader's page alone.
        """
        if self._days <= 0:
            return False
        self._purge_hourly()
        now = datetime.now(UTC)
        self._store.add_exchange(
            id=str(uuid.uuid4()),
            conversation=_digest(conversation),
            at=now,
            until=now + timedelta(days=self._days),
            question=storable(exchange.question),
            answer=storable(exchange.answer.to_dict()),
        )
        return True

    def conversations(self, *, since: datetime | None = None) -> list[list[KeptExchange]]:
        """Return what is kept since a time by conversation, by their first exchange; in each, oldest first.

        What is past its day is left out, even where it could not be erased yet.
        """
        found: dict[str, list[KeptExchange]] = {}
        for one in self._store.exchanges(since, datetime.now(UTC)):
            found.setdefault(one.conversation, []).append(one)
        return list(found.values())

    def erase_conversation(self, conversation: str) -> int:
        """Erase a conversation; return how many exchanges it had.

        Feedback given in it stays, without the questions before and without the tie.
        """
        return self._store.erase(_digest(conversation))

    def erase_conversations(self) -> int:
        """Erase every conversation, likewise; return how many exchanges they had."""
        return self._store.erase(None)

    def purge(self, now: datetime | None = None) -> int:
        """Erase the exchanges older than the retention; return how many.

        Each has the day promised when it was kept; a retention made shorter since counts too. Keeping turned
        off erases nothing by itself: a command run without the server's settings must not.
        """
        now = now or datetime.now(UTC)
        with self._lock:
            self._purged = time.monotonic()
        return self._store.purge(now, now - timedelta(days=self._days) if self._days > 0 else None)

    def close(self) -> None:
        """Give back the database's connections."""
        self._store.close()

    def _purge_hourly(self) -> None:
        with self._lock:
            if time.monotonic() - self._purged < PURGE_SECONDS:
                return
            self._purged = time.monotonic()
        try:
            self.purge()
        except RecordsError as error:
            # Reading goes on beside a full disk; the next hour tries again.
            log.warning("Conversations past their day could not be erased: %s", error)


def _digest(conversation: str) -> str:
    """Return what stands for a conversation in the database: who reads that cannot erase by it."""
    return hashlib.sha256(storable(conversation).encode()).hexdigest()
