"""What was acknowledged is never lost: killed programs, many at once, a full disk, a stopped server."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from assistant.records import RecordsError
from tests.assistant.records.helpers import STATUS, Make, Open, exchange, start
from tests.assistant.records.postgres import Postgres

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


def test_a_full_disk_is_told_loses_nothing_and_is_over_when_there_is_room_again(in_file: Make) -> None:
    told, wrong = start(FILL_THE_DISK, in_file()).communicate(timeout=60)
    assert told.startswith("True Records in file "), wrong
    assert "Nothing was kept or changed. Free space" in told


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
