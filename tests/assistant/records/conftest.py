"""What the tests of the records share: databases of both kinds, and records that are closed again."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.records import Records
from assistant.settings import AssistantSettings
from index.settings import load_settings
from tests.assistant.records.postgres import Postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        pytest.fail("PostgreSQL is needed for these tests: run `make system-postgres` (apt-get install postgresql).")
    server = Postgres((found[-1] if found else Path(str(on_path))).parent)
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., AssistantSettings]:
    """Make settings of one new database, the same each time: a file, then a server's."""
    url = ""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.url(server.new_database())

    def make(**values: Any) -> AssistantSettings:
        return load_settings(AssistantSettings, **{"data_dir": tmp_path / "data", "database_url": url, **values})

    return make


@pytest.fixture
def in_file(tmp_path: Path) -> Callable[..., AssistantSettings]:
    """Make settings of a database in a file."""
    return lambda **values: load_settings(AssistantSettings, **{"data_dir": tmp_path / "data", **values})


@pytest.fixture
def opened() -> Iterator[Callable[[AssistantSettings], Records]]:
    """Open records that are closed after the test."""
    every: list[Records] = []

    def open_(settings: AssistantSettings) -> Records:
        every.append(Records.open(settings))
        return every[-1]

    yield open_
    for records in every:
        records.close()
