"""The types of a guide: `Guide`, `Section`, `Passage`. Reading files is `corpus.edition`'s work."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

PassageKind = Literal["paragraph", "bullet", "title"]


def passage_id(titles: tuple[str, ...], text: str, occurrence: int) -> str:
    """Return a short id that stays the same while the passage and its titles do.

    `occurrence` counts equal passages under equal titles, from 0.
    """
    key = "\x1f".join((*titles, text, str(occurrence)))
    return f"p-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class Passage:
    """A citable piece of a guide: a paragraph, a bullet, or one of the guide's own titles.

    `start` and `end` are offsets in characters into `Guide.text`, with
    `guide.text[start:end] == text`. `titles` is the path shown to readers, outermost first, without
    the guide's own title; editorial titles stand in square brackets in it.
    """

    id: str
    kind: PassageKind
    text: str
    start: int
    end: int
    titles: tuple[str, ...]
    section: int
    order: int

    @property
    def is_title(self) -> bool:
        """Tell whether the passage is one of the guide's titles."""
        return self.kind == "title"


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of a guide. `level` is 1 for the guide itself, 2 and deeper for its parts.

    `parent` is the index of the enclosing section in `Guide.sections`, None for the first.
    """

    index: int
    level: int
    title: str
    editorial: bool
    parent: int | None
    path: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class Guide:
    """A guide: its whole edition as `text`, and its parts with their exact places in that text."""

    slug: str
    title: str
    language: str
    source: str
    text: str
    sections: tuple[Section, ...]
    passages: tuple[Passage, ...]

    @cached_property
    def digest(self) -> str:
        """Return the SHA-256 of the edition's text, in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @cached_property
    def by_id(self) -> dict[str, Passage]:
        """Map each passage's id to the passage."""
        return {passage.id: passage for passage in self.passages}

    def passages_of(self, section: int, *, deep: bool = False) -> Iterator[Passage]:
        """Yield the passages of a section in reading order, its title left out.

        With `deep`, those of the sections inside it follow in their places (titles left out too).
        """
        inside = self.descendants(section) if deep else {section}
        for passage in self.passages:
            if passage.section in inside and not passage.is_title:
                yield passage

    def descendants(self, section: int) -> frozenset[int]:
        """Return the indices of a section and of every section inside it."""
        found = {section}
        for candidate in self.sections:
            if candidate.parent in found:
                found.add(candidate.index)
        return frozenset(found)

    def children(self, section: int) -> tuple[Section, ...]:
        """Return the sections directly inside a section, in reading order."""
        return tuple(candidate for candidate in self.sections if candidate.parent == section)

    def title_passage(self, section: int) -> Passage | None:
        """Return the passage that is a section's own title, None where the title is editorial."""
        for passage in self.passages:
            if passage.section == section and passage.is_title:
                return passage
        return None

    def around(self, section: int) -> Iterator[Section]:
        """Yield a section and those that enclose it, innermost first; the guide itself comes last."""
        current: int | None = section
        while current is not None:
            yield self.sections[current]
            current = self.sections[current].parent

    def top_section(self, section: int) -> int:
        """Return the index of the level-2 section that holds a section (itself when it is one)."""
        top = section
        for enclosing in self.around(section):
            if enclosing.parent is not None:
                top = enclosing.index
        return top

    def place(self, passage: Passage) -> str:
        """Return the text that is embedded for a passage: its titles path, then its words."""
        path = [strip_brackets(title) for title in passage.titles]
        return " › ".join([*path, passage.text])


def strip_brackets(title: str) -> str:
    """Return an editorial title without the square brackets that show it as such."""
    return title[1:-1] if title.startswith("[") and title.endswith("]") else title
