"""The file of the records: its owner's alone, told when it cannot be used, left as it is when damaged."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from assistant.records import Records, RecordsError
from tests.assistant.records.helpers import STATUS, Make, Open, exchange, start

TRY_AS_NOBODY = """
if os.geteuid() == 0:
    os.seteuid(65534)
for step in ("open", "add"):
    try:
        records = Records.open(assistant_settings())
        add(records)
    except RecordsError as error:
        print(error)
        break
"""


def test_only_its_owner_reads_the_file(in_file: Make, opened: Open) -> None:
    settings = in_file()
    opened(settings).add_feedback(exchange(), "good", status=STATUS)
    assert {file.stat().st_mode & 0o777 for file in settings.data_dir.iterdir()} == {0o600}


@pytest.mark.parametrize("what", ["folder", "file"])
def test_a_place_that_cannot_be_written_is_told(in_file: Make, what: str) -> None:
    # Not under the folder of pytest, which others may not enter.
    place = Path(tempfile.mkdtemp(prefix="records-"))
    try:
        settings = in_file(data_dir=place)
        if what == "file":
            Records.open(settings).close()
            (place / "records.sqlite3").chmod(0o444)
        place.chmod(0o555)
        told, wrong = start(TRY_AS_NOBODY, settings).communicate(timeout=60)
        assert "Nothing was kept or changed. Let the program write" in told and str(place) in told, wrong
    finally:
        place.chmod(0o755)
        shutil.rmtree(place)


def test_a_folder_that_cannot_be_made_is_told(in_file: Make) -> None:
    with pytest.raises(RecordsError, match=r"Let the program write to the file and its folder"):
        Records.open(in_file(data_dir="/proc/absent/avis"))


def overwrite(path: Path, start_: int, words: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(start_)
        file.write(words)


DAMAGES: dict[str, Callable[[Path], Any]] = {
    "other file": lambda path: path.write_bytes("Ceci n’est pas une base.\n".encode() * 300),
    "cut": lambda path: os.truncate(path, path.stat().st_size // 2),
    "scrawled over": lambda path: overwrite(path, 4096, os.urandom(path.stat().st_size - 4096)),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_told_and_left_as_it_is(in_file: Make, damage: Callable[[Path], Any]) -> None:
    settings = in_file()
    records = Records.open(settings)
    for _ in range(50):
        records.add_feedback(exchange(), "good", "x" * 2000, status=STATUS)
    records.close()
    path = settings.data_dir / "records.sqlite3"
    damage(path)
    before = path.read_bytes()
    with pytest.raises(RecordsError, match="damaged; it was left as it is") as raised:
        list(Records.open(settings).feedback())
    assert str(path) in str(raised.value) and "\n" not in str(raised.value)
    assert path.read_bytes() == before


def test_a_value_that_another_program_spoilt_is_told(in_file: Make, opened: Open) -> None:
    settings = in_file()
    records = opened(settings)
    records.add_feedback(exchange(), "good", status=STATUS)
    with sqlite3.connect(settings.data_dir / "records.sqlite3") as connection:
        connection.execute("UPDATE assistant_feedback SET citations = '[', at = 'hier'")
    connection.close()
    with pytest.raises(RecordsError, match="restore it from a copy"):
        list(records.feedback())


@pytest.mark.parametrize("answer", ["[", "[]", "null"])
def test_a_kept_answer_that_another_program_spoilt_is_told(in_file: Make, opened: Open, answer: str) -> None:
    settings = in_file(keep_conversations=30)
    records = opened(settings)
    records.keep_exchange("a", exchange())
    with sqlite3.connect(settings.data_dir / "records.sqlite3") as connection:
        connection.execute("UPDATE assistant_exchange SET answer = ?", (answer,))
    connection.close()
    with pytest.raises(RecordsError, match="restore it from a copy"):
        records.conversations()


def test_records_of_a_later_version_are_left_alone(kept: Make, opened: Open) -> None:
    with opened(kept())._store._writing.begin() as connection:
        connection.execute(text("UPDATE assistant_schema SET version = 2"))
    with pytest.raises(RecordsError, match=r"schema 2.*left as it is. Run the version that wrote it") as raised:
        Records.open(kept())
    assert "geheim" not in str(raised.value)
