"""What every part of the page needs to show text: the messages, escaping, Markdown. No part of the page lives here."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, partial
from html import escape
from pathlib import Path

from markdown_it import MarkdownIt

from assistant.messages import Catalogue, load_catalogue
from assistant.types import Language

CATALOGUE_FOLDER = Path(__file__).parent / "catalogue"
Say = Callable[..., str]
# Marks that turn the writing direction, hide, or cannot be encoded: never part of what a message says.
_UNSEEN = re.compile(
    r"[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
_WIDE_SPACE = re.compile(r" (?=[;:!?»%])|(?<=«) ")
LONGEST_SHOWN = 2_100


def page_catalogue() -> Catalogue:
    """Return the page's messages."""
    return load_catalogue(CATALOGUE_FOLDER)


def speak(language: Language) -> Say:
    """Return a function from key and variables to the escaped message in a language."""
    text = partial(page_catalogue().text, language)
    return lambda key, **values: safe(text(key, **values))


def safe(text: str) -> str:
    """Return a text for HTML: escaped, without unseen characters."""
    return escape(_UNSEEN.sub("", text), quote=True)


def exact(text: str) -> str:
    """Return the guide's words for HTML: escaped, every character kept, so that offsets hold."""
    return escape(text, quote=True)


def shortened(text: str, most: int = LONGEST_SHOWN) -> str:
    """Return a text cut to `most` characters, the cut shown by an ellipsis."""
    return text if len(text) <= most else f"{text[:most].rstrip()}…"


def narrow_spaces(text: str) -> str:
    """Return a text of ours with the narrow no-break spaces of French typography. Never for the guide's words."""
    return _WIDE_SPACE.sub("\u202f", text)


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
    return parser.disable(["link", "image", "autolink", "html_inline", "html_block", "reference"])


def markdown_html(text: str) -> str:
    """Return Markdown as HTML: no links, no images, no markup of its own but the line break in a table's cell."""
    return str(_markdown().render(_UNSEEN.sub("", text))).replace("&lt;br&gt;", "<br>")
