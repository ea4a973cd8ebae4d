"""`python -m eval`: measure, report, compare with the recorded baseline, record a new one."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from eval import gate as gates
from eval.compare import compare as compare_runs
from eval.console import comparison_table, console, errors, metrics_table, progress_bars, systems_table
from eval.dataset import bundled_files
from eval.errors import DatasetError, EvaluationError
from eval.results import Run, measure, output, read_run, write_json
from eval.system import Assistant, open_assistant

app = typer.Typer(help="The evaluation of the assistant.", no_args_is_help=False)
LATEST = Path(__file__).parent / "reports" / "latest"

Datasets = Annotated[
    list[Path] | None, typer.Option("--dataset", help="A dataset (JSON lines); may be given several times.")
]
Results = Annotated[Path | None, typer.Option("--results", help="Results to judge instead of asking again.")]
Baseline = Annotated[Path, typer.Option("--baseline", help="The recorded baseline.")]


@contextmanager
def reported() -> Iterator[None]:
    """Turn the package's errors into one readable message and exit status 2: nothing was measured."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        yield
    except EvaluationError as error:
        errors.print(str(error), style="red", markup=False)
        raise typer.Exit(2) from error


def _datasets(assistant: Assistant, given: list[Path] | None) -> list[Path]:
    found = list(given or bundled_files(assistant.guide.slug))
    if not found:
        raise DatasetError(f"No dataset is kept for « {assistant.guide.slug} ». Give one with --dataset.")
    return found


def _measured(datasets: list[Path] | None, every: int = 1) -> Run:
    assistant = open_assistant()
    with progress_bars() as progress:
        run, _ = measure(assistant, _datasets(assistant, datasets), progress, every)
    return run


@app.callback(invoke_without_command=True)
def default(context: typer.Context) -> None:
    """Without a command: measure everything and write the report."""
    if context.invoked_subcommand is None:
        full()


@app.command()
def run(
    json_: Annotated[Path, typer.Option("--json", help="The file to write.")],
    dataset: Datasets = None,
) -> None:
    """Put datasets to the assistant and write metrics and answers; exit 0 unless it could not run."""
    with reported():
        assistant = open_assistant()
        with progress_bars() as progress:
            measured, exchanges = measure(assistant, _datasets(assistant, dataset), progress)
        write_json(json_, output(measured, exchanges))
    console.print(metrics_table(measured.metrics))
    console.print(f"Written to {json_}.", markup=False)


@app.command()
def full(
    dataset: Datasets = None,
    out: Annotated[Path, typer.Option("--out", help="The folder to write.")] = LATEST,
    baselines: Annotated[bool, typer.Option(help="Measure the systems to compare with, too.")] = True,
    optional: Annotated[bool, typer.Option(help="Also LlamaIndex and Haystack, where they are installed.")] = False,
    baseline: Baseline = gates.BASELINE,
) -> None:
    """Measure everything, write `results.json` and `report.html`, then judge it as `gate` does."""
    from eval.full import measure_everything
    from eval.report.page import write_page

    with reported():
        assistant = open_assistant()
        with progress_bars() as progress:
            measured = measure_everything(
                assistant, _datasets(assistant, dataset), progress, baselines=baselines, optional=optional
            )
        write_json(out / "results.json", measured.content)
        write_page(measured, assistant.guide, out / "report.html")
    console.print(metrics_table(measured.run.metrics))
    console.print(systems_table(measured.content["systems"]))
    for note in measured.content["notes"]:
        console.print(note, markup=False, style="yellow")
    console.print(f"Report: {out / 'report.html'}", markup=False)
    if baseline.is_file():
        with reported():
            verdict = gates.judge(gates.read_baseline(baseline), measured.run)
        _conclude(verdict)
    else:
        console.print("There is no baseline to compare with: record one with `python -m eval accept --reason …`.")


app.command(name="report", hidden=True)(full)


@app.command()
def gate(
    quick: Annotated[bool, typer.Option("--quick", help="About one question in three, under a minute.")] = False,
    results: Results = None,
    dataset: Datasets = None,
    baseline: Baseline = gates.BASELINE,
) -> None:
    """Compare with the recorded baseline; exit 1 on a loss larger than noise, 2 when it could not run."""
    with reported():
        recorded = gates.read_baseline(baseline)
        current = read_run(results) if results else _measured(dataset, gates.QUICK_EVERY if quick else 1)
        verdict = gates.judge(recorded, current)
    _conclude(verdict)


def _conclude(verdict: gates.Verdict) -> None:
    for line in gates.explain(verdict):
        style = "red" if line.startswith(("LOSS", "BROKEN")) else "green" if line.startswith("GAIN") else None
        console.print(line, markup=False, style=style)
    if not verdict.passed:
        raise typer.Exit(1)


@app.command()
def accept(
    reason: Annotated[str, typer.Option("--reason", help="What changed and why the new state is right.")],
    results: Results = None,
    dataset: Datasets = None,
    baseline: Baseline = gates.BASELINE,
) -> None:
    """Record a new baseline with the reason given (asks every question again unless --results)."""
    with reported():
        current = read_run(results) if results else _measured(dataset)
        gates.accept(current, reason, baseline)
    console.print(metrics_table(current.metrics))
    console.print(f"Recorded in {baseline}: {reason}", markup=False)


@app.command()
def compare(
    before: Annotated[Path, typer.Argument(help="Results of the run before.")],
    after: Annotated[Path, typer.Argument(help="Results of the run after.")],
) -> None:
    """Compare two runs on the same questions: differences with intervals, and every flipped question."""
    with reported():
        comparison = compare_runs(read_run(before).scores, read_run(after).scores)
    console.print(comparison_table(comparison))
    for change in comparison.changes:
        for word, flips in (("worse", change.worse), ("better", change.better)):
            for flip in flips:
                console.print(f"{change.title}, {word}: {gates.flip_line(flip)}", markup=False)
    for word, keys in (("before", comparison.only_before), ("after", comparison.only_after)):
        if keys:
            console.print(f"Only {word}: {', '.join(keys)}", markup=False)


@app.command(name="look-alikes")
def look_alikes(
    dataset: Datasets = None,
    guide: Annotated[str, typer.Option("--guide", help="The guide's slug.")] = "cooperation-siae",
    threshold: Annotated[float, typer.Option(min=0.0, max=1.0, help="Least cosine similarity.")] = 0.97,
) -> None:
    """List evaluation questions that stand in the bank or nearly do, for a person to look at; exit 1 on any that do."""
    from eval.leaks import near_twins, twins

    with reported():
        files = list(dataset or bundled_files(guide))
        same = twins(files, guide)
        with progress_bars() as progress:
            near = near_twins(files, guide, threshold, progress)
    for leak in same:
        console.print(f"SAME {leak.key}: « {leak.question} » stands at {leak.where}", markup=False, style="red")
    for leak in near:
        console.print(f"{leak.similarity:.3f} {leak.key}: « {leak.question} » / « {leak.bank} »", markup=False)
    console.print(f"{len(same)} the same, {len(near)} with a cosine of {threshold} or more.")
    if same:
        raise typer.Exit(1)
