"""What the commands show: short tables and progress bars. No figures are computed here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.table import Column, Table

from eval.compare import Comparison
from eval.metrics.bootstrap import Estimate
from eval.system import Progress

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)
SHOWN = (
    ("citation_recall", "citation recall"), ("citation_precision", "citation precision"), ("complete", "complete"),
    ("answered", "answered (answerable)"), ("declined", "declined (unanswerable)"), ("smalltalk", "small talk met"),
    ("follow_up_recall", "recall on follow-ups"), ("auroc", "AUROC of the decision"),
    ("calibration_error", "calibration error"), ("faithful", "faithful"), ("exact", "exact"),
    ("latency_ms", "latency, ms"),
)  # fmt: skip


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """Give a progress that shows one bar for each step, on the error stream."""
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Bars(*columns, console=errors) as bars:
        ids: dict[str, TaskID] = {}

        def progress(step: str, done: int, total: int) -> None:
            if step not in ids:
                ids[step] = bars.add_task(step, total=total or None)
            bars.update(ids[step], completed=done, total=total or None)

        yield progress


def estimate_text(estimate: Estimate, digits: int = 3) -> str:
    """Return an estimate as « 0.912 [0.890, 0.931] », a dash where it is undefined."""
    if estimate.mean is None:
        return "–"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.mean:.{digits}f}"
    return f"{estimate.mean:.{digits}f} [{estimate.low:.{digits}f}, {estimate.high:.{digits}f}]"


def metrics_table(metrics: Mapping[str, Estimate]) -> Table:
    """Return the headline figures as a table."""
    table = Table("measure", "mean [95 % interval]", "n")
    for name, title in SHOWN:
        if name in metrics:
            digits = 1 if name == "latency_ms" else 3
            table.add_row(title, estimate_text(metrics[name], digits), str(metrics[name].n))
    return table


def systems_table(systems: Sequence[Mapping[str, Any]]) -> Table:
    """Return the retrieval figures of every system as a table."""
    columns = ("found_1200", "recall@5", "mrr@10", "ndcg@10", "citation_recall", "citation_precision")
    heads = ("1,200 ch.", "recall@5", "MRR@10", "nDCG@10", "cit. rec.", "cit. prec.")
    table = Table(Column("system", min_width=34), *heads, box=SIMPLE, padding=(0, 1), caption_justify="left")
    table.caption = "1,200 ch.: gold found within the first 1,200 characters of evidence"
    for system in systems:
        figures = [system["metrics"].get(name, {}).get("mean") for name in columns]
        table.add_row(system["name"], *("–" if value is None else f"{value:.3f}" for value in figures))
    return table


def comparison_table(comparison: Comparison) -> Table:
    """Return the changes between two runs as a table."""
    table = Table("measure", "before", "after", "difference [95 % interval]", "worse", "better", "verdict")
    for change in comparison.changes:
        verdict = "loss" if change.is_loss else "gain" if change.is_gain else "within noise"
        table.add_row(
            change.title,
            "–" if change.before is None else f"{change.before:.3f}",
            "–" if change.after is None else f"{change.after:.3f}",
            estimate_text(change.difference),
            str(len(change.worse)),
            str(len(change.better)),
            verdict,
            style="red" if change.is_loss else "green" if change.is_gain else None,
        )
    return table
