"""What a composer is: passages in, the reader's Markdown and numbered citations out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.types import Citation, Language, Mode
from corpus import Guide, Passage


@dataclass(frozen=True, slots=True)
class Composed:
    """A composed answer: Markdown whose claims carry [n], and the citations in order of number."""

    text: str
    citations: tuple[Citation, ...]


class Composer(ABC):
    """Turns selected passages into an answer. Members write `_compose`; empty input is dealt with here."""

    mode: Mode

    def compose(
        self,
        guide: Guide,
        passages: Sequence[Passage],
        language: Language,
        translations: Mapping[str, str] | None = None,
    ) -> Composed:
        """Compose an answer from passages in reading order, doubles left out.

        Raises:
            ValueError: no passage was given; an answer without a source is none.
        """
        unique = tuple({passage.id: passage for passage in passages}.values())
        if not unique:
            raise ValueError("An answer needs at least one passage.")
        return self._compose(guide, unique, language, translations or {})

    @abstractmethod
    def _compose(
        self, guide: Guide, passages: tuple[Passage, ...], language: Language, translations: Mapping[str, str]
    ) -> Composed:
        """Compose an answer from one passage or more."""


def cite(guide: Guide, passages: Sequence[Passage], translations: Mapping[str, str]) -> tuple[Citation, ...]:
    """Number passages from 1, as citations."""
    return tuple(
        Citation(
            number=number,
            guide=guide.slug,
            section=passage.titles,
            quote=passage.text,
            start=passage.start,
            end=passage.end,
            passage=passage.id,
            translation=translations.get(passage.id, ""),
        )
        for number, passage in enumerate(passages, start=1)
    )
