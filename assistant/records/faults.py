"""What a database's error means and what to do about it, in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from assistant.errors import RecordsError

_UNCHANGED = "Nothing was kept or changed."
_SQLITE = (
    (("malformed", "not a database", "file is encrypted"),
     "The file is damaged; it was left as it is. Keep it and restore a copy, or recover its rows with "
     "`sqlite3 FILE .recover`; once it is moved aside, a new one is made."),
    (("disk is full", "disk i/o error", "no space left", "file too large", "disk quota"),
     f"{_UNCHANGED} Free space on its disk (or check the disk), then try again."),
    (("readonly", "read-only", "permission denied", "unable to open", "not a directory", "is a directory", "[errno"),
     f"{_UNCHANGED} Let the program write to the file and its folder, or set another by ASSISTANT_DATA_DIR."),
    (("is locked", "queuepool limit"),
     f"{_UNCHANGED} Another program holds it: end that one, then try again."),
)  # fmt: skip
_POSTGRESQL = (
    (("no space left", "disk full"), f"{_UNCHANGED} Free space on the server's disk, then try again."),
    (("permission denied", "read-only transaction"),
     f"{_UNCHANGED} Let the user of DATABASE_URL create and write tables there."),
    (("authentication failed", "no password supplied"), f"{_UNCHANGED} Mend name and password in DATABASE_URL."),
    (('fatal: database "', 'fatal: role "'),
     f"{_UNCHANGED} Create the database and its user, or mend the names in DATABASE_URL."),
    (("connect", "server", "host", "timeout"),
     f"The server does not answer. {_UNCHANGED} Start it, or mend the address in DATABASE_URL."),
)  # fmt: skip
_OTHER = f"{_UNCHANGED} A table may have been changed by another program: restore it from a copy, or report this."


def place(engine: Engine) -> str:
    """Return where the records lie, for messages, without a password."""
    if engine.dialect.name == "sqlite":
        return f"file {engine.url.database}"
    return f"database {engine.url.set(query={}).render_as_string(hide_password=True)}"


def fault(where: str, reason: str, *, server: bool = False) -> str:
    """Return one line: what happened, what it means, what to do."""
    line = " ".join(reason.split()).rstrip(" .?")
    for words, remedy in _POSTGRESQL if server else _SQLITE:
        if any(word in line.lower() for word in words):
            return f"Records in {where}: {line}. {remedy}"
    return f"Records in {where}: {line}. {_OTHER}"


@contextmanager
def told(engine: Engine) -> Iterator[None]:
    """Turn the database's errors into `RecordsError`."""
    # A handler of new connections meets the driver's own errors; a damaged value, the converters' ValueError.
    driver = engine.dialect.loaded_dbapi.Error
    try:
        yield
    except (SQLAlchemyError, driver, ValueError) as error:
        reason = str(getattr(error, "orig", None) or error)
        raise RecordsError(fault(place(engine), reason, server=engine.dialect.name != "sqlite")) from error
