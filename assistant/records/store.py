"""The queries on the tables, each in a short transaction of its own. Rules on what is kept are the keeper's."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, CursorResult, Engine, and_, delete, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from assistant.records.database import WRITE, open_engine
from assistant.records.exchange import KeptExchange
from assistant.records.faults import told
from assistant.records.feedback import Feedback
from assistant.records.tables import Base, ExchangeRow, FeedbackRow
from assistant.settings import AssistantSettings

PAGE = 500
Row = TypeVar("Row", FeedbackRow, ExchangeRow)
Kept = TypeVar("Kept", Feedback, KeptExchange)


class Store:
    """The database of the records. Safe to share between threads."""

    def __init__(self, settings: AssistantSettings) -> None:
        """Open the database. Raises `RecordsError` as `open_engine` does."""
        self._engine: Engine = open_engine(settings)
        self._writing = self._engine.execution_options(**WRITE)

    def add_feedback(self, feedback: Feedback, conversation: str | None) -> None:
        """Keep a piece of feedback; it is on disk when this returns."""
        values = {name: getattr(feedback, name) for name in Feedback.__dataclass_fields__ if name != "index"}
        self._insert(FeedbackRow(**values, fingerprint=feedback.index, conversation=conversation))

    def add_exchange(self, **values: Any) -> None:
        """Keep an exchange; `values` are the columns of `ExchangeRow`."""
        self._insert(ExchangeRow(**values))

    def feedback(self, since: datetime | None, verdict: str | None) -> Iterator[Feedback]:
        """Yield feedback, oldest first."""
        return self._pages(
            FeedbackRow, _feedback, since, *([] if verdict is None else [FeedbackRow.verdict == verdict])
        )

    def exchanges(self, since: datetime | None, now: datetime) -> Iterator[KeptExchange]:
        """Yield the exchanges whose day has not come, oldest first, whatever their conversation."""
        return self._pages(ExchangeRow, _exchange, since, ExchangeRow.until > now)

    def erase(self, conversation: str | None) -> int:
        """Erase the exchanges of one conversation (of all where None) and what ties feedback to it."""
        gone = delete(ExchangeRow)
        untied = update(FeedbackRow).values(conversation=None, history=[])
        if conversation is not None:
            gone = gone.where(ExchangeRow.conversation == conversation)
            untied = untied.where(FeedbackRow.conversation == conversation)
        with self._transaction() as connection:
            erased = _count(connection.execute(gone))
            connection.execute(untied)
        self._forget()
        return erased

    def purge(self, now: datetime, oldest: datetime | None) -> int:
        """Erase the exchanges whose promised day has come, and those kept before `oldest`."""
        due = ExchangeRow.until <= now
        gone = delete(ExchangeRow).where(due if oldest is None else or_(due, ExchangeRow.at <= oldest))
        with self._transaction() as connection:
            erased = _count(connection.execute(gone))
        if erased:
            self._forget()
        return erased

    def close(self) -> None:
        """Give back every connection."""
        self._engine.dispose()

    def _insert(self, row: Base) -> None:
        with told(self._engine), Session(self._writing) as session, session.begin():
            session.add(row)

    def _pages(
        self, table: type[Row], made: Callable[[Row], Kept], since: datetime | None, *wanted: ColumnElement[bool]
    ) -> Iterator[Kept]:
        """Yield rows, oldest first, page by page: no transaction stays open between two rows."""
        conditions = [*wanted] if since is None else [*wanted, table.at >= since]
        after: tuple[datetime, str] | None = None
        while True:
            query = select(table).where(*conditions).order_by(table.at, table.id).limit(PAGE)
            if after is not None:
                at, key = after
                query = query.where(or_(table.at > at, and_(table.at == at, table.id > key)))
            with told(self._engine), Session(self._engine) as session:
                page = [made(row) for row in session.scalars(query)]
            yield from page
            if len(page) < PAGE:
                return
            after = (page[-1].at, page[-1].id)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with told(self._engine), self._writing.begin() as connection:
            yield connection

    def _forget(self) -> None:
        # SQLite's log keeps erased words until it is emptied; a reader who is using it only delays that.
        if self._engine.dialect.name == "sqlite":
            with suppress(SQLAlchemyError, sqlite3.Error), closing(self._engine.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _count(result: CursorResult[Any]) -> int:
    return result.rowcount


def _feedback(row: FeedbackRow) -> Feedback:
    names = (name for name in Feedback.__dataclass_fields__ if name != "index")
    return Feedback(**{name: getattr(row, name) for name in names}, index=row.fingerprint)


def _exchange(row: ExchangeRow) -> KeptExchange:
    if not isinstance(row.answer, dict):
        raise ValueError("an answer that is no object")
    return KeptExchange(**{name: getattr(row, name) for name in KeptExchange.__dataclass_fields__})
