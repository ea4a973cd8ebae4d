"""`python -m assistant`: ask on the command line, serve the chat page."""

from __future__ import annotations

import json
import re
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from assistant.engine import Assistant
from assistant.errors import AssistantError
from assistant.feedback_cli import app as feedback_app
from assistant.login_cli import app as login_app
from assistant.settings import AssistantSettings, assistant_settings
from assistant.types import Answer
from corpus import CorpusError, load_guide
from index.cli import quiet_libraries, shown_progress
from index.errors import SearchIndexError

app = typer.Typer(help="Ask a guide, in its own words.", no_args_is_help=True)
app.add_typer(feedback_app, name="feedback")
app.add_typer(login_app, name="login")
console = Console(highlight=False, soft_wrap=True, emoji=False)
errors = Console(stderr=True, highlight=False, soft_wrap=True)
MAINTAINER_ERRORS = (CorpusError, SearchIndexError, AssistantError)


def _stop(error: Exception) -> typer.Exit:
    errors.print(str(error), style="red", markup=False)
    return typer.Exit(1)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="A question in French or English.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole answer as JSON.")] = False,
) -> None:
    """Print the answer to a question, with its sources."""
    quiet_libraries()
    try:
        settings = assistant_settings()
        with shown_progress() as progress:
            assistant = Assistant.open(settings, progress, lambda text: errors.print(text, markup=False))
        answer = assistant.ask(question)
    except MAINTAINER_ERRORS as error:
        raise _stop(error) from error
    if as_json:
        typer.echo(json.dumps(answer.to_dict(), ensure_ascii=False, indent=1))
    else:
        show(answer)


def plain(markdown: str) -> str:
    """Return an answer's Markdown as a terminal shows it: no emphasis, characters that mean themselves."""
    return re.sub(r"\\([\\`*_\[\]<>|#~&])", r"\1", re.sub(r"(?<!\\)\*\*", "", markdown).replace("<br>", " ")).strip()


def show(answer: Answer) -> None:
    """Print an answer for a person: its text, its sources, what to read or ask next."""
    french = answer.language == "fr"
    console.print(escape(plain(answer.text)))
    if answer.citations:
        console.print("\nSources", style="bold")
        for citation in answer.citations:
            console.print(escape(f"[{citation.number}] {' › '.join(citation.section) or citation.guide}"))
    if answer.related:
        console.print("\nÀ lire à côté" if french else "\nRelated reading", style="bold")
        for citation in answer.related:
            console.print(escape(f"- {' › '.join(citation.section)} : « {citation.quote} »"))
    if answer.suggestions:
        console.print("\nÀ demander ensuite" if french else "\nTo ask next", style="bold")
        for suggestion in answer.suggestions:
            console.print(escape(f"- {suggestion}"))


@app.command()
def chat(
    host: Annotated[str | None, typer.Option(help="Address to listen on (127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (7860); 0 takes a free one.")] = None,
) -> None:
    """Serve the chat page; its address is printed once it answers. Stop it with Ctrl-C."""
    from assistant.page.server import serve

    quiet_libraries()
    values = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    try:
        settings = assistant_settings(**values)
        guide = load_guide(settings.guide, settings.guides_dir)
        serve(lambda: _open(settings), guide, settings, _announce, lambda text: errors.print(text, markup=False))
    except MAINTAINER_ERRORS as error:
        raise _stop(error) from error


def _open(settings: AssistantSettings) -> Assistant:
    with shown_progress() as progress:
        return Assistant.open(settings, progress, lambda text: errors.print(text, markup=False))


def _announce(url: str) -> None:
    console.print(f"L’assistant répond à l’adresse {url} (Ctrl-C pour arrêter).", markup=False)
