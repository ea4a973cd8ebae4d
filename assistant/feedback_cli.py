"""`python -m assistant feedback`: read, export and erase what is kept (for maintainers)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from assistant.errors import AssistantError, RecordsError
from assistant.feedback_table import conversations_table, feedback_table
from assistant.records.export import OF_ONE_GUIDE, Format, export_lines, harmless, json_text
from assistant.records.feedback import Feedback, FeedbackVerdict
from assistant.records.keeper import Records
from assistant.records.location import records_exist
from assistant.settings import AssistantSettings, assistant_settings
from corpus import CorpusError
from index.errors import SearchIndexError

app = typer.Typer(help="Readers' feedback, and conversations where they are kept.", no_args_is_help=True)
console = Console(highlight=False, emoji=False, markup=False)
errors = Console(stderr=True, highlight=False, emoji=False, markup=False, soft_wrap=True)
NONE_YET = "No feedback yet: nothing has been kept."
NO_CONVERSATION = "No conversation is kept."
KEEPING_IS_OFF = "Keeping is off here: set ASSISTANT_KEEP_CONVERSATIONS to a number of days to keep conversations."

Since = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], help="Only since this day (or time)."),
]
Verdict = Annotated[FeedbackVerdict | None, typer.Option(help="Only this verdict.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print whole rows as a JSON list.")]


@contextmanager
def _reported() -> Iterator[AssistantSettings]:
    """Give the settings; turn the project's errors into one readable line and exit status 1."""
    try:
        yield assistant_settings()
    except (CorpusError, SearchIndexError, AssistantError) as error:
        errors.print(harmless(str(error)), style="red")
        raise typer.Exit(1) from error


@contextmanager
def _records(settings: AssistantSettings) -> Iterator[Records | None]:
    """Give the records, None where nothing was ever kept: a look makes no file."""
    if not records_exist(settings):
        yield None
        return
    records = Records.open(settings)
    try:
        yield records
    finally:
        records.close()


@app.command(name="list")
def list_(
    since: Since = None,
    verdict: Verdict = None,
    as_json: AsJson = False,
) -> None:
    """Show the feedback, oldest first."""
    with _reported() as settings, _records(settings) as records:
        rows = list(records.feedback(since=since, verdict=verdict)) if records else []
    if as_json:
        typer.echo(json_text([row.to_dict() for row in rows], indent=1).encode())
    elif rows:
        console.print(feedback_table(rows))
        counts = Counter(row.verdict for row in rows)
        console.print(f"{len(rows)} in all: " + ", ".join(f"{count} {name}" for name, count in counts.most_common()))
    else:
        console.print(NONE_YET if since is None and verdict is None else "No feedback of this kind.")


@app.command()
def export(
    form: Annotated[
        Format,
        typer.Option("--format", help="Whole rows, a spreadsheet, or drafts of bank or evaluation lines to review."),
    ] = "jsonl",
    out: Annotated[Path | None, typer.Option(help="A new file to write (default: the screen).")] = None,
    since: Since = None,
    verdict: Verdict = None,
) -> None:
    """Write the feedback in a format of your choice; drafts are of the configured guide and want a review."""
    with _reported() as settings, _records(settings) as records:
        if records is None:
            errors.print(NONE_YET)
            return
        rows: Iterable[Feedback] = records.feedback(since=since, verdict=verdict)
        if form in OF_ONE_GUIDE:
            rows = [row for row in rows if row.guide == settings.guide]
        lines = export_lines(form, rows)
        if out is None:
            for line in lines:
                typer.echo(line.encode(), nl=False)
            return
        count = _write(out, lines, "utf-8-sig" if form == "csv" else "utf-8")
    errors.print(
        f"{count} lines written to {out}." + (" Review them (see docs/feedback.md)." if form in OF_ONE_GUIDE else "")
    )


@app.command()
def conversations(since: Since = None, as_json: AsJson = False) -> None:
    """Show the kept conversations, oldest first, each with its exchanges in order."""
    with _reported() as settings, _records(settings) as records:
        kept = records.conversations(since=since) if records else []
    notes = [] if settings.keep_conversations else [KEEPING_IS_OFF]
    if not kept:
        notes.insert(0, NO_CONVERSATION if since is None else "No conversation is kept since then.")
    if as_json:
        typer.echo(json_text([one.to_dict() for exchanges in kept for one in exchanges], indent=1).encode())
    elif kept:
        console.print(conversations_table(kept))
        console.print(f"Conversations: {len(kept)}, exchanges: {sum(map(len, kept))}.")
    for note in notes:
        # Beside JSON, which a program reads, a note is for the person only.
        (errors if as_json else console).print(note)


@app.command(name="erase-conversations")
def erase_conversations(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase every kept conversation, and the questions before that follow-ups carry; feedback stays."""
    with _reported() as settings, _records(settings) as records:
        if records is None:
            console.print(NO_CONVERSATION)
            return
        if not yes and not typer.confirm("Erase every kept conversation? They cannot be brought back."):
            console.print("Nothing was erased.")
            raise typer.Exit(1)
        console.print(f"{records.erase_conversations()} exchanges erased.")


@app.command()
def purge() -> None:
    """Erase the exchanges that are older than their retention (the page does so each hour of use)."""
    with _reported() as settings, _records(settings) as records:
        console.print(f"{records.purge() if records else 0} exchanges erased.")


def _write(path: Path, lines: Iterable[str], encoding: str) -> int:
    """Write a new file; return its number of lines. A draft that someone reviewed is never overwritten."""
    try:
        with path.open("x", encoding=encoding, newline="") as file:
            try:
                return sum(file.write(line) > 0 for line in lines)
            except BaseException:
                path.unlink()
                raise
    except FileExistsError as error:
        raise RecordsError(f"{path} exists and is left as it is. Give another name to --out.") from error
    except OSError as error:
        raise RecordsError(f"{path} cannot be written ({error.strerror}). Give --out another place.") from error
