"""The Chroma collections: passages and bank questions, by cosine, in a local folder or on a server."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import chromadb
import numpy as np
from chromadb.config import Settings as ChromaSettings

from index.errors import IndexUnreadableError, VectorStoreError
from index.progress import Progress, silent

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from numpy.typing import NDArray

# Wide beams: at a few thousand vectors the search is then exact, hence the same at each build.
_HNSW = {"space": "cosine", "ef_construction": 400, "ef_search": 800, "max_neighbors": 32}
_BATCH = 1000


def open_client(folder: Path | None, url: str) -> ClientAPI:
    """Return a client of the local folder, or of the server at `url` when one is given.

    Raises:
        VectorStoreError: the server does not answer, or the address is none.
        IndexUnreadableError: the local folder is damaged.
    """
    settings = ChromaSettings(anonymized_telemetry=False)
    if url:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise VectorStoreError(f"ASSISTANT_CHROMA_URL={url!r} is no address. Write http://host:port.")
        try:
            return chromadb.HttpClient(
                host=parts.hostname, port=parts.port or 8000, ssl=parts.scheme == "https", settings=settings
            )
        except Exception as error:  # The client wraps connection errors in ValueError and its own types.
            raise VectorStoreError(
                f"The Chroma server at {url} does not answer ({str(error)[:120]}). Start it, or unset "
                "ASSISTANT_CHROMA_URL to use a local folder."
            ) from error
    try:
        return chromadb.PersistentClient(path=str(folder), settings=settings)
    except Exception as error:  # The Rust core raises untyped errors for damaged files.
        raise IndexUnreadableError(
            f"The vectors in {folder} cannot be read ({str(error)[:120]}). Run `python -m index build`."
        ) from error


class VectorCollection:
    """One collection: texts of the same order as their vectors; ids are positions."""

    def __init__(self, client: ClientAPI, name: str) -> None:
        self._client = client
        self.name = name
        self._collection: Any = None

    def write(self, texts: Sequence[str], vectors: NDArray[np.float32], progress: Progress = silent) -> None:
        """Make the collection anew with these texts and unit vectors."""
        try:
            if any(found.name == self.name for found in self._client.list_collections()):
                self._client.delete_collection(self.name)
            collection = self._client.create_collection(
                self.name, embedding_function=None, configuration={"hnsw": _HNSW}
            )  # fmt: skip
            for start in range(0, len(texts), _BATCH):
                end = min(start + _BATCH, len(texts))
                collection.add(
                    ids=[str(i) for i in range(start, end)],
                    embeddings=vectors[start:end],
                    documents=list(texts[start:end]),
                )
                progress(f"store {self.name}", end, len(texts))
        except OSError:
            raise
        except Exception as error:
            raise VectorStoreError(
                f"Writing {self.name} to Chroma failed ({str(error)[:160]}). Build again."
            ) from error

    def open(self, size: int) -> None:
        """Check that the collection is there with `size` vectors.

        Raises:
            IndexUnreadableError: it is missing or incomplete.
        """
        try:
            self._collection = self._client.get_collection(self.name, embedding_function=None)
            count = self._collection.count()
        except Exception as error:
            raise IndexUnreadableError(
                f"The collection {self.name} cannot be read ({str(error)[:120]}). Run `python -m index build`."
            ) from error
        if count != size:
            raise IndexUnreadableError(
                f"The collection {self.name} holds {count} vectors, not {size}. Run `python -m index build`."
            )

    def known(self) -> dict[str, NDArray[np.float32]]:
        """Return the vector of each text in the collection.

        Raises:
            IndexUnreadableError: the collection cannot be read.
        """
        try:
            found = self._client.get_collection(self.name, embedding_function=None).get(
                include=["documents", "embeddings"]
            )
            return dict(zip(found["documents"], np.asarray(found["embeddings"], dtype=np.float32), strict=True))
        except Exception as error:
            raise IndexUnreadableError(f"The collection {self.name} cannot be read ({str(error)[:120]}).") from error

    def nearest(self, vector: NDArray[np.float32], count: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the positions and cosine similarities of the nearest vectors, nearest first.

        Raises:
            VectorStoreError: the store stopped answering.
        """
        try:
            found = self._collection.query(query_embeddings=[vector], n_results=count, include=["distances"])
        except Exception as error:
            raise VectorStoreError(
                f"Chroma does not answer a query on {self.name} ({str(error)[:120]}). Check the server or "
                "the data folder, then open the assistant again."
            ) from error
        positions = np.array([int(i) for i in found["ids"][0]], dtype=np.int64)
        return positions, 1.0 - np.array(found["distances"][0], dtype=np.float32)
