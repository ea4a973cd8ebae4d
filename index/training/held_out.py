"""Indexes that never saw a part of the dialogues: what is learned from dialogues is fitted on their answers.

The index that answers has read every example dialogue, so its evidence on them is better than on what
people will say. A training keeps the adapters that missed a part each; an index is built of each, with
that part's dialogues out of sight.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from corpus import Dialogue, load_dialogues, load_guide
from corpus.dialogues import DIALOGUES_FILE, write_dialogues
from index.build import build_index
from index.context import load_whole_bank
from index.errors import TrainingError
from index.manifest import corpus_files, digests
from index.progress import Progress, silent
from index.search import SearchIndex
from index.settings import IndexSettings
from index.trained_parts import (
    ADAPTER_CONFIG_FILE,
    ADAPTER_FILE,
    ADAPTER_FOLDER,
    CLASSES_FILE,
    HELD_OUT,
    HELD_OUT_FOLDER,
    RANKING_FILE,
    find_trained,
)
from index.training.data import fold_of, folds_of
from index.training.fit import fit_words
from index.training.pipeline import held_out_vectors


def held_out_dialogues(
    settings: IndexSettings, progress: Progress = silent
) -> Iterator[tuple[SearchIndex, tuple[Dialogue, ...]]]:
    """Yield, for each held-out part, an index that never saw its dialogues, and these dialogues.

    An index is gone when the next one is asked for. A guide without dialogues yields nothing.

    Raises:
        TrainingError: the guide's parts lack the adapters that missed a part, or were fitted on another bank.
    """
    dialogues = load_dialogues(settings.guide, settings.guides_dir)
    if not dialogues:
        return
    trained = find_trained(settings)
    if trained is None or not trained.has_held_out:
        raise TrainingError("There are no trained parts to hold dialogues out of. Run `python -m index train` first.")
    if trained.facts["bank"] != digests(corpus_files(settings))[1]:
        raise TrainingError(
            "Bank or dialogues changed. Run `make refit`, or `python -m index train --keep-adapters`, first."
        )
    guide = load_guide(settings.guide, settings.guides_dir)
    bank = load_whole_bank(settings.guide, settings.guides_dir, guide)
    folds = folds_of(bank.questions)
    for fold in range(HELD_OUT):
        adapter = trained.held_out(fold)
        with tempfile.TemporaryDirectory(prefix="held-out-") as place:
            folder = Path(place)
            seen = [dialogue for dialogue in dialogues if fold_of(dialogue.id) != fold]
            held = _settings_without(settings, folder, seen)
            parts = held.data_dir / "trained" / settings.guide
            aside = shutil.ignore_patterns(ADAPTER_FOLDER, HELD_OUT_FOLDER)
            shutil.copytree(trained.folder, parts, ignore=aside)
            (parts / ADAPTER_FOLDER).mkdir()
            for name in (ADAPTER_CONFIG_FILE, ADAPTER_FILE):
                shutil.copyfile(adapter / name, parts / ADAPTER_FOLDER / name)
            shutil.copyfile(adapter / CLASSES_FILE, parts / CLASSES_FILE)
            # The words of the held-out dialogues would tell which of their messages are declined.
            unseen = [question for question, at in zip(bank.questions, folds, strict=True) if at != fold]
            ranking = json.loads((parts / RANKING_FILE).read_text(encoding="utf-8"))
            ranking["words"] = fit_words(unseen).to_numbers()
            (parts / RANKING_FILE).write_text(json.dumps(ranking), encoding="utf-8")
            # What the training embedded spares the time; in a fresh clone it is embedded again.
            vectors = held_out_vectors(settings, trained, fold)
            known = {}
            if vectors is not None:
                known = {question.text: vector for question, vector in zip(bank.questions, vectors, strict=True)}
            index = SearchIndex(build_index(held, progress, known=known), held)
            yield index, tuple(dialogue for dialogue in dialogues if fold_of(dialogue.id) == fold)


def _settings_without(settings: IndexSettings, folder: Path, dialogues: list[Dialogue]) -> IndexSettings:
    """Return settings for an index in a folder of its own, whose guide knows these dialogues only."""
    guide = folder / "guides" / settings.guide
    shutil.copytree(settings.guides_dir / settings.guide, guide)
    write_dialogues(guide / DIALOGUES_FILE, dialogues)
    return settings.model_copy(update={"data_dir": folder / "data", "guides_dir": folder / "guides", "chroma_url": ""})
