"""Catalogues of messages: what people read, in French with English beside it, never in the code.

A catalogue is a folder with `fr.json` and `en.json`: flat objects from key to text with `{variables}`.
Both must hold the same keys with the same variables; that is checked when a catalogue is loaded.
"""

from __future__ import annotations

import json
import string
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, get_args

from assistant.errors import CatalogueError
from assistant.types import Language

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES: tuple[Language, ...] = get_args(Language)
ENGINE_FOLDER = Path(__file__).parent / "catalogue"


class Catalogue:
    """The messages of one folder, in every language."""

    def __init__(self, texts: Mapping[str, Mapping[str, str]]) -> None:
        self._texts = texts

    def text(self, language: Language, key: str, **values: object) -> str:
        """Return a message with its variables filled in. Raises `CatalogueError` for an unknown key."""
        try:
            return self._texts[language][key].format(**values)
        except KeyError as error:
            raise CatalogueError(f"The catalogue has no message or variable {error} (key {key!r}).") from error

    def keys(self) -> tuple[str, ...]:
        """Return the keys, sorted."""
        return tuple(sorted(self._texts["fr"]))

    def all_of(self, language: Language) -> Mapping[str, str]:
        """Return every message of a language, variables unfilled."""
        return self._texts[language]


@lru_cache(maxsize=8)
def load_catalogue(folder: Path = ENGINE_FOLDER) -> Catalogue:
    """Read a folder of messages.

    Raises:
        CatalogueError: a file is missing or not JSON, or keys or variables differ between languages.
    """
    texts: dict[str, Mapping[str, str]] = {}
    for language in LANGUAGES:
        path = folder / f"{language}.json"
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(content, dict) or not all(isinstance(text, str) for text in content.values()):
                raise ValueError("not an object from keys to texts")
            for text in content.values():
                _variables(text)
            texts[language] = MappingProxyType(content)
        except (OSError, ValueError) as error:
            raise CatalogueError(f"{path}: cannot be read as messages ({error}). Restore the file.") from error
    reference = {key: _variables(text) for key, text in texts["fr"].items()}
    for name, messages in texts.items():
        for key in reference.keys() ^ messages.keys():
            raise CatalogueError(f"{folder}: the message {key!r} stands in one language only ({name}). Add it.")
        for key, text in messages.items():
            if _variables(text) != reference[key]:
                raise CatalogueError(f"{folder / name}.json: {key!r} has other variables than in French.")
    return Catalogue(MappingProxyType(texts))


def _variables(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)
