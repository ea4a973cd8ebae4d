"""The names of a guide's parts: which part a message names, and what a talk is about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from assistant.compose.extractive import tidy_title
from corpus import Guide, Passage, folded
from index.analysis import analyse

_ALTERNATIVE = re.compile(r"\s+ou\s+|,\s+or\s+|[()]|\s+–\s+")


class Topics:
    """The parts of a guide by name. A facet is a title that several parts share (« Avantages »).

    Names in the guide's own language and their translations both count.
    """

    def __init__(self, guide: Guide, translations: Mapping[str, str] | None = None) -> None:
        self._guide = guide
        names = {section.index: tidy_title(section.title) for section in guide.sections if section.parent is not None}
        counts = Counter(_plain(name) for name in names.values())
        translated = _translated_titles(guide, translations or {})
        facets = {index: name for index, name in names.items() if counts[_plain(name)] > 1}
        self._facets = {_plain(name): name for name in facets.values()}
        self._facet_terms = {
            term for i, name in facets.items() for title in (name, *translated.get(i, ())) for term in analyse(title)
        }
        self._titles = {index: (name, *translated.get(index, ())) for index, name in facets.items()}
        self._names = {index: name for index, name in names.items() if index not in facets}
        called = {
            index: (name, *translated.get(index, ()))
            for index, name in self._names.items()
            if not guide.sections[index].editorial
        }
        terms = Counter(term for titles in called.values() for term in {t for title in titles for t in analyse(title)})
        # Names of parts around these tell nothing either: « coopération » names no part.
        self._terms = {
            index: {t for title in titles for t in analyse(title) if terms[t] == 1 and not t.isdigit()}
            for index, titles in called.items()
        }
        self._name_terms = {i: {t for title in titles for t in analyse(title)} for i, titles in called.items()}
        self._phrases = {
            index: [
                piece
                for title in titles
                for part in _ALTERNATIVE.split(title)
                if len((piece := _plain(part)).split()) >= 2
            ]
            for index, titles in called.items()
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

    def inside(self, section: int) -> frozenset[int]:
        """Return a part and all parts inside it."""
        return self._guide.descendants(section)

    def is_apart(self, one: int | None, other: int) -> bool:
        """Tell whether a part lies neither in another nor around it."""
        return one is not None and one not in self.inside(other) and other not in self.inside(one)

    def mentions_facet(self, plain: str) -> bool:
        """Tell whether a folded message has a word of a facet's label."""
        return bool(self._facet_terms & set(analyse(plain)))

    def has_facets(self, section: int) -> bool:
        """Tell whether a part is told by facets that other parts have too."""
        return any(_plain(self.name(child.index)) in self._facets for child in self._guide.children(section))

    def told_by_facets(self, cited: Sequence[Passage]) -> tuple[int, ...]:
        """Return the parts told by facets that cited passages stand in, in the order of the passages."""
        around = (self._guide.around(passage.section) for passage in cited)
        return tuple(dict.fromkeys(s.index for chain in around for s in chain if self.has_facets(s.index)))

    def _label(self, section: int) -> set[str]:
        """Return the terms of a facet's label in both languages, none for a part that is no facet."""
        return {term for title in self._titles.get(section, ()) for term in analyse(title)}

    def facet_mentioned(self, plain: str, section: int) -> int | None:
        """Return the facet of a part that a folded message has a word of, beside other words."""
        terms = set(analyse(plain))
        for child in self._guide.children(section):
            if terms & self._label(child.index):
                return child.index
        return None

    def facet_asked(self, plain: str, section: int) -> int | None:
        """Return the facet of a part that a message names and nothing else (« et les inconvénients ? »)."""
        terms = set(analyse(plain))
        for child in self._guide.children(section):
            if terms and terms <= self._label(child.index) and _plain(self.name(child.index)) in self._facets:
                return child.index
        return None

    def facet_of_named(self, plain: str, facet: str) -> int | None:
        """Return that facet of the part that a message names and nothing else (« et de faire corps ? »)."""
        part = self.named(plain)
        if part is None or not facet or not set(analyse(plain)) <= self._name_terms[part]:
            return None
        return next((c.index for c in self._guide.children(part) if _plain(self.name(c.index)) == _plain(facet)), None)

    def shared_facet(self, cited: Sequence[Passage]) -> str:
        """Return the facet that all cited passages stand in, empty when there is none."""
        labels = {_plain(tidy_title(passage.titles[-1])) if passage.titles else "" for passage in cited}
        return self._facets.get(next(iter(labels)), "") if len(labels) == 1 else ""

    def home(self, cited: Sequence[Passage]) -> int | None:
        """Return the part that cited passages have in common, None when they have none worth a name."""
        chains = [[section.index for section in self._guide.around(passage.section)] for passage in cited]
        for index in chains[0] if chains else ():
            if index in self._names and all(index in chain for chain in chains):
                return None if self._guide.sections[index].editorial else index
        return None


def _translated_titles(guide: Guide, translations: Mapping[str, str]) -> dict[int, tuple[str, ...]]:
    """Map sections to the translations of their titles; parts of the same title share theirs."""
    found: dict[int, tuple[str, ...]] = {}
    for section in guide.sections:
        passage = guide.title_passage(section.index)
        if passage is not None and translations.get(passage.id):
            found[section.index] = (tidy_title(translations[passage.id]),)
    return found


def _plain(text: str) -> str:
    return folded(text).strip(" :?")
