"""The whole training of a guide's parts: adapters by fold, held-out evidence, fits, the card.

Work lies in the data folder and is taken up where it stopped: whole folds are kept, a fold goes on after
its last whole epoch.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus import Guide, QuestionBank, load_guide
from index.context import load_whole_bank
from index.manifest import corpus_files, digests
from index.model.embeddings import OnnxEmbeddings
from index.model.store import base_folder, model_identity, prepare_model, staged
from index.progress import Progress, silent
from index.ranking.signals import Layout
from index.settings import IndexSettings
from index.trained_parts import ADAPTER_FOLDER, BUNDLED_TRAINED, CLASSES_FILE, FACTS_FILE, RANKING_FILE
from index.training.crossfit import FoldVectors, held_out_signals
from index.training.data import FOLDS, folds_of, training_data
from index.training.fit import Cases, Fitted, fit_all
from index.training.lora import SETTINGS_FILE, LoraSettings, train_lora

if TYPE_CHECKING:
    from numpy.typing import NDArray

WHOLE = "whole"
VECTORS_FILE = "vectors.npy"
# Evidence on two parts of three is enough to fit on, and spares a quarter of the time.
HELD_OUT = 2
_ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors")


@dataclass(frozen=True)
class _Run:
    """What one training works on."""

    settings: IndexSettings
    lora: LoraSettings
    guide: Guide
    bank: QuestionBank
    folder: Path
    progress: Progress


def train(
    settings: IndexSettings,
    lora: LoraSettings | None = None,
    *,
    bundled: bool = False,
    progress: Progress = silent,
) -> tuple[Path, dict[str, Any]]:
    """Train on the bank of the settings' guide; return the folder written and the figures.

    The parts go to the data folder, or beside the code with `bundled` (for the repository).

    Raises:
        TrainingError: the bank is too small or cites what is no passage.
        ModelError, DataFolderError: see their messages.
    """
    lora = lora or LoraSettings()
    guide = load_guide(settings.guide, settings.guides_dir)
    bank = load_whole_bank(settings.guide, settings.guides_dir, guide)
    run = _Run(settings, lora, guide, bank, work_folder(settings, lora), progress)
    adapters = _train_adapters(run)
    layout = Layout(guide, bank)
    folds = folds_of(bank.questions)
    vectors = [_fold_vectors(run, adapters[str(fold)]) for fold in range(HELD_OUT)]
    rows = np.flatnonzero(folds < HELD_OUT)
    cases = Cases(
        rows=rows,
        signals=held_out_signals(guide, layout, folds, vectors, rows),
        layout=layout,
        folds=folds,
    )
    fitted = fit_all(cases)
    root = BUNDLED_TRAINED if bundled else settings.data_dir / "trained"
    target = root / settings.guide
    with staged(target) as staging:
        _write(run, staging, adapters[WHOLE], fitted)
        staging.chmod(0o755)
    return target, fitted.figures


def work_folder(settings: IndexSettings, lora: LoraSettings) -> Path:
    """Return where the work of a training lies: another folder for each guide, bank, base and settings."""
    state = "\x1f".join([*digests(corpus_files(settings)), model_identity(settings.model), json.dumps(asdict(lora))])
    return settings.data_dir / "training" / hashlib.sha256(state.encode()).hexdigest()[:16]


def _train_adapters(run: _Run) -> dict[str, Path]:
    """Train an adapter without each fold, and one on the whole bank."""
    base = base_folder(run.settings, run.progress)
    data = training_data(run.guide, run.bank)
    embeddings = OnnxEmbeddings(prepare_model(run.settings, None, run.progress), run.settings.threads)
    places = embeddings.encode([run.guide.place(p) for p in run.guide.passages], query=False)
    questions = _kept(
        run.folder / "base-questions.npy",
        lambda: embeddings.encode([q.text for q in run.bank.questions], query=True, progress=run.progress),
    )
    folds = folds_of(run.bank.questions)
    rows: dict[str, NDArray[np.int64]] = {str(fold): np.flatnonzero(folds != fold) for fold in range(HELD_OUT)}
    rows[WHOLE] = np.arange(len(folds))
    adapters = {}
    for name, chosen in rows.items():
        folder = run.folder / name
        if not (folder / SETTINGS_FILE).is_file():
            step = "train on the whole bank" if name == WHOLE else f"train without part {int(name) + 1} of {FOLDS}"
            train_lora(base, data, chosen, places, questions, folder, run.lora, run.progress, step)
        adapters[name] = folder
    return adapters


def _kept(path: Path, make: Callable[[], NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return an array from a file; make and write it when the file is not there."""
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, make())
    array: NDArray[np.float32] = np.load(path)
    return array


def _fold_vectors(run: _Run, adapter: Path) -> FoldVectors:
    from safetensors.numpy import load_file

    def encoded() -> NDArray[np.float32]:
        model = prepare_model(run.settings, adapter, run.progress)
        texts = [question.text for question in run.bank.questions]
        vectors = OnnxEmbeddings(model, run.settings.threads).encode(texts, query=True, progress=run.progress)
        shutil.rmtree(model.folder)  # A fold's model serves only this; it takes 130 MB.
        return vectors

    return FoldVectors(_kept(adapter / VECTORS_FILE, encoded), load_file(str(adapter / CLASSES_FILE))["classes"])


def _write(run: _Run, folder: Path, adapter: Path, fitted: Fitted) -> None:
    (folder / ADAPTER_FOLDER).mkdir()
    for name in _ADAPTER_FILES:
        shutil.copyfile(adapter / name, folder / ADAPTER_FOLDER / name)
    config_file = folder / ADAPTER_FOLDER / "adapter_config.json"
    config = json.loads(config_file.read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = model_identity(run.settings.model)
    config_file.write_text(json.dumps(config, indent=1, sort_keys=True), encoding="utf-8")
    shutil.copyfile(adapter / CLASSES_FILE, folder / CLASSES_FILE)
    (folder / RANKING_FILE).write_text(json.dumps(fitted.to_numbers(), indent=1), encoding="utf-8")
    # An adapter that was kept from before the bank last grew has seen fewer questions than the bank holds.
    adapter_questions = json.loads((adapter / SETTINGS_FILE).read_text(encoding="utf-8"))["questions"]
    guide_digest, bank_digest = digests(corpus_files(run.settings))
    facts = {
        "base": model_identity(run.settings.model),
        "guide": guide_digest,
        "bank": bank_digest,
        "passages": [passage.id for passage in run.guide.passages],
        "lora": asdict(run.lora),
        "adapter_questions": adapter_questions,
        "figures": fitted.figures,
    }
    (folder / FACTS_FILE).write_text(json.dumps(facts, indent=1, ensure_ascii=False), encoding="utf-8")
    (folder / "card.md").write_text(_card(run, fitted, bank_digest, adapter_questions), encoding="utf-8")


def _card(run: _Run, fitted: Fitted, bank_digest: str, adapter_questions: int) -> str:
    figures = {name: value for name, value in fitted.figures.items() if name != "evidence"}
    rows = "\n".join(f"| {name} | {value} |" for name, value in figures.items())
    settings = "\n".join(f"| {name} | {value} |" for name, value in asdict(run.lora).items())
    return f"""# Trained parts of « {run.guide.title} »

Made by `python -m index train` from the question bank; `index calibrate` sets the decision's scale and threshold on
the validation messages beside the guide. No evaluation question was used.

- Base: {model_identity(run.settings.model)} (multilingual-e5-small).
- Bank: {len(run.bank.questions)} questions, SHA-256 `{bank_digest}`.
- Adapter: LoRA on the question side, trained on {adapter_questions} of them; passages and kinds of unanswerable
  questions have learned vectors.
- Ranking and decision: linear functions over named features; selection: small trees. They are fitted on
  evidence from models that never saw the question ({HELD_OUT} of {FOLDS} parts). `ranking.json` holds them
  as plain numbers.

## Settings

| setting | value |
|---|---|
{settings}

## Figures by cross-validation over the bank

Each question is judged by parts that did not see it; only the threshold of `answered` and `declined` is chosen on
them. The bank is written to be wider and harder than
what people ask; figures on independent questions are in `eval/`.

| figure | value |
|---|---|
{rows}
"""
