"""The names of a guide's parts: which part a message names, and what a talk is about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from assistant.compose.extractive import tidy_title
from corpus import Guide, Passage, fold_accents, normal_form
from index.analysis import analyse

_ALTERNATIVE = re.compile(r"\s+ou\s+|[()]|\s+–\s+")


class Topics:
    """The parts of a guide by name. A facet is a title that several parts share (« Avantages »)."""

    def __init__(self, guide: Guide) -> None:
        self._guide = guide
        names = {section.index: tidy_title(section.title) for section in guide.sections if section.parent is not None}
        counts = Counter(_plain(name) for name in names.values())
        self._facets = {_plain(name): name for name in names.values() if counts[_plain(name)] > 1}
        self._names = {index: name for index, name in names.items() if _plain(name) not in self._facets}
        terms = Counter(term for name in self._names.values() for term in set(analyse(name)))
        self._terms = {
            index: {t for t in analyse(name) if terms[t] == 1 and not t.isdigit()}
            for index, name in self._names.items()
            if not guide.sections[index].editorial
        }
        self._phrases = {
            index: [piece for part in _ALTERNATIVE.split(name) if len((piece := _plain(part)).split()) >= 2]
            for index, name in self._names.items()
            if index in self._terms
        }

    def name(self, section: int) -> str:
        """Return the name of a part as it stands in a sentence."""
        return tidy_title(self._guide.sections[section].title)

    def named(self, plain: str) -> int | None:
        """Return the part that a folded message names by a whole name or a word of its own, None for none."""
        for index, phrases in self._phrases.items():
            if any(re.search(rf"\b{re.escape(phrase)}\b", plain) for phrase in phrases):
                return index
        terms = set(analyse(plain))
        best = max(self._terms, key=lambda index: len(self._terms[index] & terms), default=None)
        return best if best is not None and self._terms[best] & terms else None

    def mentions_facet(self, plain: str) -> bool:
        """Tell whether a folded message names a facet: its label, or the label's words."""
        terms = set(analyse(plain))
        return any(set(analyse(name)) <= terms for name in self._facets.values())

    def has_facet(self, section: int, facet: str) -> bool:
        """Tell whether a part has a facet of its own directly inside."""
        return any(_plain(self.name(child.index)) == _plain(facet) for child in self._guide.children(section))

    def shared_facet(self, cited: Sequence[Passage]) -> str:
        """Return the facet that all cited passages stand in, empty when there is none."""
        labels = {_plain(tidy_title(passage.titles[-1])) if passage.titles else "" for passage in cited}
        return self._facets.get(next(iter(labels)), "") if len(labels) == 1 else ""

    def home(self, cited: Sequence[Passage]) -> int | None:
        """Return the part that cited passages have in common, None when they have none worth a name."""
        chains = [self._chain(passage.section) for passage in cited]
        for index in chains[0] if chains else ():
            if index in self._names and all(index in chain for chain in chains):
                return None if self._guide.sections[index].editorial else index
        return None

    def _chain(self, section: int) -> list[int]:
        """Return a section and those around it, innermost first."""
        chain = []
        current: int | None = section
        while current is not None:
            chain.append(current)
            current = self._guide.sections[current].parent
        return chain


def _plain(text: str) -> str:
    return fold_accents(normal_form(text)).strip(" :?")
