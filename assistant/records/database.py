"""Opening the database: its address, its durability, its schema. No queries on records here."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, insert, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError

from assistant.errors import RecordsError
from assistant.records.faults import fault, place, told
from assistant.records.location import sqlite_file
from assistant.records.tables import SCHEMA_VERSION, Base, SchemaRow
from assistant.settings import AssistantSettings

BUSY_SECONDS = 15
WRITE = {"sqlite_begin": "BEGIN IMMEDIATE"}
_SCHEMA_LOCK = 5_203_941_711  # Any number that other programs on the server are unlikely to lock.


def database_address(settings: AssistantSettings) -> URL:
    """Return the database's address, PostgreSQL's with the driver psycopg 3 whatever its spelling.

    Raises:
        RecordsError: no address, or one of another kind of database.
    """
    file = sqlite_file(settings)
    if file is not None:
        return URL.create("sqlite", database=str(file))
    try:
        url = make_url(settings.database_url)
    except (ArgumentError, ValueError) as error:
        raise RecordsError(
            "DATABASE_URL is no address of a database. Write postgresql://user:password@host/database, "
            "or leave it empty for a file in the data folder."
        ) from error
    if url.drivername.split("+")[0] not in {"postgres", "postgresql"}:
        raise RecordsError(
            f"DATABASE_URL names the database {url.drivername}, which cannot be used. "
            "Give an address postgresql://… or sqlite:////folder/file, or leave it empty."
        )
    return url.set(drivername="postgresql+psycopg")


def open_engine(settings: AssistantSettings) -> Engine:
    """Return an engine whose commits are on disk when they return, its schema made or checked.

    Raises:
        RecordsError: what is wrong with the database, and what to do.
    """
    url = database_address(settings)
    if url.drivername == "sqlite":
        _prepare_file(Path(str(url.database)))
    serializer = partial(json.dumps, ensure_ascii=False)
    try:
        if url.drivername == "sqlite":
            engine = create_engine(url, json_serializer=serializer, connect_args={"timeout": BUSY_SECONDS})
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        else:
            wait = {} if "connect_timeout" in url.query else {"connect_timeout": BUSY_SECONDS}
            engine = create_engine(url, json_serializer=serializer, pool_pre_ping=True, connect_args=wait)
            event.listen(engine, "connect", _prepare_postgresql)
    except ImportError as error:
        raise RecordsError(
            "DATABASE_URL names PostgreSQL, whose driver is not installed. Run `pip install .[postgresql]`."
        ) from error
    try:
        with told(engine):
            _settle_schema(engine)
    except RecordsError:
        engine.dispose()
        raise
    return engine


def _prepare_file(path: Path) -> None:
    """Make the file, readable by its owner only: feedback may hold what a reader confided."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise RecordsError(fault(f"file {path}", str(error))) from error


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own BEGIN comes late and would leave schema changes outside; `_begin_sqlite` says it instead.
    connection.isolation_level = None
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            # Two processes that turn a new file to WAL at once: SQLite does not wait here by itself.
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    # A server may acknowledge before it wrote; what a reader is told is kept must be.
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('synchronous_commit', 'on', false) "
            "WHERE current_setting('synchronous_commit') IN ('off', 'local')"
        )
    connection.autocommit = False


def _settle_schema(engine: Engine) -> None:
    with engine.connect() as connection:
        ready = inspect(connection).has_table(SchemaRow.__tablename__)
        found = connection.scalar(select(SchemaRow.version)) if ready else None
    if found is None:
        with engine.execution_options(**WRITE).begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SCHEMA_LOCK})
            Base.metadata.create_all(connection)
            found = connection.scalar(select(SchemaRow.version))
            if found is None:
                connection.execute(insert(SchemaRow).values(version=SCHEMA_VERSION))
                found = SCHEMA_VERSION
    if found != SCHEMA_VERSION:
        raise RecordsError(
            f"{place(engine)} was written by another version of the program (schema {found}, this one "
            f"knows {SCHEMA_VERSION}): it is left as it is. Run the version that wrote it, or update this one."
        )
