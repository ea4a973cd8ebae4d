"""What an exporter is: exchanges in, the bytes of a file out; and how that file is named."""

from __future__ import annotations

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

from assistant.export.clean import one_line
from assistant.export.errors import EmptyExportError
from assistant.export.note import Note, make_note
from assistant.types import Exchange, Language
from corpus import Guide

_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss"})
_NAME_WORDS = 4
_NAME_LENGTH = 48


class Exporter(ABC):
    """Writes exchanges as a file. Members write `_export`; what a file says is decided in `make_note`."""

    name: str
    suffix: str
    media_type: str

    def export(
        self,
        exchanges: Sequence[Exchange],
        guide: Guide,
        language: Language,
        when: datetime,
        index_version: str = "",
    ) -> bytes:
        """Return the file of one exchange or more, in the language of the page.

        `when` is shown as it stands, on its own clock. Whatever was typed or answered becomes plain
        text: no link leaves the file. Questions beyond 20,000 characters and texts beyond 50,000
        are cut, and say so.

        Raises:
            EmptyExportError: there is no exchange.
        """
        refuse_empty(exchanges)
        return self._export(make_note(exchanges, guide, language, when, index_version))

    @abstractmethod
    def _export(self, note: Note) -> bytes:
        """Lay a note out; its texts are clean but not escaped."""


def refuse_empty(exchanges: Sequence[Exchange]) -> None:
    """Raise `EmptyExportError` when there is no exchange."""
    if not exchanges:
        raise EmptyExportError("There is no answer to export yet. Ask a question first, then export.")


def file_name(exchanges: Sequence[Exchange], guide: Guide, when: datetime, exporter: Exporter) -> str:
    """Return a name of ASCII letters, digits and hyphens: guide, date, first words of the first question.

    Raises:
        EmptyExportError: there is no exchange.
    """
    refuse_empty(exchanges)
    words = _ascii_words(one_line(exchanges[0].question[:400]))[:_NAME_WORDS]
    parts = ["-".join(_ascii_words(guide.slug)) or "guide", f"{when:%Y-%m-%d}", "-".join(words)[:_NAME_LENGTH]]
    return "-".join(part.strip("-") for part in parts if part.strip("-")) + exporter.suffix


def _ascii_words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    kept = "".join(char for char in plain if not unicodedata.combining(char)).lower()
    return re.findall(r"[a-z0-9]+", kept)
