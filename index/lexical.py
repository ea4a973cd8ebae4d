"""BM25 over passages and over bank questions, by `bm25s` with the project's own French analysis."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.analysis import analyse
from index.errors import IndexUnreadableError

if TYPE_CHECKING:
    import bm25s
    from numpy.typing import NDArray


class LexicalIndex:
    """BM25 scores of a question against a fixed list of texts. Scores are not bounded; 0 is no match."""

    def __init__(self, bm25: bm25s.BM25, size: int) -> None:
        self._bm25 = bm25
        self.size = size
        self._terms = {str(term) for term in bm25.vocab_dict}

    @classmethod
    def build(cls, texts: Sequence[str]) -> LexicalIndex:
        """Index texts, kept in their order."""
        import bm25s

        logging.getLogger("bm25s").setLevel(logging.WARNING)  # It tells of each step at level DEBUG.
        bm25 = bm25s.BM25(k1=1.2, b=0.75)
        bm25.index([list(analyse(text)) or ["\x00"] for text in texts], show_progress=False)
        return cls(bm25, len(texts))

    def save(self, folder: Path) -> None:
        """Write the index into a folder."""
        self._bm25.save(str(folder), show_progress=False)

    @classmethod
    def load(cls, folder: Path, size: int) -> LexicalIndex:
        """Read an index of `size` texts. Raises `IndexUnreadableError` when it is damaged."""
        import bm25s

        try:
            return cls(bm25s.BM25.load(str(folder), load_corpus=False), size)
        except (OSError, ValueError, KeyError, EOFError, TypeError, AttributeError) as error:
            raise IndexUnreadableError(
                f"The lexical index in {folder} cannot be read ({error!r}). Run `python -m index build`."
            ) from error

    def knows(self, text: str) -> bool:
        """Tell whether any term of a text stands in the index; a text of stop words alone has none, and is known."""
        terms = analyse(text)
        return not terms or not self._terms.isdisjoint(terms)

    def scores(self, question: str) -> NDArray[np.float32]:
        """Return one score for each text."""
        terms = [term for term in analyse(question) if term in self._terms]
        if not terms:
            return np.zeros(self.size, dtype=np.float32)
        scores: NDArray[np.float32] = self._bm25.get_scores(terms)
        return scores
