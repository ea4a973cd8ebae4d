"""Calibrating the decision on messages that no training saw: the last step, on the index as it answers.

The decision is fitted on evidence from models that miss a part of the bank; the model that answers has
seen all of it, so its logits lie elsewhere. Platt scaling (Platt, 1999) on the validation messages beside
the guide puts them right, and the threshold is chosen there.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from corpus import read_bank
from index.build import known_vectors
from index.errors import TrainingError
from index.progress import Progress, silent
from index.ranking.answerability import Answerability
from index.search import SearchIndex
from index.settings import IndexSettings
from index.trained_parts import CLASSES_FILE, FACTS_FILE, RANKING_FILE, write_longest_vectors
from index.training.fit import best_threshold

VALIDATION_FILE = "validation.jsonl"


def validation_file(settings: IndexSettings) -> Path:
    """Return where the guide's validation messages stand, if it has any."""
    return settings.guides_dir / settings.guide / VALIDATION_FILE


def calibrate(index: SearchIndex, folder: Path, progress: Progress = silent) -> dict[str, Any]:
    """Scale the decision in a folder of trained parts on the validation messages; return the figures.

    The vectors that the index holds for the bank's longest questions are kept there too, for first builds.

    Raises:
        TrainingError: there are no validation messages, or other trained parts answer than those in the folder.
        BankError: a message cannot be read.
    """
    path = validation_file(index.settings)
    if not path.is_file() or index.trained is None:
        raise TrainingError(f"Calibration needs {path} and trained parts that fit. Run `python -m index train` first.")
    # Parts with adapters kept differ in their ranking alone.
    if not all(_same(index.trained.folder / name, folder / name) for name in (CLASSES_FILE, RANKING_FILE)):
        raise TrainingError(
            f"The index does not answer with the trained parts in {folder}. Run `python -m index build`; parts in the "
            "data folder go before those beside the code."
        )
    messages = [message for message in read_bank(path) if message.kind != "smalltalk"]
    answerable = np.array([message.answerable for message in messages])
    probabilities = np.zeros(len(messages))
    for i, message in enumerate(messages):
        probabilities[i] = index.search(message.question, limit=1).answerable
        progress("calibrate", i + 1, len(messages))
    logits = np.log(np.clip(probabilities, 1e-9, 1 - 1e-9) / np.clip(1 - probabilities, 1e-9, 1))
    model = LogisticRegression(C=1e6).fit(logits[:, None], answerable)
    slope, shift = float(model.coef_[0, 0]), float(model.intercept_[0])
    scaled = model.predict_proba(logits[:, None])[:, 1]
    threshold = best_threshold(answerable, scaled)
    found = index.answerability
    decision = replace(
        found,
        weights=(found.weights * slope).astype(np.float32),
        class_weights=(found.class_weights * slope).astype(np.float32),
        bias=found.bias * slope + shift,
        threshold=round(threshold, 4),
    )
    figures = {
        "messages": len(messages),
        "auroc": round(float(roc_auc_score(answerable, scaled)), 4),
        "answered": round(float((scaled[answerable] >= threshold).mean()), 4),
        "declined": round(float((scaled[~answerable] < threshold).mean()), 4),
        "threshold": decision.threshold,
    }
    _write(folder, decision, figures)
    key = index.embeddings.model.key
    write_longest_vectors(folder, known_vectors(index.settings, index.folder, key), key)
    return figures


def _same(one: Path, other: Path) -> bool:
    return one.is_file() and other.is_file() and one.read_bytes() == other.read_bytes()


def _write(folder: Path, decision: Answerability, figures: dict[str, Any]) -> None:
    for name, key, value in (
        (RANKING_FILE, "answerability", decision.to_numbers()),
        (FACTS_FILE, "validation", figures),
    ):
        content = json.loads((folder / name).read_text(encoding="utf-8"))
        content[key] = value
        staged = folder / f"{name}.new"
        staged.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
        staged.replace(folder / name)
