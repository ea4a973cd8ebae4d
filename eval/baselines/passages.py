"""Systems over the guide's own passages: French BM25, one embedding, and our search with parts removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus import Guide
from eval.baselines.base import System, guide_units
from eval.metrics.retrieval import Unit
from eval.system import Index

if TYPE_CHECKING:
    from index.model.embeddings import OnnxEmbeddings

OURS = "ours"
PART_NAMES = {
    "questions": "no question bank",
    "lexical": "no lexical search",
    "titles": "no titles path",
    "adapter": "no adapter",
    "dense": "no dense search",
}


class OurSearch(System):
    """The project's search, whole or with some of its parts switched off."""

    def __init__(self, name: str, guide: Guide, index: Index, parts: Any = None, family: str = OURS) -> None:
        """Take `parts`, an `index.search.SearchParts`; None uses every part."""
        self.name = name
        self.family = family
        self._guide = guide
        self._index = index
        self._parts = parts
        self._units = {unit.key: unit for unit in guide_units(guide)}

    def units(self) -> Sequence[Unit]:
        """Return the guide's passages."""
        return list(self._units.values())

    def _search(self, question: str) -> Sequence[Unit]:
        found = self._index.search(question, limit=10, parts=self._parts)
        return [self._units[hit.passage.id] for hit in found.hits]


class Bm25(System):
    """BM25 (bm25s) over passages with their titles path, words analysed as French."""

    def __init__(self, guide: Guide) -> None:
        """Index the guide's passages."""
        import bm25s

        from index.analysis import analyse

        self.name = "BM25 alone (French analysis)"
        self.family = "single signal"
        self._analyse = analyse
        self._units = guide_units(guide)
        self._bm25 = bm25s.BM25()
        corpus = [list(analyse(guide.place(passage))) or ["\x00"] for passage in guide.passages]
        self._bm25.index(corpus, show_progress=False)
        self._known = {term for terms in corpus for term in terms}

    def units(self) -> Sequence[Unit]:
        """Return the guide's passages."""
        return self._units

    def _search(self, question: str) -> Sequence[Unit]:
        terms = [term for term in self._analyse(question) if term in self._known]
        if not terms:
            return ()
        scores = np.asarray(self._bm25.get_scores(terms))
        order = np.argsort(-scores, kind="stable")
        return [self._units[int(i)] for i in order if scores[i] > 0]


class Dense(System):
    """One embedding model over passages with their titles path, by cosine."""

    def __init__(self, name: str, guide: Guide, embeddings: OnnxEmbeddings) -> None:
        """Embed the guide's passages."""
        self.name = name
        self.family = "single signal"
        self._units = guide_units(guide)
        self._embeddings = embeddings
        self._vectors = embeddings.encode([guide.place(passage) for passage in guide.passages], query=False)

    def units(self) -> Sequence[Unit]:
        """Return the guide's passages."""
        return self._units

    def _search(self, question: str) -> Sequence[Unit]:
        similarity = self._vectors @ self._embeddings.encode([question], query=True)[0]
        return [self._units[int(i)] for i in np.argsort(-similarity, kind="stable")]


def ablations(guide: Guide, index: Index) -> list[System]:
    """Return our search whole, and with each part that it can switch off removed in turn."""
    from index.search import SearchParts

    systems: list[System] = [OurSearch("our search, whole", guide, index)]
    names = [field.name for field in fields(SearchParts)]
    for name in names:
        title = f"our search, {PART_NAMES.get(name, f'no {name}')}"
        systems.append(OurSearch(title, guide, index, SearchParts(**{name: False}), "ours, a part removed"))
    return systems
