"""Where records lie, known without a database library: commands say at once that there are none."""

from __future__ import annotations

from pathlib import Path

from assistant.errors import RecordsError
from assistant.settings import AssistantSettings

FILE = "records.sqlite3"
_SQLITE = "sqlite:///"


def sqlite_file(settings: AssistantSettings) -> Path | None:
    """Return the file of an SQLite database, None where the address names a server.

    Raises:
        RecordsError: an SQLite address without a file, whose content would be lost at the end.
    """
    if not settings.database_url:
        return settings.data_dir / FILE
    if not settings.database_url.startswith("sqlite"):
        return None
    name = settings.database_url.removeprefix(_SQLITE)
    if name == settings.database_url or not name or name == ":memory:" or "?" in name:
        raise RecordsError(
            "DATABASE_URL names no file of SQLite; feedback would be lost. Write sqlite:////folder/file.sqlite3, "
            "or leave it empty for a file in the data folder."
        )
    return Path(name).expanduser().absolute()


def records_exist(settings: AssistantSettings) -> bool:
    """Tell whether something may have been kept; a server is taken to hold records.

    Raises:
        RecordsError: see `sqlite_file`.
    """
    file = sqlite_file(settings)
    return file is None or file.exists()
