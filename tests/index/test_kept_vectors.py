"""Vectors of the longest questions kept with the trained parts: the same as the model's, or none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assistant.settings import AssistantSettings
from corpus import Guide
from index.context import load_whole_bank
from index.model.embeddings import OnnxEmbeddings
from index.model.store import model_key, prepare_model
from index.trained_parts import LONGEST_FILE, TrainedParts, find_trained, write_longest_vectors


@pytest.fixture
def kept(tmp_path: Path) -> TrainedParts:
    vectors = np.random.default_rng(5).normal(size=(3, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    write_longest_vectors(tmp_path, dict(zip(("un", "deux mots", "trois"), vectors, strict=True)), "clé")
    return TrainedParts(tmp_path, {})


def test_vectors_come_back_for_the_texts_that_are_asked_for(kept: TrainedParts) -> None:
    found = kept.longest_vectors(["trois", "quatre"], "clé")
    assert set(found) == {"trois"}
    assert np.linalg.norm(found["trois"]) == pytest.approx(1, abs=1e-6)


def test_vectors_of_another_model_are_not_used(kept: TrainedParts) -> None:
    assert kept.longest_vectors(["trois"], "autre") == {}


@pytest.mark.parametrize("content", [None, b"", b"\x08\x00\x00\x00\x00\x00\x00\x00{}      ", b"nonsense" * 10])
def test_a_damaged_or_missing_file_only_costs_time(kept: TrainedParts, content: bytes | None) -> None:
    path = kept.folder / LONGEST_FILE
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    assert kept.longest_vectors(["trois"], "clé") == {}


def test_what_comes_with_the_project_is_what_its_model_gives(settings: AssistantSettings, guide: Guide) -> None:
    trained = find_trained(settings)
    assert trained is not None
    texts = [q.text for q in load_whole_bank(settings.guide, settings.guides_dir, guide).questions]
    found = trained.longest_vectors(texts, model_key(settings.model, trained.adapter))
    assert len(found) > 3000, "a first build saves little: run `python -m index calibrate --bundled`"
    sample = sorted(found)[::400]
    ours = OnnxEmbeddings(prepare_model(settings, trained.adapter)).encode(sample, query=True)
    for text, vector in zip(sample, ours, strict=True):
        assert found[text] @ vector > 0.9999
