"""Files of results: the contract's `metrics` and `items`, with the scores of each turn beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus import Guide
from eval.dataset import Case, dataset_digest, load_datasets, sample
from eval.errors import ResultsError
from eval.metrics.bootstrap import Estimate
from eval.run import Exchange, ask_all
from eval.score import Score, score_all
from eval.summary import summarise
from eval.system import Assistant, Progress, silent

if TYPE_CHECKING:
    from assistant.types import Citation


@dataclass(frozen=True)
class Run:
    """A measured run: what it was measured on, the scores, and their means."""

    about: Mapping[str, Any]
    scores: tuple[Score, ...]
    metrics: Mapping[str, Estimate]


def plain(citation: Citation) -> dict[str, Any]:
    """Return a citation as the contract's output has it."""
    return {
        "quote": citation.quote,
        "section": list(citation.section),
        "start": citation.start,
        "end": citation.end,
    }


def item(exchange: Exchange) -> dict[str, Any]:
    """Return an exchange as an item of the contract's output; `turn` counts from 0."""
    answer = exchange.answer
    return {
        "id": exchange.case.id,
        "turn": exchange.number,
        "question": exchange.turn.user,
        "expected": exchange.turn.expected,
        "kind": answer.kind,
        "text": answer.text,
        "citations": [plain(citation) for citation in answer.citations],
        "related": [plain(citation) for citation in answer.related],
        "confidence": answer.confidence,
        "latency_ms": round(exchange.latency_ms, 3),
    }


def about_run(
    guide: Guide, cases: Sequence[Case], datasets: Sequence[Path], exchanges: Sequence[Exchange]
) -> dict[str, Any]:
    """Return what a run was measured on: guide and data, by digest, answering modes, and when."""
    return {
        "guide": guide.slug,
        "guide_digest": guide.digest,
        "dataset_digest": dataset_digest(cases),
        "datasets": [path.name for path in datasets],
        "modes": sorted({exchange.answer.mode for exchange in exchanges}),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def measure(
    assistant: Assistant, datasets: Sequence[Path], progress: Progress = silent, every: int = 1
) -> tuple[Run, list[Exchange]]:
    """Put datasets to an assistant and score what it says; with `every`, about one case in so many.

    Raises:
        DatasetError: a dataset cannot be read.
    """
    cases = load_datasets(datasets)
    exchanges = ask_all(assistant, sample(cases, every) if every > 1 else cases, progress)
    scores = tuple(score_all(exchanges, assistant.guide))
    return Run(about_run(assistant.guide, cases, datasets, exchanges), scores, summarise(scores)), exchanges


def metrics_dict(metrics: Mapping[str, Estimate]) -> dict[str, Any]:
    """Return estimates as plain JSON types."""
    return {name: estimate.to_dict() for name, estimate in metrics.items()}


def output(run: Run, exchanges: Sequence[Exchange]) -> dict[str, Any]:
    """Return the whole content of a file of results."""
    return {
        "metrics": metrics_dict(run.metrics),
        "items": [item(exchange) for exchange in exchanges],
        "scores": [score.to_dict() for score in run.scores],
        "about": dict(run.about),
    }


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a file of results in one go: a reader never meets half a file.

    Raises:
        ResultsError: the file cannot be written.
    """
    staged = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        staged.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        staged.replace(path)
    except OSError as error:
        raise ResultsError(f"{path}: cannot be written ({error}). Choose another place.") from error


def read_run(path: Path) -> Run:
    """Read the scores of a file of results or of a recorded baseline.

    Raises:
        ResultsError: the file is missing, or was not written by this program.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        scores = tuple(Score.from_dict(row) for row in content["scores"])
        about = dict(content["about"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ResultsError(
            f"{path}: holds no results ({error!r}). Write them with `python -m eval run --json {path.name}` "
            "or, for the baseline, `python -m eval accept --reason …`."
        ) from error
    return Run(about, scores, summarise(scores))
