"""Building an index: in a place of its own, switched in at once at the end, under a lock.

Layout of the data folder: `models/…` (see `index.model.store`), `indexes/<slug>/<fingerprint>/` and
`indexes/<slug>/CURRENT`, which names the index that answers. A build that is killed leaves a hidden
folder behind, which the next build removes; what CURRENT names is never written to.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from corpus import Guide, QuestionBank, parse_guide
from corpus.edition import read_text
from index.context import load_whole_bank
from index.errors import IndexUnreadableError, VectorStoreError
from index.lexical import LexicalIndex
from index.manifest import (
    FORMAT_VERSION,
    Manifest,
    corpus_files,
    digests,
    fingerprint,
    read_manifest,
    write_manifest,
)
from index.model.embeddings import OnnxEmbeddings
from index.model.store import disk_error, locked, make_folder, model_key, prepare_model, staged
from index.progress import Progress, silent
from index.settings import IndexSettings
from index.trained_parts import ADAPTER_FOLDER, HELD_OUT_FOLDER, LONGEST_FILE, TrainedParts, find_trained
from index.vectors import VectorCollection, open_client

if TYPE_CHECKING:
    from numpy.typing import NDArray

CURRENT = "CURRENT"
TRAINED_COPY = "trained"
COLLECTIONS = ("passages", "questions")


@dataclass(frozen=True, slots=True)
class IndexState:
    """Where the index stands: `missing`, `stale`, `current`; and what it would be built from now."""

    state: str
    folder: Path
    current: Path | None
    trained: TrainedParts | None


def indexes_folder(settings: IndexSettings) -> Path:
    """Return the folder that holds a guide's indexes."""
    return settings.data_dir / "indexes" / settings.guide


def index_state(settings: IndexSettings) -> IndexState:
    """Compare what is on disk with the guide, bank, model and trained parts as they are now."""
    trained = find_trained(settings)
    root = indexes_folder(settings)
    folder = root / fingerprint(settings, trained)
    current = current_folder(root)
    if is_complete(folder):
        return IndexState("current", folder, current, trained)
    return IndexState("stale" if current else "missing", folder, current, trained)


def current_folder(root: Path) -> Path | None:
    """Return the index that CURRENT names, None when there is none that can be read."""
    try:
        name = (root / CURRENT).read_text(encoding="utf-8").strip()
    except OSError:
        return None
    folder = root / name
    return folder if name and folder.parent == root and is_complete(folder) else None


def is_complete(folder: Path) -> bool:
    """Tell whether a folder holds an index that was built to its end."""
    try:
        read_manifest(folder)
    except IndexUnreadableError:
        return False
    return True


def build_index(
    settings: IndexSettings,
    progress: Progress = silent,
    *,
    force: bool = False,
    known: Mapping[str, NDArray[np.float32]] | None = None,
) -> Path:
    """Build the index of the settings unless it is there, make it the current one, return its folder.

    With `force` it is built again even when complete (for a damaged one). `known` are vectors that the
    settings' model gave to questions before, by their text.

    Raises:
        CorpusError: guide or bank cannot be used.
        ModelError, DataFolderError, VectorStoreError: see their messages; the previous index is whole.
    """
    root = indexes_folder(settings)
    make_folder(root)
    with locked(root / ".lock"):
        state = index_state(settings)
        if force or state.state != "current":
            model = prepare_model(settings, state.trained.adapter if state.trained else None, progress, verify=force)
            embeddings = OnnxEmbeddings(model, settings.threads)
            _remove_leftovers(root)
            with staged(state.folder) as staging:
                _fill(settings, staging, state, embeddings, progress, known or {}, force=force)
        _switch(root, state.folder)
        kept = {state.folder, state.current or state.folder}
        _remove_old(root, kept)
        if settings.chroma_url:
            _remove_old_collections(settings, kept)
    return state.folder


def _fill(
    settings: IndexSettings,
    folder: Path,
    state: IndexState,
    embeddings: OnnxEmbeddings,
    progress: Progress,
    given: Mapping[str, NDArray[np.float32]],
    *,
    force: bool,
) -> None:
    files = corpus_files(settings)
    for name, path in files.items():
        shutil.copyfile(path, folder / name)
    if state.trained:
        shutil.copytree(
            state.trained.folder,
            folder / TRAINED_COPY,
            ignore=shutil.ignore_patterns(ADAPTER_FOLDER, HELD_OUT_FOLDER, LONGEST_FILE),
        )
    guide, bank = read_corpus(folder)
    places = [guide.place(p) if settings.titles else p.text for p in guide.passages]
    questions = [question.text for question in bank.questions]
    passage_vectors = embeddings.encode(places, query=False, progress=progress, step="embed passages")
    known = dict(given)
    if not force:
        kept = state.trained.longest_vectors(questions, embeddings.model.key) if state.trained else {}
        known = {**kept, **known_vectors(settings, state.current, embeddings.model.key), **known}
    new = [text for text in dict.fromkeys(questions) if text not in known]
    known |= dict(zip(new, embeddings.encode(new, query=True, progress=progress, step="embed questions"), strict=True))
    question_vectors = np.array([known[text] for text in questions], dtype=np.float32)
    store = f"chroma-{secrets.token_hex(4)}"
    try:
        _store_vectors(
            settings, state, folder / store, ((places, passage_vectors), (questions, question_vectors)), progress
        )
    except (IndexUnreadableError, VectorStoreError) as error:
        if settings.chroma_url:
            raise
        raise disk_error(folder, OSError(str(error))) from error  # A new local store fails for want of space.
    LexicalIndex.build(places).save(folder / "lexical-passages")
    if questions:
        LexicalIndex.build(questions).save(folder / "lexical-questions")
    guide_digest, bank_digest = digests(files)
    write_manifest(
        folder,
        Manifest(
            fingerprint=state.folder.name,
            format_version=FORMAT_VERSION,
            guide=settings.guide,
            guide_digest=guide_digest,
            bank_digest=bank_digest,
            model=settings.model,
            model_key=model_key(settings.model, state.trained.adapter if state.trained else None),
            trained_digest=state.trained.digest if state.trained else "",
            passages=len(places),
            questions=len(questions),
            built_at=datetime.now(UTC).isoformat(timespec="seconds"),
            store=store,
        ),
    )


def _store_vectors(
    settings: IndexSettings,
    state: IndexState,
    store: Path,
    collections: tuple[tuple[list[str], NDArray[np.float32]], ...],
    progress: Progress,
) -> None:
    """Write the collections, in the order of `COLLECTIONS`, to a new local folder or to the server."""
    client = open_client(store, settings.chroma_url)
    for name, (texts, vectors) in zip(COLLECTIONS, collections, strict=True):
        if texts:
            VectorCollection(client, collection_name(settings, state.folder, name)).write(texts, vectors, progress)
    if not settings.chroma_url:
        close_client(client)


def known_vectors(settings: IndexSettings, folder: Path | None, model: str) -> dict[str, NDArray[np.float32]]:
    """Return the vectors of the questions that an index was built with, by their text, if by a model (its key)."""
    if folder is None:
        return {}
    try:
        manifest = read_manifest(folder)
        if manifest.model_key != model or not manifest.questions:
            return {}
        client = open_client(folder / manifest.store, settings.chroma_url)
        return VectorCollection(client, collection_name(settings, folder, "questions")).known()
    except (IndexUnreadableError, VectorStoreError):
        return {}  # It only saves time: what cannot be read is computed again.


def read_corpus(folder: Path) -> tuple[Guide, QuestionBank]:
    """Read the copies of guide and bank that an index answers from, dialogues as questions in context."""
    guide = parse_guide(read_text(folder / "guide.md"), str(folder / "guide.md"))
    return guide, load_whole_bank("", folder, guide, common=folder)


def collection_name(settings: IndexSettings, folder: Path, name: str) -> str:
    """Return the name of a collection; on a shared server it tells guides and builds apart."""
    return f"{settings.guide[:40]}-{folder.name}-{name}"


def close_client(client: object) -> None:
    """Let go of a local Chroma folder, so that it can be renamed or removed."""
    close = getattr(client, "close", None)
    if callable(close):
        close()


def _switch(root: Path, folder: Path) -> None:
    """Make a folder the current index, at once."""
    staged_pointer = root / f".{CURRENT}-{os.getpid()}"
    try:
        staged_pointer.write_text(folder.name, encoding="utf-8")
        staged_pointer.replace(root / CURRENT)
    except OSError as error:
        raise disk_error(root, error) from error


def _remove_leftovers(root: Path) -> None:
    for path in root.glob(".*-*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)


def _remove_old_collections(settings: IndexSettings, keep: set[Path]) -> None:
    """Remove a server's collections of this guide's indexes that are kept no longer."""
    ours = re.compile(rf"{re.escape(settings.guide[:40])}-([0-9a-f]{{16}})-(?:{'|'.join(COLLECTIONS)})")
    client = open_client(None, settings.chroma_url)
    for collection in client.list_collections():
        match = ours.fullmatch(collection.name)
        if match and match.group(1) not in {folder.name for folder in keep}:
            client.delete_collection(collection.name)


def _remove_old(root: Path, keep: set[Path]) -> None:
    """Remove indexes but the current and the one before: a running process may still read that one."""
    for path in root.iterdir():
        if path.is_dir() and path not in keep and not path.name.startswith("."):
            shutil.rmtree(path, ignore_errors=True)
