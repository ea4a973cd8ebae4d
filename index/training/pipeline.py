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
from index.errors import TrainingError
from index.manifest import corpus_files, digests
from index.model.embeddings import OnnxEmbeddings
from index.model.store import base_folder, model_identity, prepare_model, staged
from index.progress import Progress, silent
from index.ranking.signals import Layout
from index.settings import IndexSettings
from index.trained_parts import (
    ADAPTER_CONFIG_FILE,
    ADAPTER_FILE,
    ADAPTER_FOLDER,
    BUNDLED_TRAINED,
    CLASSES_FILE,
    FACTS_FILE,
    HELD_OUT,
    HELD_OUT_FOLDER,
    RANKING_FILE,
    TrainedParts,
    find_trained,
    read_trained,
)
from index.training.crossfit import FoldVectors, held_out_signals
from index.training.data import FOLDS, folds_of, training_data
from index.training.fit import Cases, Fitted, fit_all
from index.training.lora import SETTINGS_FILE, LoraSettings, train_lora

if TYPE_CHECKING:
    from numpy.typing import NDArray

WHOLE = "whole"


@dataclass(frozen=True)
class _Run:
    """What one training works on."""

    settings: IndexSettings
    lora: LoraSettings
    guide: Guide
    bank: QuestionBank
    folder: Path
    progress: Progress


@dataclass(frozen=True)
class _Adapter:
    """A trained adapter: its folder, its class vectors, how many questions it saw."""

    folder: Path
    classes: Path
    questions: int


@dataclass(frozen=True)
class _Adapters:
    """The adapter that answers, and those that missed a part each."""

    whole: _Adapter
    held_out: list[_Adapter]


def train(
    settings: IndexSettings,
    lora: LoraSettings | None = None,
    *,
    bundled: bool = False,
    keep_adapters: bool = False,
    progress: Progress = silent,
) -> tuple[Path, dict[str, Any]]:
    """Train on the bank of the settings' guide; return the folder written and the figures.

    The parts go to the data folder, or beside the code with `bundled` (for the repository). With `keep_adapters`
    the encoder stays as it was trained, and all that is fitted on its evidence is fitted anew: a bank that has grown
    a little takes minutes then, not hours. The decision that comes out is not calibrated (`index calibrate`).

    Raises:
        TrainingError: the bank is too small or cites what is no passage; there are no adapters to keep, or both
            adapters to keep and settings for new ones are given.
        ModelError, DataFolderError: see their messages.
    """
    if keep_adapters and lora:
        raise TrainingError("Passes and seed are of a training of adapters: leave out --keep-adapters.")
    guide = load_guide(settings.guide, settings.guides_dir)
    bank = load_whole_bank(settings.guide, settings.guides_dir, guide)
    root = BUNDLED_TRAINED if bundled else settings.data_dir / "trained"
    target = root / settings.guide
    earlier = _earlier_parts(settings, target, guide) if keep_adapters else None
    lora = lora or (LoraSettings(**earlier.facts["lora"]) if earlier else LoraSettings())
    run = _Run(settings, lora, guide, bank, work_folder(settings, lora), progress)
    adapters = _keep_adapters(earlier) if earlier else _train_adapters(run)
    layout = Layout(guide, bank)
    folds = folds_of(bank.questions)
    vectors = [_fold_vectors(run, adapter) for adapter in adapters.held_out]
    rows = np.flatnonzero(folds < HELD_OUT)
    cases = Cases(
        rows=rows,
        signals=held_out_signals(guide, layout, folds, vectors, rows),
        layout=layout,
        folds=folds,
    )
    fitted = fit_all(cases)
    with staged(target) as staging:
        _write(run, staging, adapters, fitted)
        staging.chmod(0o755)
    return target, fitted.figures


def work_folder(settings: IndexSettings, lora: LoraSettings) -> Path:
    """Return where the work of a training lies: another folder for each guide, bank, base and settings."""
    state = "\x1f".join([*digests(corpus_files(settings)), model_identity(settings.model), json.dumps(asdict(lora))])
    return settings.data_dir / "training" / hashlib.sha256(state.encode()).hexdigest()[:16]


def _train_adapters(run: _Run) -> _Adapters:
    """Train an adapter without each fold, and one on the whole bank."""
    base = base_folder(run.settings, run.progress)
    data = training_data(run.guide, run.bank)
    embeddings = OnnxEmbeddings(prepare_model(run.settings, None, run.progress), run.settings.threads)
    places = embeddings.encode([run.guide.place(p) for p in run.guide.passages], query=False)
    questions = _cached_array(
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
        adapters[name] = _Adapter(folder, folder / CLASSES_FILE, len(chosen))
    return _Adapters(adapters[WHOLE], [adapters[str(fold)] for fold in range(HELD_OUT)])


def _earlier_parts(settings: IndexSettings, target: Path, guide: Guide) -> TrainedParts:
    """Return the parts whose adapters are kept: those that are written over, else those that answer.

    Raises:
        TrainingError: there are none, they lack an adapter, or they were made for other passages or another model.
    """
    earlier = read_trained(target) or find_trained(settings)
    if earlier is None or not earlier.has_held_out:
        raise TrainingError("There are no adapters to keep. Run `python -m index train` without --keep-adapters.")
    same_passages = earlier.passage_ids == tuple(passage.id for passage in guide.passages)
    if not same_passages or earlier.facts["base"] != model_identity(settings.model):
        raise TrainingError(
            f"The adapters in {earlier.folder} were trained for other passages or another model. "
            "Run `python -m index train` without --keep-adapters."
        )
    return earlier


def _keep_adapters(earlier: TrainedParts) -> _Adapters:
    """Return the adapters of earlier parts.

    A question's part follows from its words, so an adapter that missed a part misses the questions that join it too.
    """
    folders = [earlier.held_out(part) for part in range(HELD_OUT)]
    seen = earlier.facts["held_out_questions"]
    return _Adapters(
        _Adapter(earlier.adapter, earlier.folder / CLASSES_FILE, earlier.facts["adapter_questions"]),
        [_Adapter(folder, folder / CLASSES_FILE, count) for folder, count in zip(folders, seen, strict=True)],
    )


def held_out_vectors(settings: IndexSettings, trained: TrainedParts, part: int) -> NDArray[np.float32] | None:
    """Return the bank's vectors (questions, width) of the adapter that missed a part, None where they are gone."""
    path = _vectors_file(work_folder(settings, LoraSettings(**trained.facts["lora"])), trained.held_out(part))
    if not path.is_file():
        return None
    vectors: NDArray[np.float32] = np.load(path)
    return vectors


def _vectors_file(work: Path, adapter: Path) -> Path:
    """Return where the bank's vectors of an adapter lie: by its content, so that no other's are taken for them."""
    return work / f"vectors-{hashlib.sha256((adapter / ADAPTER_FILE).read_bytes()).hexdigest()[:16]}.npy"


def _cached_array(path: Path, make: Callable[[], NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return an array from a file; make and write it when the file is not there."""
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"new-{path.name}")
        np.save(unfinished, make())
        unfinished.replace(path)
    array: NDArray[np.float32] = np.load(path)
    return array


def _fold_vectors(run: _Run, adapter: _Adapter) -> FoldVectors:
    from safetensors.numpy import load_file

    def encoded() -> NDArray[np.float32]:
        model = prepare_model(run.settings, adapter.folder, run.progress)
        texts = [question.text for question in run.bank.questions]
        vectors = OnnxEmbeddings(model, run.settings.threads).encode(texts, query=True, progress=run.progress)
        shutil.rmtree(model.folder)  # A fold's model serves only this; it takes 130 MB.
        return vectors

    vectors = _cached_array(_vectors_file(run.folder, adapter.folder), encoded)
    return FoldVectors(vectors, load_file(str(adapter.classes))["classes"])


def _write_adapter(run: _Run, adapter: _Adapter, folder: Path, classes: Path) -> None:
    folder.mkdir(parents=True)
    shutil.copyfile(adapter.classes, classes / CLASSES_FILE)
    shutil.copyfile(adapter.folder / ADAPTER_FILE, folder / ADAPTER_FILE)
    config = json.loads((adapter.folder / ADAPTER_CONFIG_FILE).read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = model_identity(run.settings.model)  # No path of this machine.
    (folder / ADAPTER_CONFIG_FILE).write_text(json.dumps(config, indent=1, sort_keys=True), encoding="utf-8")


def _write(run: _Run, folder: Path, adapters: _Adapters, fitted: Fitted) -> None:
    _write_adapter(run, adapters.whole, folder / ADAPTER_FOLDER, folder)
    for part, adapter in enumerate(adapters.held_out):
        held_out = folder / HELD_OUT_FOLDER / str(part)
        _write_adapter(run, adapter, held_out, held_out)
    (folder / RANKING_FILE).write_text(json.dumps(fitted.to_numbers(), indent=1), encoding="utf-8")
    guide_digest, bank_digest = digests(corpus_files(run.settings))
    facts = {
        "base": model_identity(run.settings.model),
        "guide": guide_digest,
        "bank": bank_digest,
        "passages": [passage.id for passage in run.guide.passages],
        "lora": asdict(run.lora),
        # Adapters that were kept from before the bank last grew have seen fewer questions than it holds.
        "adapter_questions": adapters.whole.questions,
        "held_out_questions": [adapter.questions for adapter in adapters.held_out],
        "figures": fitted.figures,
    }
    (folder / FACTS_FILE).write_text(json.dumps(facts, indent=1, ensure_ascii=False), encoding="utf-8")
    (folder / "card.md").write_text(_card(run, fitted, bank_digest, adapters), encoding="utf-8")


def _card(run: _Run, fitted: Fitted, bank_digest: str, adapters: _Adapters) -> str:
    figures = {name: value for name, value in fitted.figures.items() if name != "evidence"}
    rows = "\n".join(f"| {name} | {value} |" for name, value in figures.items())
    settings = "\n".join(f"| {name} | {value} |" for name, value in asdict(run.lora).items())
    seen = " and ".join(str(adapter.questions) for adapter in adapters.held_out)
    return f"""# Trained parts of « {run.guide.title} »

Made by `python -m index train` from the question bank (adapters that have seen less of it than it holds were kept
from before it grew); `index calibrate` sets the decision's scale and threshold on
the validation messages beside the guide. No evaluation question was used.

- Base: {model_identity(run.settings.model)} (multilingual-e5-small).
- Bank: {len(run.bank.questions)} questions, SHA-256 `{bank_digest}`.
- Adapter: LoRA on the question side, trained on {adapters.whole.questions} of them; passages and kinds of unanswerable
  questions have learned vectors.
- Ranking and decision: linear functions over named features; selection: small trees. They are fitted on
  evidence from models that never saw the question: {HELD_OUT} adapters, each without one of {FOLDS} parts, trained on
  {seen} questions. `ranking.json` holds them as plain numbers.

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
