"""The one place where text becomes HTML. Whatever anyone wrote passes through `safe`."""

from __future__ import annotations

import re
from html import escape

# Marks that turn the writing direction, hide, or cannot be sent: a message shows as it reads, without them.
_UNSEEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ue000-\uf8ff\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    """Return a text without characters that hide, turn the direction of writing, or cannot be encoded."""
    return _UNSEEN.sub("", text)


def safe(text: str) -> str:
    """Return a text for HTML, in content and in quoted attributes: visible characters only, escaped."""
    return escape(visible(text), quote=True)


def spaced(text: str) -> str:
    """Return a French text whose double punctuation never falls alone onto the next line."""
    text = re.sub(r" (?=[?!;](?:\s|$))", "\u202f", text)
    return re.sub(r" (?=[:»](?:\s|$))", "\u00a0", text).replace("« ", "«\u00a0")


def typographic(text: str) -> str:
    """Return a question with the apostrophes of print, and the unbreakable spaces that French wants."""
    text = re.sub(r"(?<=\w)'(?=\w)", "’", text)
    text = re.sub(r"[ \u00a0]([?!;])", "\u202f\\1", text)
    return re.sub(r"«[ \u00a0]?", "«\u00a0", re.sub(r"[ \u00a0]([:»])", "\u00a0\\1", text))
