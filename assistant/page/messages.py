"""The page's own messages, in both languages, and those of them that its script says."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from assistant.messages import Catalogue, load_catalogue
from assistant.page.escape import safe
from assistant.types import Language

CATALOGUE_FOLDER = Path(__file__).parent / "catalogue"
_SCRIPT = "js_"


def page_catalogue() -> Catalogue:
    """Return the page's messages."""
    return load_catalogue(CATALOGUE_FOLDER)


def sayer(language: Language) -> Callable[..., str]:
    """Return a function that says a message of a language as HTML: escaped, its values too."""
    say = partial(page_catalogue().text, language)

    def said(key: str, **values: object) -> str:
        return safe(say(key, **values))

    return said


def script_messages(language: Language) -> dict[str, str]:
    """Return the messages that the page's script shows, variables unfilled, under their short names."""
    messages = page_catalogue().all_of(language)
    return {key.removeprefix(_SCRIPT): text for key, text in messages.items() if key.startswith(_SCRIPT)}
