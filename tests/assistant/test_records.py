"""Feedback and conversations: never lost once acknowledged, kept no longer than promised, faults told."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, inspect, text

from assistant import Assistant
from assistant.records import MOST_COMMENT, VERDICTS, Records, RecordsError, keeper, store
from assistant.records.feedback import storable
from assistant.settings import AssistantSettings, assistant_settings
from assistant.types import Answer, Citation, Exchange
from index.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
STATUS = {"guide": "petit", "index": "0123456789abcdef", "edition": "e" * 64}
QUOTE = "Semez en mars."

# Programs that the tests start; each finds its settings in its environment.
COMMON = """
import os, sys, threading, time
from assistant.records import Records, RecordsError
from assistant.settings import assistant_settings
from assistant.types import Answer, Exchange
import assistant.records.store
exchange = Exchange("Quand semer ?", Answer("decline", "x" * 500, (), (), "Quand semer ?", (), "fr", 0.5, "extractive"))
def add(records, comment=""):
    return records.add_feedback(exchange, "good", comment, status={"guide": "petit"})
"""
WRITE_FOR_EVER = """
records = Records.open(assistant_settings())
def write():
    while True:
        os.write(1, (add(records) + "\\n").encode())
threads = [threading.Thread(target=write) for _ in range(3)]
[thread.start() for thread in threads]
"""
WRITE_SOME = """
while not os.path.exists(sys.argv[1]):
    time.sleep(0.001)
records = Records.open(assistant_settings())
def write():
    for _ in range(20):
        os.write(1, (add(records) + "\\n").encode())
threads = [threading.Thread(target=write) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""
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
FILL_THE_DISK = """
import resource
records = Records.open(assistant_settings())
kept = [add(records, "a" * 2000) for _ in range(5)]
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
log = os.path.getsize(os.path.join(os.environ["ASSISTANT_DATA_DIR"], "records.sqlite3-wal"))
resource.setrlimit(resource.RLIMIT_FSIZE, (log + 100_000, hard))
told = ""
for _ in range(500):
    try:
        kept.append(add(records, "a" * 2000))
    except RecordsError as error:
        told = str(error)
        break
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
kept.append(add(records, "room again"))
found = [row.id for row in records.feedback()]
print(len(kept) > 7 and found == kept, told)
"""


def exchange(question: str = "Quand semer ?", **values: Any) -> Exchange:
    citation = Citation(1, "petit", ("Semer",), QUOTE, 60, 60 + len(QUOTE), "p-1234abcd")
    given: dict[str, Any] = {
        "kind": "answer", "text": f"« {QUOTE} » [1]", "citations": (citation,), "related": (), "understood": question,
        "suggestions": ("Quand arroser ?",), "language": "fr", "confidence": 0.75, "mode": "extractive",
    }  # fmt: skip
    return Exchange(question, Answer(**{**given, **values}))


class Postgres:
    """A server of the tests' own, in a temporary folder, on a free port of this machine."""

    def __init__(self, programs: Path) -> None:
        self.programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="records-postgres-"))
        # The server refuses to run as root; Debian's package makes the user.
        self.person: dict[str, Any] = {}
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
            self.person = {"user": "postgres", "group": "postgres", "extra_groups": []}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = Path(f"{self.folder}.log")
        self.process: subprocess.Popen[bytes] | None = None
        self._run("initdb", "-D", str(self.folder / "data"), "-A", "trust", "-U", "keeper", "-E", "UTF8", "--no-sync")

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self.programs / program), *arguments], cwd=self.folder, capture_output=True, text=True, check=False,
            **self.person,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    str(self.programs / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port),
                    "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
                ],
                cwd=self.folder, stdout=log, stderr=log, **self.person,
            )  # fmt: skip
        deadline = time.monotonic() + 30
        ready = [str(self.programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-d", "postgres"]
        while subprocess.run(ready, check=False).returncode:
            assert self.process.poll() is None and time.monotonic() < deadline, "PostgreSQL did not start"
            time.sleep(0.05)

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=30)
            self.process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)
        self.log.unlink(missing_ok=True)

    def url(self, database: str, scheme: str = "postgresql") -> str:
        return f"{scheme}://keeper:geheim@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        name = f"records_{uuid.uuid4().hex}"
        self.execute("postgres", f"CREATE DATABASE {name}")
        return name

    def execute(self, database: str, statement: str) -> None:
        engine = create_engine(self.url(database, "postgresql+psycopg"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


@pytest.fixture(autouse=True)
def no_database_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)


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


Open = Callable[[AssistantSettings], Records]
Make = Callable[..., AssistantSettings]


def environment(settings: AssistantSettings) -> dict[str, str]:
    return {
        **os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "ASSISTANT_DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": settings.database_url,
    }  # fmt: skip


def start(program: str, settings: AssistantSettings, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", COMMON + program, *arguments],
        env=environment(settings), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_feedback_comes_back_as_it_was_given(kept: Make, opened: Open) -> None:
    before = datetime.now(UTC)
    given = exchange("et en mars ?", understood="Quand semer ? en mars ?")
    key = opened(kept()).add_feedback(given, "incomplete", "Il manque « avril ».", status=STATUS, history=["Quoi ?"])
    (found,) = opened(kept()).feedback()
    assert found.id == key and uuid.UUID(key).version == 4
    assert before <= found.at <= datetime.now(UTC) and found.at.utcoffset() == timedelta(0)
    assert found.to_dict() == {
        "id": key, "at": found.at.isoformat(), "verdict": "incomplete", "comment": "Il manque « avril ».",
        "question": "et en mars ?", "understood": "Quand semer ? en mars ?", "language": "fr", "kind": "answer",
        "text": given.answer.text, "citations": [given.answer.citations[0].to_dict()], "confidence": 0.75,
        "guide": "petit", "index": STATUS["index"], "edition": STATUS["edition"], "history": ["Quoi ?"],
    }  # fmt: skip


def test_feedback_on_a_real_answer_keeps_its_citations_and_index(
    assistant: Assistant, kept: Make, opened: Open
) -> None:
    question = "Quels sont les facteurs clés de succès de la mutualisation ?"
    answer = assistant.ask(question)
    records = opened(kept(keep_conversations=1))
    records.add_feedback(Exchange(question, answer), "good", status=assistant.status())
    assert records.keep_exchange("clé", Exchange(question, answer))
    (found,) = records.feedback()
    assert found.citations == [citation.to_dict() for citation in answer.citations]
    assert (found.guide, found.index) == (assistant.guide.slug, assistant.status()["index"])


HOSTILE = {
    "markup": "<script>alert(1)</script> {{7*7}} %s '; DROP TABLE assistant_feedback; --",
    "signs": "𝔘🧑‍🌾 é e\u0301 \u202e\u200b\ufeff \x1b[31m \x7f\x85 \r\n\t « ’ »",
    "long": "é" * 1_000_000,
    "empty": "",
}


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_any_text_is_kept_exactly(kept: Make, opened: Open, words: str) -> None:
    records = opened(kept(keep_conversations=1))
    records.add_feedback(exchange(words, text=words), "wrong", words, status={"guide": words}, history=[words])
    records.keep_exchange(words, exchange(words, text=words))
    (found,) = records.feedback()
    assert (found.question, found.text, found.guide, found.history) == (words, words, words, [words])
    assert found.comment == words[:MOST_COMMENT]


def test_what_no_database_takes_is_replaced_and_nothing_around_it(kept: Make, opened: Open) -> None:
    records = opened(kept(keep_conversations=1))
    words = "a\0b\ud800c\udfffd\ud83c\udf31"
    records.add_feedback(exchange(words), "good", words, status={}, history=[words])
    records.keep_exchange(words, exchange(words, confidence=float("nan")))
    (found,) = records.feedback()
    assert [found.question, found.comment, *found.history] == ["a\ufffdb\ufffdc\ufffdd🌱"] * 3


@given(st.text(st.characters()))
def test_a_storable_text_is_unicode_without_nul_and_a_good_one_is_untouched(words: str) -> None:
    stored = storable(words)
    assert "\0" not in stored
    stored.encode()
    good = not any(char == "\0" or "\ud800" <= char <= "\udfff" for char in words)
    assert (stored == words) if good else len(stored) <= len(words)


@pytest.mark.parametrize("verdict", ["", "GOOD", "good' OR 1=1", "x" * 5000, "\ud800"])
def test_an_unknown_verdict_is_refused(in_file: Make, opened: Open, verdict: str) -> None:
    records = opened(in_file())
    with pytest.raises(RecordsError, match="Use one of good, wrong"):
        records.add_feedback(exchange(), verdict, status=STATUS)
    assert list(records.feedback()) == []


def test_feedback_is_listed_by_time_and_verdict_over_any_number_of_pages(
    kept: Make, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "PAGE", 3)
    records = opened(kept())
    ids = [records.add_feedback(exchange(), verdict, status=STATUS) for verdict in VERDICTS * 2]
    rows = list(records.feedback())
    assert [row.id for row in rows] == ids
    assert [row.id for row in records.feedback(verdict="should_decline")] == [ids[3], ids[8]]
    assert [row.id for row in records.feedback(since=rows[6].at)] == ids[6:]
    assert [row.id for row in records.feedback(since=rows[6].at.astimezone(), verdict="good")] == []


def test_nothing_that_names_a_reader_has_a_column(kept: Make, opened: Open) -> None:
    records = opened(kept())
    columns = {
        f"{table}.{column['name']}"
        for table in inspect(records._store._engine).get_table_names()
        for column in inspect(records._store._engine).get_columns(table)
    }
    words = {column.split(".")[1] for column in columns}
    assert words == {
        "version", "id", "at", "verdict", "comment", "question", "understood", "language", "kind", "text", "citations",
        "confidence", "guide", "fingerprint", "edition", "history", "conversation", "until", "answer",
    }  # fmt: skip


def exchanges(records: Records) -> list[str]:
    with records._store._engine.connect() as connection:
        return [row[0] for row in connection.execute(text("SELECT question FROM assistant_exchange ORDER BY at"))]


def test_conversations_are_kept_only_where_that_is_turned_on(kept: Make, opened: Open) -> None:
    off = opened(kept())
    assert not off.keep_exchange("clé", exchange())
    assert exchanges(off) == []
    on = opened(kept(keep_conversations=30))
    assert on.keep_exchange("clé", exchange())
    assert exchanges(on) == ["Quand semer ?"]


def test_a_reader_erases_her_conversation_and_nobody_elses(kept: Make, opened: Open) -> None:
    records = opened(kept(keep_conversations=30))
    for conversation, question in (("hers", "un"), ("hers", "deux"), ("other", "trois")):
        records.keep_exchange(conversation, exchange(question))
        records.add_feedback(exchange(question), "wrong", status=STATUS, history=[question], conversation=conversation)
    assert records.erase_conversation("hers") == 2
    assert records.erase_conversation("hers") == 0
    assert exchanges(records) == ["trois"]
    assert [(row.question, row.history) for row in records.feedback()] == [
        ("un", []),
        ("deux", []),
        ("trois", ["trois"]),
    ]


def test_erasing_every_conversation_leaves_feedback_alone_without_history(kept: Make, opened: Open) -> None:
    records = opened(kept(keep_conversations=30))
    records.keep_exchange("a", exchange())
    records.add_feedback(exchange(), "wrong", status=STATUS, history=["avant"])
    assert records.erase_conversations() == 1
    assert exchanges(records) == [] and [row.history for row in records.feedback()] == [[]]


def test_erased_words_are_in_no_file_any_more(in_file: Make, opened: Open) -> None:
    settings = in_file(keep_conversations=30)
    records = opened(settings)
    records.keep_exchange("hers", exchange("Mot-très-secret"))
    files = list(settings.data_dir.iterdir())
    assert any("Mot-très-secret".encode() in file.read_bytes() for file in files)
    records.erase_conversation("hers")
    assert not any("Mot-très-secret".encode() in file.read_bytes() for file in settings.data_dir.iterdir())
    assert not any(b"hers" in file.read_bytes() for file in settings.data_dir.iterdir())


def test_conversations_go_when_their_day_has_come(kept: Make, opened: Open) -> None:
    records = opened(kept(keep_conversations=30))
    records.keep_exchange("a", exchange("ancien"))
    records.add_feedback(exchange(), "good", status=STATUS, conversation="a")
    now = datetime.now(UTC)
    assert records.purge(now + timedelta(days=29, hours=23)) == 0
    shorter = opened(kept(keep_conversations=7))
    assert shorter.purge(now + timedelta(days=6)) == 0
    off = opened(kept())
    assert off.purge(now + timedelta(days=29)) == 0, "keeping turned off erases nothing before its day"
    assert exchanges(off) == ["ancien"]
    assert shorter.purge(now + timedelta(days=8)) == 1
    records.keep_exchange("a", exchange("nouveau"))
    assert off.purge(now + timedelta(days=31)) == 1
    assert len(list(records.feedback())) == 1, "feedback stays"


def test_opening_purges_and_later_uses_do_once_an_hour(
    kept: Make, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = opened(kept(keep_conversations=2))
    records.keep_exchange("a", exchange("ancien"))
    with records._store._writing.begin() as connection:
        connection.execute(
            text("UPDATE assistant_exchange SET at = '2020-01-01', until = '2020-01-03 00:00:00.000000'")
        )
    records.keep_exchange("a", exchange("nouveau"))
    assert exchanges(records) == ["ancien", "nouveau"], "not twice within the hour"
    opened(kept())
    assert exchanges(records) == ["nouveau"]
    with records._store._writing.begin() as connection:
        connection.execute(text("UPDATE assistant_exchange SET until = '2020-01-03 00:00:00.000000'"))
    monkeypatch.setattr(keeper, "PURGE_SECONDS", 0)
    records.keep_exchange("a", exchange("dernier"))
    assert exchanges(records) == ["dernier"]


def test_what_was_acknowledged_survives_a_kill_again_and_again(kept: Make, opened: Open) -> None:
    settings = kept()
    acknowledged: set[str] = set()
    for count in (1, 40, 7, 80, 25, 3):
        writer = start(WRITE_FOR_EVER, settings)
        assert writer.stdout is not None
        for _ in range(count):
            acknowledged.add(writer.stdout.readline().strip())
        writer.kill()
        rest, _ = writer.communicate()
        acknowledged.update(line for line in rest.splitlines() if len(line) == 36)
        found = {row.id for row in opened(settings).feedback()}
        assert acknowledged <= found and len(acknowledged) >= count


def test_four_processes_make_and_fill_a_new_database_at_once(kept: Make, opened: Open, tmp_path: Path) -> None:
    settings = kept()
    gate = tmp_path / "gate"
    writers = [start(WRITE_SOME, settings, str(gate)) for _ in range(4)]
    time.sleep(2.5)  # All of them wait at the gate by then.
    gate.touch()
    acknowledged: list[str] = []
    for writer in writers:
        output, wrong = writer.communicate(timeout=120)
        assert writer.returncode == 0 and "Traceback" not in wrong, wrong
        acknowledged += output.split()
    assert len(set(acknowledged)) == 4 * 4 * 20
    assert {row.id for row in opened(settings).feedback()} == set(acknowledged)


def test_threads_write_read_and_erase_at_once(kept: Make, opened: Open) -> None:
    records = opened(kept(keep_conversations=1))

    def visit(number: int) -> str:
        records.keep_exchange(f"c{number % 5}", exchange())
        key = records.add_feedback(exchange(), "good", status=STATUS, conversation=f"c{number % 5}")
        assert key in {row.id for row in records.feedback()}
        records.erase_conversation(f"c{(number + 1) % 5}")
        return key

    with ThreadPoolExecutor(20) as pool:
        ids = list(pool.map(visit, range(60)))
    assert {row.id for row in records.feedback()} == set(ids)


def test_a_commit_waits_for_the_disk(in_file: Make, opened: Open, postgres: Postgres) -> None:
    with opened(in_file())._store._engine.connect() as connection:
        told = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    assert told == ["wal", 2]
    database = postgres.new_database()
    postgres.execute(database, f"ALTER DATABASE {database} SET synchronous_commit = off")
    with opened(in_file(database_url=postgres.url(database)))._store._engine.connect() as connection:
        assert connection.scalar(text("SHOW synchronous_commit")) == "on"


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


def test_a_full_disk_is_told_loses_nothing_and_is_over_when_there_is_room_again(in_file: Make) -> None:
    told, wrong = start(FILL_THE_DISK, in_file()).communicate(timeout=60)
    assert told.startswith("True Records in file "), wrong
    assert "Nothing was kept or changed. Free space" in told


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


def test_records_of_a_later_version_are_left_alone(kept: Make, opened: Open) -> None:
    with opened(kept())._store._writing.begin() as connection:
        connection.execute(text("UPDATE assistant_schema SET version = 2"))
    with pytest.raises(RecordsError, match=r"schema 2.*left as it is. Run the version that wrote it") as raised:
        Records.open(kept())
    assert "geheim" not in str(raised.value)


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


def test_a_server_that_stops_is_told_and_used_again_when_it_is_back(
    postgres: Postgres, in_file: Make, opened: Open
) -> None:
    records = opened(in_file(database_url=postgres.url(postgres.new_database())))
    first = records.add_feedback(exchange(), "good", status=STATUS)
    postgres.stop()
    try:
        with pytest.raises(RecordsError, match=r"does not answer\. Nothing was kept or changed\. Start it") as raised:
            records.add_feedback(exchange(), "good", status=STATUS)
        assert "geheim" not in str(raised.value) and "\n" not in str(raised.value)
    finally:
        postgres.start()
    second = records.add_feedback(exchange(), "good", status=STATUS)
    assert [row.id for row in records.feedback()] == [first, second]


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


def test_no_database_library_is_loaded_to_answer(built: Path) -> None:
    code = (
        "import sys, assistant.cli, assistant.records; from assistant import Assistant; "
        "assert Assistant.open().ask('Quels sont les freins ?').text; "
        "sys.exit(bool({'sqlalchemy', 'psycopg'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
