"""`python -m assistant login`: who may log in (for maintainers)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from assistant.errors import AssistantError, LoginError
from assistant.settings import assistant_settings
from index.errors import SearchIndexError

app = typer.Typer(help="Who may log in to the page, where AUTH_FILE is set.", no_args_is_help=True)
console = Console(highlight=False, emoji=False, markup=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, emoji=False, markup=False, soft_wrap=True)

Name = Annotated[str, typer.Argument(help="The person's name: letters, digits or . _ @ + -")]
File = Annotated[Path | None, typer.Option("--file", help="The file of logins (AUTH_FILE when it is set).")]


@contextmanager
def _file(given: Path | None) -> Iterator[Path]:
    """Give the file of logins; turn the project's errors into one readable line and exit status 1."""
    try:
        path = given or assistant_settings().auth_file
        if path is None:
            raise LoginError("No file of logins is set. Name one with --file, or set AUTH_FILE.")
        yield path
    except (AssistantError, SearchIndexError) as error:
        errors.print(str(error), style="red")
        raise typer.Exit(1) from error


@app.command()
def add(name: Name, file: File = None) -> None:
    """Let a person log in, or give her another password; it is asked for, or read from the standard input."""
    from assistant.page.serving.passwords import write_login

    with _file(file) as path:
        known = write_login(path, name, _password())
        console.print(f"{name} {'has another password' if known else 'may log in'}; the server knows at once.")


@app.command()
def remove(name: Name, file: File = None) -> None:
    """Let a person log in no more; her sessions end at once."""
    from assistant.page.serving.passwords import write_login

    with _file(file) as path:
        if not write_login(path, name, None):
            raise LoginError(f"{name} is not in {path.name}. `python -m assistant login list` shows who is.")
        console.print(f"{name} may log in no more.")


@app.command("list")
def list_names(file: File = None) -> None:
    """Show who may log in."""
    from assistant.page.serving.passwords import read_hashes

    with _file(file) as path:
        for name in sorted(read_hashes(path)):
            console.print(name)


def _password() -> str:
    # Never an argument: those can be read by anyone on the machine, and stay in the shell's history.
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")
