"""What an index was made of, so that it is known whether it is current."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from corpus.bank import BANK_FILE, COMMON
from corpus.dialogues import DIALOGUES_FILE
from corpus.edition import load_guide
from corpus.translation import TRANSLATION_FILE
from index.errors import IndexUnreadableError
from index.model.store import model_key
from index.settings import IndexSettings
from index.trained_parts import TrainedParts

FORMAT_VERSION = 5
MANIFEST_FILE = "manifest.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The ingredients of an index. `fingerprint` changes when any of them does.

    `store` names the folder of its vectors, another at each build: Chroma keeps one client a path for
    the life of a process, also when what lies there was replaced or damaged.
    """

    fingerprint: str
    format_version: int
    guide: str
    guide_digest: str
    bank_digest: str
    model: str
    model_key: str
    trained_digest: str
    passages: int
    questions: int
    built_at: str
    store: str


def corpus_files(settings: IndexSettings) -> dict[str, Path]:
    """Return the files that an index is made from, by the names of their copies in it."""
    guide = settings.guides_dir / settings.guide
    files = {
        "guide.md": guide / "guide.md",
        BANK_FILE: guide / BANK_FILE,
        DIALOGUES_FILE: guide / DIALOGUES_FILE,
        TRANSLATION_FILE: guide / TRANSLATION_FILE,
        "far.jsonl": COMMON / "far.jsonl",
        "smalltalk.jsonl": COMMON / "smalltalk.jsonl",
    }
    if not files["guide.md"].is_file():
        load_guide(settings.guide, settings.guides_dir)  # Raises the error that lists the guides there are.
    return {name: path for name, path in files.items() if path.is_file()}


def digests(files: dict[str, Path]) -> tuple[str, str]:
    """Return the SHA-256 of the guide, and of its bank with what is common to all guides."""
    bank = hashlib.sha256()
    for name in sorted(files.keys() - {"guide.md"}):
        bank.update(name.encode() + files[name].read_bytes())
    return hashlib.sha256(files["guide.md"].read_bytes()).hexdigest(), bank.hexdigest()


def fingerprint(settings: IndexSettings, trained: TrainedParts | None) -> str:
    """Return the name that an index of these settings has now."""
    guide, bank = digests(corpus_files(settings))
    key = model_key(settings.model, trained.adapter if trained else None)
    parts = [
        str(FORMAT_VERSION),
        settings.guide,
        guide,
        bank,
        key,
        trained.digest if trained else "",
        str(settings.titles),
    ]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest of an index: the last file of a build."""
    (folder / MANIFEST_FILE).write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of an index. Raises `IndexUnreadableError` when there is none to be used."""
    try:
        manifest = Manifest(**json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise IndexUnreadableError(
            f"There is no readable index in {folder} ({error!r}). Run `python -m index build`."
        ) from error
    if manifest.format_version != FORMAT_VERSION:
        raise IndexUnreadableError(
            f"The index in {folder} has format {manifest.format_version}, not {FORMAT_VERSION}. "
            "Run `python -m index build`."
        )
    return manifest
