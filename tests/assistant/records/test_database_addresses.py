"""Where the records lie: every spelling of an address, and what is told of one that cannot be used."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from assistant.records import Records, RecordsError
from assistant.settings import assistant_settings
from tests.assistant.records.helpers import STATUS, Make, Open, exchange
from tests.assistant.records.postgres import Postgres


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://u:geheim@127.0.0.1/x", "mysql"),
        ("pas une adresse", "no address"),
        ("postgresql://u:geheim@127.0.0.1:port/x", "no address"),
        ("sqlite://", "no file"),
        ("sqlite:///:memory:", "no file"),
        ("sqlite:///file:x?mode=memory&uri=true", "no file"),
    ],
)
def test_an_address_that_cannot_be_used_is_told_without_its_password(in_file: Make, url: str, told: str) -> None:
    with pytest.raises(RecordsError, match=told) as raised:
        Records.open(in_file(database_url=url))
    assert "geheim" not in str(raised.value) and "DATABASE_URL" in str(raised.value)


def test_an_address_of_a_file_is_used(in_file: Make, opened: Open, tmp_path: Path) -> None:
    opened(in_file(database_url=f"sqlite:///{tmp_path}/ailleurs/avis.sqlite3"))
    assert (tmp_path / "ailleurs" / "avis.sqlite3").is_file()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"])
def test_postgresql_is_reached_by_every_spelling(
    postgres: Postgres, in_file: Make, opened: Open, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres.url(postgres.new_database(), scheme))
    records = opened(assistant_settings())
    assert records.add_feedback(exchange(), "good", status=STATUS) in {row.id for row in records.feedback()}


def test_a_missing_database_and_a_missing_right_are_told(postgres: Postgres, in_file: Make) -> None:
    with pytest.raises(RecordsError, match="Create the database"):
        Records.open(in_file(database_url=postgres.url("absente")))
    database = postgres.new_database()
    postgres.execute(database, f"CREATE ROLE r_{database} LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    url = postgres.url(database).replace("keeper:geheim", f"r_{database}")
    with pytest.raises(RecordsError, match="create and write tables"):
        Records.open(in_file(database_url=url))


def test_a_missing_driver_is_told(in_file: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(RecordsError, match=r"pip install .\[postgresql\]"):
        Records.open(in_file(database_url="postgres://127.0.0.1/x"))
