"""Systems to compare with: real splitters, real Chroma, real BM25; our search whole and in part."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding

from corpus import Guide
from eval.baselines.base import measure_system, plain_text
from eval.baselines.chunks import ChunkPipeline, MiniLmEmbeddings
from eval.baselines.optional import HaystackSystem, LlamaIndexSystem
from eval.baselines.passages import Bm25, OurSearch, ablations
from eval.dataset import bundled_files, load_datasets, sample
from eval.errors import BaselineSystemError
from eval.full import all_systems
from eval.variants import build_variants

FAKE = DeterministicFakeEmbedding(size=16)


def test_the_plain_text_is_the_guides_words_in_order(guide: Guide) -> None:
    text = plain_text(guide)
    assert text.split("\n") == [passage.text for passage in guide.passages]


def test_chunks_stand_where_they_say_and_overlap_little(guide: Guide) -> None:
    system = ChunkPipeline(guide, FAKE, "fake", 500, 50)
    text = plain_text(guide)
    for unit in system.units():
        assert text[unit.start : unit.end] == unit.text
        assert len(unit.text) <= 500
    assert len(system.search("mutualisation")) == 10
    assert system.search("  ") == ()


def test_bm25_finds_the_words_of_a_passage_and_nothing_for_unknown_words(guide: Guide) -> None:
    system = Bm25(guide)
    passage = next(p for p in guide.passages if p.text.startswith("Génère des coûts de coordination"))
    assert system.search(passage.text)[0].key == passage.id
    assert system.search("xyzzy plugh") == ()


def test_a_system_is_measured_on_single_answerable_questions_with_intervals(garden: Guide, dataset: Path) -> None:
    row = measure_system(Bm25(garden), load_datasets([dataset]))
    assert len(row["questions"]) == 20
    assert row["metrics"]["recall@5"]["mean"] > 0.9
    assert set(row["metrics"]) >= {"found_1200", "recall@10", "mrr@10", "ndcg@10", "citation_precision", "latency_ms"}
    for estimate in row["metrics"].values():
        assert estimate["low"] <= estimate["mean"] <= estimate["high"]


def test_our_search_is_measured_whole_and_without_each_part(assistant: Any) -> None:
    names = [system.name for system in ablations(assistant.guide, assistant.index)]
    assert names[0] == "our search, whole"
    assert {"our search, no question bank", "our search, no lexical search"} <= set(names)


def test_our_search_beats_bm25_on_questions_it_has_not_seen(assistant: Any, guide: Guide) -> None:
    cases = sample(load_datasets(bundled_files(guide.slug)), 8)
    ours = measure_system(OurSearch("ours", guide, assistant.index), cases)
    theirs = measure_system(Bm25(guide), cases)
    assert ours["metrics"]["found_1200"]["mean"] > theirs["metrics"]["found_1200"]["mean"] + 0.1


@pytest.mark.parametrize(
    ("kind", "module"), [(LlamaIndexSystem, "llama_index"), (HaystackSystem, "haystack")], ids=["llama", "haystack"]
)
def test_a_framework_that_is_not_installed_is_told_in_a_sentence(kind: Any, module: str, garden: Guide) -> None:
    if importlib.util.find_spec(module) is None:
        with pytest.raises(BaselineSystemError, match=r"not installed \(group `baselines`\)"):
            kind(garden, FAKE, "fake")
    else:
        assert len(kind(garden, FAKE, "fake").search("Semer")) >= 1


def test_an_assistant_without_index_leaves_a_note(make_small: Callable[..., Any], monkeypatch: Any) -> None:
    small = make_small()
    del small.index
    monkeypatch.setattr("eval.full._dense", lambda *_: [])
    monkeypatch.setattr("eval.full._chunk_pipelines", lambda *_: [])
    notes: list[str] = []
    assert [system.name for system in all_systems(small, notes)] == ["BM25 alone (French analysis)"]
    assert notes == ["The assistant shows no index: its search, with and without its parts, is left out."]


def test_minilm_comes_from_its_package_and_knows_english() -> None:
    model = MiniLmEmbeddings()
    asked, near, far = model.embed_documents(["a dog in the garden", "a puppy on the lawn", "the price of steel"])
    assert len(asked) == 384

    def dot(left: list[float], right: list[float]) -> float:
        return sum(a * b for a, b in zip(left, right, strict=True))

    assert dot(asked, near) > dot(asked, far) + 0.2


def test_an_index_without_a_part_that_cannot_be_built_is_told(assistant: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    settings = assistant.index.settings.model_copy(update={"data_dir": tmp_path / "file"})
    with pytest.raises(BaselineSystemError, match="our search, no titles path cannot be measured"):
        build_variants(assistant.guide, settings)
