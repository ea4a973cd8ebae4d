"""`python -m index`: build the index, say where it stands, try a search, train on the bank."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Column, Table

from corpus import CorpusError
from index.build import build_index, index_state
from index.errors import SearchIndexError, TrainingError
from index.progress import Progress
from index.search import SearchIndex
from index.settings import IndexSettings, load_settings
from index.status import describe
from index.trained_parts import BUNDLED_TRAINED

app = typer.Typer(help="The search index of a guide.", no_args_is_help=True)
console = Console(highlight=False)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def reported() -> Iterator[None]:
    """Turn the package's errors into one readable line and exit status 1."""
    try:
        yield
    except (CorpusError, SearchIndexError) as error:
        errors.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from error


@contextmanager
def shown_progress(to: Console = errors) -> Iterator[Progress]:
    """Give a progress that shows one bar for each step."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=to) as bars:
        ids: dict[str, TaskID] = {}

        def progress(step: str, done: int, total: int) -> None:
            name = step.split(" (", maxsplit=1)[0]
            if name not in ids:
                ids[name] = bars.add_task(step, total=total or None)
            bars.update(ids[name], completed=done, total=total or None, description=step)

        yield progress


def quiet_libraries() -> None:
    """Keep libraries' own notes off the screen; their warnings stay."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("bm25s").setLevel(logging.WARNING)


@app.command()
def build(force: Annotated[bool, typer.Option(help="Build again even when the index is current.")] = False) -> None:
    """Build the index (model included) unless it is current."""
    quiet_libraries()
    with reported():
        settings = load_settings(IndexSettings)
        with shown_progress() as progress:
            folder = build_index(settings, progress, force=force)
    console.print(f"The index in {folder} is current.", markup=False, soft_wrap=True)


@app.command()
def status() -> None:
    """Say whether the index is current, what it was made of, and what to run."""
    with reported():
        settings = load_settings(IndexSettings)
        rows = describe(settings, index_state(settings))
    table = Table(show_header=False, box=None)
    for name, value in rows:
        table.add_row(name, escape(value))
    console.print(table)


@app.command()
def search(
    question: Annotated[str, typer.Argument(help="A question in French or English.")],
    limit: Annotated[int, typer.Option("--limit", min=1, max=100, help="How many passages to show.")] = 8,
) -> None:
    """Show the passages found for a question, with the parts of each score."""
    with reported(), shown_progress() as progress:
        index = SearchIndex.open(load_settings(IndexSettings), progress)
        result = index.search(question, limit)
    shown = {"similarity": "cos", "similarity_share": "share", "neighbours": "bank", "lexical": "bm25",
             "lexical_neighbours": "bank bm25"}  # fmt: skip
    table = Table(
        "score", *shown.values(), Column("passage", min_width=34), title=escape(question), padding=(0, 1, 0, 0)
    )
    for hit in result.hits:
        place = hit.passage.titles[-1] if hit.passage.titles else hit.passage.kind
        words = hit.passage.text if len(hit.passage.text) <= 90 else f"{hit.passage.text[:89]}…"
        parts = (f"{hit.parts[name]:.2f}" for name in shown)
        table.add_row(f"{hit.score:.2f}", *parts, escape(f"{place}: {words}"))
    console.print(table)
    for neighbour in result.neighbours[:5]:
        console.print(
            f"{neighbour.similarity:.3f}  {neighbour.question.kind}: {neighbour.question.question}", markup=False
        )


@app.command()
def calibrate(
    bundled: Annotated[bool, typer.Option(help="Write beside the code, for the repository.")] = False,
) -> None:
    """Put the decision right on validation messages that no training saw (after `train` and `build`)."""
    quiet_libraries()
    with reported(), shown_progress() as progress:
        settings = load_settings(IndexSettings)
        try:
            from index.training.calibrate import calibrate as run
            from index.training.calibrate import validation_file
        except ImportError as error:
            raise TrainingError(f"{error}. Install the extra: `pip install .[train]` or run `make train`.") from error
        messages = validation_file(settings)
        if not messages.is_file():
            console.print(
                f"There is no {messages}: the decision stays as it was trained.", markup=False, soft_wrap=True
            )
            return
        index = SearchIndex.open(settings, progress)
        root = BUNDLED_TRAINED if bundled else settings.data_dir / "trained"
        figures = run(index, root / settings.guide, progress)
    console.print(f"{figures}", markup=False, soft_wrap=True)


@app.command()
def train(
    bundled: Annotated[bool, typer.Option(help="Write beside the code, for the repository.")] = False,
    keep_adapters: Annotated[
        bool, typer.Option(help="Keep the encoder; fit all that rests on its evidence anew (minutes, not hours).")
    ] = False,
    epochs: Annotated[int | None, typer.Option(min=1, max=50, help="Passes over the bank.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of every random choice.")] = None,
) -> None:
    """Train adapter, ranking and decision on the bank (for maintainers; needs the extra `train`)."""
    quiet_libraries()
    with reported():
        settings = load_settings(IndexSettings)
        try:
            from index.training.lora import LoraSettings
            from index.training.pipeline import train as run
        except ImportError as error:
            raise TrainingError(f"{error}. Install the extra: `pip install .[train]` or run `make train`.") from error
        given = {name: value for name, value in (("epochs", epochs), ("seed", seed)) if value is not None}
        lora = LoraSettings(**given) if given else None
        with shown_progress() as progress:
            folder, figures = run(settings, lora, bundled=bundled, keep_adapters=keep_adapters, progress=progress)
    table = Table("figure", "value", title="by cross-validation over the bank")
    for name, value in figures.items():
        if name != "evidence":
            table.add_row(name, str(value))
    console.print(table)
    console.print(
        f"Written to {folder}. Run `python -m index calibrate` with the same options, then `make eval`.",
        markup=False,
        soft_wrap=True,
    )
