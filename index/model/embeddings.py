"""The answering path's embeddings: onnxruntime and tokenizers behind LangChain's `Embeddings`."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime
from langchain_core.embeddings import Embeddings
from tokenizers import Tokenizer

from index.errors import ModelError
from index.model.export import ONNX_FILE, TOKENIZER_FILE
from index.model.store import PreparedModel
from index.progress import Progress, silent

if TYPE_CHECKING:
    from numpy.typing import NDArray

BATCH = 16
MOST_PADDING = 1.25
# From so many batches on, each thread takes batches of its own: a seventh less time than all on one batch.
MANY_BATCHES = 32


class OnnxEmbeddings(Embeddings):
    """Unit-length vectors of texts, in single precision, of `dimensions` values each.

    Safe to share between threads. Raises `ModelError` when the prepared model cannot be loaded.
    """

    def __init__(self, model: PreparedModel, threads: int = 2) -> None:
        self.model = model
        self.dimensions = model.dimensions
        self.threads = threads
        self._session = self._open(threads)
        try:
            self._tokenizer = Tokenizer.from_file(str(model.folder / TOKENIZER_FILE))
        except Exception as error:  # The library raises its own untyped errors for damaged files.
            raise self._damaged(error) from error
        self._lock = threading.Lock()

    def _open(self, threads: int) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Threads that spin while a text is embedded save a quarter of its time; between questions they would take
        # a core from the page, so they stop with the last text.
        options.add_session_config_entry("session.intra_op.allow_spinning", "1")
        options.add_session_config_entry("session.force_spinning_stop", "1")
        try:
            return onnxruntime.InferenceSession(
                str(self.model.folder / ONNX_FILE), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # Untyped here too.
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> ModelError:
        return ModelError(
            f"The prepared model in {self.model.folder} is damaged ({str(error)[:120]}). "
            "Run `python -m index build` to prepare it again."
        )

    def token_ids(self, text: str) -> list[int]:
        """Return the ids of a text's tokens, special tokens included, without prefix."""
        ids: list[int] = self._tokenizer.encode(text).ids
        return ids

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one unit vector for each passage (LangChain's interface)."""
        vectors: list[list[float]] = self.encode(texts, query=False).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """Return the unit vector of a question (LangChain's interface)."""
        vector: list[float] = self.encode([text], query=True)[0].tolist()
        return vector

    def encode(
        self, texts: list[str], *, query: bool, progress: Progress = silent, step: str = "embed"
    ) -> NDArray[np.float32]:
        """Return unit vectors of shape (len(texts), dimensions); texts of like length share a batch."""
        prefix = self.model.query_prefix if query else self.model.passage_prefix
        encodings = [self._tokenizer.encode(prefix + text).ids for text in texts]
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(encodings[i]))
        batches = list(_batches(order, [len(ids) for ids in encodings]))
        run = self._run_all([[encodings[i] for i in batch] for batch in batches])
        done = 0
        for batch, found in zip(batches, run, strict=True):
            vectors[batch] = found
            done += len(batch)
            progress(step, done, len(order))
        return vectors

    def _run_all(self, batches: Sequence[Sequence[list[int]]]) -> Iterator[NDArray[np.float32]]:
        """Yield the vectors of each batch in turn: threads share a batch, or take one each where there are many."""
        if len(batches) < MANY_BATCHES or self.threads == 1:
            for batch in batches:
                with self._lock:
                    found = self._run(self._session, batch)
                yield found
            return
        session = self._open(1)
        pool = ThreadPoolExecutor(self.threads)
        try:
            yield from pool.map(lambda batch: self._run(session, batch), batches)
        finally:
            pool.shutdown(cancel_futures=True)  # Ctrl-C does not wait for what was only planned.

    def _run(self, session: onnxruntime.InferenceSession, batch: Sequence[list[int]]) -> NDArray[np.float32]:
        """Return the vectors of texts given as tokens, the longest last; the others are padded to its width."""
        ids = np.full((len(batch), len(batch[-1])), self.model.pad_id, dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        found: NDArray[np.float32] = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return found


def _batches(order: Sequence[int], lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield batches of texts sorted by length; a text much longer than the first starts another.

    A message and the same with its context, padded to one width, took a fifth more time than one after the other.
    """
    batch: list[int] = []
    for i in order:
        if batch and (len(batch) == BATCH or lengths[i] > MOST_PADDING * lengths[batch[0]] + 2):
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
