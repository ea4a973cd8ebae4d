"""LlamaIndex and Haystack with their default splitting, where they are installed (optional group `baselines`).

Both default to a hosted embedding model; here they get the embeddings given, so that only their
own defaults (splitting, retrieval) are compared, offline.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain_core.embeddings import Embeddings

from corpus import Guide
from eval.baselines.base import DEPTH, System, plain_text
from eval.errors import BaselineSystemError
from eval.metrics.retrieval import Unit


class _Found(System):
    """A system whose pieces are known by their text."""

    family = "other frameworks"

    def __init__(self, name: str, text: str, pieces: Sequence[str]) -> None:
        self.name = name
        self._units: dict[str, Unit] = {}
        for number, piece in enumerate(pieces):
            start = text.find(piece)
            self._units.setdefault(piece, Unit(f"u{number}", piece, start, start + len(piece) if start >= 0 else -1))

    def units(self) -> Sequence[Unit]:
        """Return the pieces."""
        return list(self._units.values())


class LlamaIndexSystem(_Found):
    """LlamaIndex: `VectorStoreIndex` over its default `SentenceSplitter`."""

    def __init__(self, guide: Guide, embeddings: Embeddings, model: str) -> None:
        """Index the guide's text. Raises `BaselineSystemError` when LlamaIndex is not installed."""
        try:
            from llama_index.core import Document, VectorStoreIndex
            from llama_index.core.base.embeddings.base import BaseEmbedding
        except ImportError as error:
            raise BaselineSystemError(
                "LlamaIndex is not installed (group `baselines`): its row is left out."
            ) from error

        class Given(BaseEmbedding):  # type: ignore[misc,unused-ignore]
            def _get_query_embedding(self, query: str) -> list[float]:
                return embeddings.embed_query(query)

            def _get_text_embedding(self, text: str) -> list[float]:
                return embeddings.embed_documents([text])[0]

            async def _aget_query_embedding(self, query: str) -> list[float]:
                return embeddings.embed_query(query)

        text = plain_text(guide)
        index = VectorStoreIndex.from_documents([Document(text=text)], embed_model=Given())
        nodes = list(index.docstore.docs.values())
        super().__init__(f"LlamaIndex defaults, {model}", text, [node.get_content() for node in nodes])
        self._retriever: Any = index.as_retriever(similarity_top_k=DEPTH)

    def _search(self, question: str) -> Sequence[Unit]:
        return [self._units[found.node.get_content()] for found in self._retriever.retrieve(question)]


class HaystackSystem(_Found):
    """Haystack: its default `DocumentSplitter` and in-memory embedding retriever."""

    def __init__(self, guide: Guide, embeddings: Embeddings, model: str) -> None:
        """Index the guide's text. Raises `BaselineSystemError` when Haystack is not installed."""
        try:
            from haystack import Document
            from haystack.components.preprocessors import DocumentSplitter
            from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
            from haystack.document_stores.in_memory import InMemoryDocumentStore
        except ImportError as error:
            raise BaselineSystemError("Haystack is not installed (group `baselines`): its row is left out.") from error
        text = plain_text(guide)
        splitter = DocumentSplitter()
        splitter.warm_up()
        documents = splitter.run(documents=[Document(content=text)])["documents"]
        vectors = embeddings.embed_documents([document.content for document in documents])
        store = InMemoryDocumentStore(embedding_similarity_function="cosine")
        store.write_documents(
            [Document(content=d.content, embedding=v) for d, v in zip(documents, vectors, strict=True)]
        )
        super().__init__(f"Haystack defaults, {model}", text, [document.content for document in documents])
        self._embeddings = embeddings
        self._retriever: Any = InMemoryEmbeddingRetriever(document_store=store, top_k=DEPTH)

    def _search(self, question: str) -> Sequence[Unit]:
        found = self._retriever.run(query_embedding=self._embeddings.embed_query(question))["documents"]
        return [self._units[document.content] for document in found]
