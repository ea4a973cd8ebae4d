"""Building: current, stale and missing; killed, crowded, damaged, full: an index answers or says why not."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.settings import AssistantSettings
from index.build import build_index, current_folder, index_state, indexes_folder
from index.errors import SearchIndexError, VectorStoreError
from index.search import SearchIndex

Make = Callable[..., AssistantSettings]
BANK = '{"question": "À quelle heure arroser le jardin ?", "quotes": ["Arrosez le soir, jamais à midi."]}\n'
ROOT = Path(__file__).resolve().parents[2]


def program(code: str, settings: AssistantSettings, **more: str) -> subprocess.Popen[str]:
    """Start Python on some code with the settings in its environment."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "ASSISTANT_DATA_DIR": str(settings.data_dir),
        "ASSISTANT_GUIDES_DIR": str(settings.guides_dir),
        "ASSISTANT_GUIDE": settings.guide,
        **more,
    }
    return subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


OPEN = (
    "from index.search import SearchIndex; from index.settings import *; "
    "print(SearchIndex.open(load_settings(IndexSettings)).search('Quand semer ?').hits[0].passage.text)"
)


def test_an_index_is_missing_then_current_then_stale(own_settings: Make, small_guide: Callable[..., Path]) -> None:
    folder = small_guide(bank=BANK)
    settings = own_settings(guides_dir=folder, guide="petit")
    assert index_state(settings).state == "missing"
    told: list[str] = []
    index = SearchIndex.open(settings, notify=told.append)
    assert told and index_state(settings).state == "current"
    assert index.search("Quand faut-il arroser ?").hits[0].passage.text.startswith("Arrosez")
    small_guide(bank=BANK + '{"question": "Quel mois pour les graines ?", "quotes": ["Semez en mars."]}\n')
    assert index_state(settings).state == "stale"
    refreshed = SearchIndex.open(settings, notify=told.append)
    assert len(told) == 2
    assert refreshed.search("Quel mois pour les graines ?").hits[0].passage.text == "Semez en mars."


def test_a_guide_without_a_bank_is_searched_by_its_words(own_settings: Make, small_guide: Callable[..., Path]) -> None:
    index = SearchIndex.open(own_settings(guides_dir=small_guide(bank=""), guide="petit"))
    assert index.search("Quel est le mois des semis ?").hits[0].passage.text == "Semez en mars."


def test_a_killed_build_leaves_the_index_before_it(own_settings: Make, small_guide: Callable[..., Path]) -> None:
    folder = small_guide(bank=BANK)
    settings = own_settings(guides_dir=folder, guide="petit")
    first = build_index(settings)
    many = "".join(
        f'{{"question": "Question numéro {i} sur les semis de printemps ?", "quotes": ["Semez en mars."]}}\n'
        for i in range(3000)
    )
    small_guide(bank=BANK + many)
    started = program(OPEN, settings)
    deadline = time.monotonic() + 60
    root = indexes_folder(settings)
    while not list(root.glob(".*-*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert list(root.glob(".*-*")), "the rebuild has started"
    started.send_signal(signal.SIGKILL)
    started.communicate()
    assert current_folder(root) == first
    assert SearchIndex(first, settings).search("Quand arroser ?").hits
    small_guide(bank=BANK)
    assert SearchIndex.open(settings).folder == first


def test_two_processes_that_open_at_once_both_answer(own_settings: Make, small_guide: Callable[..., Path]) -> None:
    settings = own_settings(guides_dir=small_guide(bank=BANK), guide="petit")
    both = [program(OPEN, settings) for _ in range(2)]
    for started in both:
        output, _ = started.communicate(timeout=120)
        assert started.returncode == 0, output
        assert "Semez en mars." in output


@pytest.mark.parametrize(
    "part", ["manifest.json", "chroma-*/chroma.sqlite3", "guide.md", "lexical-passages/vocab.index.json"]
)
def test_a_damaged_index_is_built_again(own_settings: Make, small_guide: Callable[..., Path], part: str) -> None:
    settings = own_settings(guides_dir=small_guide(bank=BANK), guide="petit")
    folder = build_index(settings)
    damaged = next(iter(folder.glob(part)))
    damaged.write_bytes(b"\x00damage")
    index = SearchIndex.open(settings)
    assert index.search("Quand semer ?").hits[0].passage.text == "Semez en mars."


def test_a_full_disk_is_told_and_the_index_before_goes_on(own_settings: Make, small_guide: Callable[..., Path]) -> None:
    folder = small_guide(bank=BANK)
    settings = own_settings(guides_dir=folder, guide="petit")
    limited = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000)); "
    )
    failed = program(
        limited + "from index.build import build_index; from index.settings import *; "
        "build_index(load_settings(IndexSettings))",
        settings,
    )
    output, _ = failed.communicate(timeout=120)
    assert failed.returncode != 0
    assert "index.errors." in output, output
    first = build_index(settings)
    small_guide(bank=BANK.replace("quelle heure", "quel moment"))
    answered = program(limited + OPEN, settings)
    output, _ = answered.communicate(timeout=120)
    assert answered.returncode == 0, output
    assert "goes on answering" in output
    assert current_folder(indexes_folder(settings)) == first


def test_a_dead_chroma_server_is_told(own_settings: Make, small_guide: Callable[..., Path]) -> None:
    settings = own_settings(guides_dir=small_guide(bank=BANK), guide="petit", chroma_url="http://127.0.0.1:9")
    with pytest.raises(VectorStoreError, match="ASSISTANT_CHROMA_URL"):
        SearchIndex.open(settings)


def test_a_chroma_server_finds_what_the_local_folder_finds(
    own_settings: Make, small_guide: Callable[..., Path], tmp_path: Path, free_port: int
) -> None:
    chroma = Path(sys.executable).with_name("chroma")
    server = subprocess.Popen(
        [chroma, "run", "--path", str(tmp_path / "server"), "--host", "127.0.0.1", "--port", str(free_port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        values = {"guides_dir": small_guide(bank=BANK), "guide": "petit"}
        local = SearchIndex.open(own_settings(**values)).search("Quand semer ?")
        shutil.rmtree(indexes_folder(own_settings(**values)))
        deadline = time.monotonic() + 60
        remote: SearchIndex | None = None
        while remote is None:
            try:
                remote = SearchIndex.open(own_settings(**values, chroma_url=f"http://127.0.0.1:{free_port}"))
            except VectorStoreError:
                assert time.monotonic() < deadline, "the server never answered"
                time.sleep(0.3)
        found = remote.search("Quand semer ?")
        assert [hit.passage.id for hit in found.hits] == [hit.passage.id for hit in local.hits]
        server.terminate()
        server.wait(20)
        with pytest.raises(SearchIndexError, match="data folder"):
            remote.search("Quand arroser ?")
    finally:
        server.kill()
        server.wait(20)
