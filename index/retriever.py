"""The search as a LangChain retriever, for use in anyone's LangChain application."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from index.search import Hit, SearchIndex


class GuideRetriever(BaseRetriever):
    """Fuses dense passage, dense question and lexical scores; each document explains its score.

    Documents carry the passage's words; their metadata, `id`, `guide`, `section`, `start`, `end`,
    `score` (0 to 1), `parts` (the features) and `contributions` (what each adds to the logit).
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    index: SearchIndex
    k: int = 10

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return [self._document(hit) for hit in self.index.search(query, self.k).hits]

    def _document(self, hit: Hit) -> Document:
        passage = hit.passage
        metadata: dict[str, Any] = {
            "guide": self.index.guide.slug,
            "section": list(passage.titles),
            "start": passage.start,
            "end": passage.end,
            "score": hit.score,
            "parts": hit.parts,
            "contributions": hit.contributions,
        }
        return Document(page_content=passage.text, id=passage.id, metadata=metadata)
