"""A Chroma server in place of the local folder: the same scores, and no heap of old collections."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.settings import AssistantSettings
from index.build import build_index, indexes_folder
from index.errors import VectorStoreError
from index.search import SearchIndex
from index.vectors import open_client

Make = Callable[..., AssistantSettings]
Write = Callable[..., Path]
BANK = '{"question": "À quelle heure arroser le jardin ?", "quotes": ["Arrosez le soir, jamais à midi."]}\n'
QUESTIONS = ("Quand semer ?", "Quand arroser ?", "Qui préside la France ?")
pytestmark = pytest.mark.server


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/api/v2/heartbeat", timeout=2) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture
def server(tmp_path: Path, free_port: int) -> Iterator[str]:
    """The address of a Chroma server that is started for the test and stopped after it."""
    program = [str(Path(sys.executable).with_name("chroma")), "run", "--path", str(tmp_path / "server")]
    started = subprocess.Popen(
        [*program, "--host", "127.0.0.1", "--port", str(free_port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url, deadline = f"http://127.0.0.1:{free_port}", time.monotonic() + 60
        while not answers(url):
            assert started.poll() is None and time.monotonic() < deadline, "the server does not start"
            time.sleep(0.05)
        yield url
    finally:
        started.terminate()
        started.wait(20)


def test_a_server_gives_the_scores_of_the_local_folder(
    own_settings: Make, small_guide: Write, server: str, tmp_path: Path
) -> None:
    guides = small_guide(bank=BANK)
    near = SearchIndex.open(own_settings(guides_dir=guides, guide="petit"))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "models").symlink_to(near.settings.data_dir / "models")
    far = SearchIndex.open(
        own_settings(guides_dir=guides, guide="petit", chroma_url=server, data_dir=tmp_path / "other")
    )
    assert not list(far.folder.glob("chroma*/chroma.sqlite3"))
    for question in QUESTIONS:
        ours, theirs = near.search(question), far.search(question)
        assert [hit.passage.id for hit in ours.hits] == [hit.passage.id for hit in theirs.hits]
        assert [hit.score for hit in ours.hits] == pytest.approx([hit.score for hit in theirs.hits], abs=1e-4)
        assert ours.answerable == pytest.approx(theirs.answerable, abs=1e-3)


def test_refreshes_leave_no_more_on_the_server_than_in_the_folder(
    own_settings: Make, small_guide: Write, server: str
) -> None:
    settings = own_settings(guides_dir=small_guide(bank=""), guide="petit", chroma_url=server)
    for words in ("heure", "saison", "moment"):
        small_guide(bank=BANK.replace("heure", words))
        build_index(settings)
    kept = {path.name for path in indexes_folder(settings).iterdir() if path.is_dir()}
    collections = [collection.name for collection in open_client(None, server).list_collections()]
    assert sorted(collections) == sorted(f"petit-{name}-{part}" for name in kept for part in ("passages", "questions"))


@pytest.mark.parametrize("address", ["localhost:8000", "ftp://localhost", "http://", "nonsense"])
def test_an_address_that_is_none_is_told_with_its_form(address: str) -> None:
    with pytest.raises(VectorStoreError, match=r"is no address\. Write http://host:port\."):
        open_client(None, address)
