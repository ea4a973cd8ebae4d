"""`python -m corpus`: check a guide, import a text, look at and grow the question bank."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from corpus.bank import load_bank
from corpus.check import check_guide
from corpus.edition import BUNDLED_GUIDES, list_guides, load_guide
from corpus.errors import CorpusError
from corpus.grow import ENOUGH_NEAR_MISSES, ENOUGH_QUESTIONS, add_questions, bank_stats
from corpus.importing import import_text

app = typer.Typer(help="The guides: their editions and question banks.", no_args_is_help=True)
bank_app = typer.Typer(help="The question bank of a guide.", no_args_is_help=True)
app.add_typer(bank_app, name="bank")
console = Console(soft_wrap=True, highlight=False)

Folder = Annotated[Path, typer.Option("--folder", help="The folder that holds the guides.")]
Slug = Annotated[str | None, typer.Option("--guide", help="The guide's slug (default: every guide).")]


def _fail(error: Exception) -> typer.Exit:
    console.print(str(error), style="red", markup=False)
    return typer.Exit(1)


def _slugs(slug: str | None, folder: Path) -> tuple[str, ...]:
    slugs = (slug,) if slug else list_guides(folder)
    if not slugs:
        raise _fail(CorpusError(f"No guide in {folder}. Add one with `python -m corpus import FILE`."))
    return slugs


@app.command()
def check(guide: Slug = None, folder: Folder = BUNDLED_GUIDES) -> None:
    """Check editions against their originals and banks against their guides; exit 1 on any finding."""
    found = 0
    for slug in _slugs(guide, folder):
        findings = check_guide(slug, folder)
        found += len(findings)
        for finding in findings:
            console.print(str(finding), style="red", markup=False)
        if not findings:
            edition, bank = load_guide(slug, folder), load_bank(slug, folder)
            console.print(f"{slug}: {len(edition.passages)} passages, {len(bank.questions)} questions, all well.")
    if found:
        raise typer.Exit(1)


@app.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help="A UTF-8 text or Markdown file.")],
    folder: Folder = BUNDLED_GUIDES,
    slug: Annotated[str | None, typer.Option(help="The name of the guide's folder.")] = None,
) -> None:
    """Draft the edition of a new guide from its text; review it, then run `check`."""
    try:
        target = import_text(file, folder, slug)
    except CorpusError as error:
        raise _fail(error) from error
    console.print(
        f"Draft written to {target}. Review guide.md (titles, bullets, source), write questions.jsonl, "
        "then run `python -m corpus check`.",
        markup=False,
    )


@bank_app.command()
def stats(guide: Slug = None, folder: Folder = BUNDLED_GUIDES) -> None:
    """Show how well the bank covers each passage, and questions that look alike."""
    for slug in _slugs(guide, folder):
        try:
            figures = bank_stats(load_guide(slug, folder), load_bank(slug, folder))
        except CorpusError as error:
            raise _fail(error) from error
        table = Table("questions", "near misses", "passage", title=f"{slug}: {figures.kinds} {figures.languages}")
        for row in sorted(figures.coverage, key=lambda row: row.questions):
            thin = row.questions < ENOUGH_QUESTIONS or row.near_misses < ENOUGH_NEAR_MISSES
            table.add_row(
                str(row.questions), str(row.near_misses), row.passage.text[:70], style="yellow" if thin else None
            )
        console.print(table)
        for first, second in figures.look_alikes:
            console.print(f"look alike: « {first} » / « {second} »", markup=False)


@bank_app.command(name="check")
def check_bank_(guide: Slug = None, folder: Folder = BUNDLED_GUIDES) -> None:
    """Check every quote and question of the bank (a part of `python -m corpus check`)."""
    check(guide, folder)


@bank_app.command()
def add(
    file: Annotated[Path, typer.Argument(help="Reviewed questions, in the bank's format.")],
    guide: Annotated[str, typer.Option("--guide", help="The guide's slug.")] = "cooperation-siae",
    folder: Folder = BUNDLED_GUIDES,
) -> None:
    """Add reviewed questions to a guide's bank; known ones are passed over."""
    try:
        added = add_questions(load_guide(guide, folder), file, folder)
    except CorpusError as error:
        raise _fail(error) from error
    console.print(f"{added} questions added to {guide}.")
