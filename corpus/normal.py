"""The one way in which texts are compared for equality everywhere in the project."""

from __future__ import annotations

import re
import unicodedata

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "＇": "'"})
_SPACES = re.compile(r"\s+")


def normal_form(text: str) -> str:
    """Return a text after NFKC, straight apostrophes, single spaces, lower case (for comparison only)."""
    folded = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES)
    return _SPACES.sub(" ", folded).strip().lower()


def fold_accents(text: str) -> str:
    """Return a text without combining marks: « élève » becomes « eleve »."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def folded(text: str) -> str:
    """Return a text's normal form without accents: what is compared when spelling must not count."""
    return fold_accents(normal_form(text))


def writable(text: str) -> str:
    """Return a text that can be sent and stored as UTF-8: lone surrogates become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")
