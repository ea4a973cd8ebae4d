"""Where an index stands, in words: for `python -m index status`, the health answer and reports."""

from __future__ import annotations

from corpus import load_guide
from index.build import IndexState
from index.errors import IndexUnreadableError
from index.manifest import corpus_files, digests, read_manifest
from index.model.store import read_prepared
from index.settings import IndexSettings
from index.trained_parts import TrainedParts


def training_state(settings: IndexSettings, trained: TrainedParts | None) -> str:
    """Return `none`, `current` (trained on this very bank) or `stale` (the bank grew since)."""
    if trained is None:
        return "none"
    _, bank = digests(corpus_files(settings))
    return "current" if trained.facts.get("bank") == bank else "stale"


def describe(settings: IndexSettings, state: IndexState) -> list[tuple[str, str]]:
    """Return (name, value) rows on an index, and what to run when something is to be done."""
    rows = [("guide", settings.guide), ("data folder", str(settings.data_dir)), ("index", state.state)]
    advice = []
    if state.state != "current":
        advice.append("python -m index build")
    if state.current is not None:
        try:
            manifest = read_manifest(state.current)
        except IndexUnreadableError as error:
            rows.append(("damage", str(error)))
        else:
            rows += [
                ("built at", manifest.built_at),
                ("passages", str(manifest.passages)),
                ("bank questions", str(manifest.questions)),
                ("model", f"{manifest.model} ({manifest.model_key})"),
            ]
            folder = settings.data_dir / "models" / manifest.model_key
            sound = read_prepared(folder, verify=True) is not None
            rows.append(("model files", "as written (SHA-256)" if sound else "missing or damaged"))
            if not sound:
                advice.append("python -m index build --force")
    training = training_state(settings, state.trained)
    meaning = {
        "none": "none: the untrained fusion ranks",
        "current": "trained on this bank",
        "stale": "trained on an earlier bank; new questions help as neighbours",
    }
    rows.append(("training", meaning[training]))
    if training != "current":
        passages = tuple(passage.id for passage in load_guide(settings.guide, settings.guides_dir).passages)
        keeps = state.trained is not None and state.trained.has_held_out and state.trained.passage_ids == passages
        advice.append(f"python -m index train{' --keep-adapters' if keeps else ''}, then python -m index calibrate")
    rows.append(("to do", "; ".join(advice) or "nothing"))
    return rows
