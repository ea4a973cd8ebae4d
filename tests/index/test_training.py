"""Training on a small bank: what it writes, that adapters can be kept, and that calibration tells parts apart."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from assistant import Assistant
from assistant.settings import AssistantSettings
from index.cli import app
from index.context import load_whole_bank
from index.errors import TrainingError
from index.trained_parts import (
    ADAPTER_FILE,
    BUNDLED_TRAINED,
    CLASSES_FILE,
    HELD_OUT,
    RANKING_FILE,
    find_trained,
    read_trained,
)
from index.training.calibrate import calibrate
from index.training.lora import LoraSettings
from index.training.pipeline import held_out_vectors, train

Make = Callable[..., AssistantSettings]
WATER, SOW = "Arrosez le soir, jamais à midi.", "Semez en mars."
EVENING = (
    "Quand arroser ?", "À quelle heure donner de l’eau ?", "Faut-il arroser à midi ?", "When should I water?",
    "arrosage le soir ou le matin", "Mes plantes ont soif, quand m’en occuper ?", "L’eau, c’est pour quand ?",
    "On m’a dit d’arroser à midi, vrai ?", "J’arrose en rentrant le soir, est-ce bien ?", "arroser quand svp",
)  # fmt: skip
MARCH = (
    "Quand semer ?", "En quel mois faire les semis ?", "Peut-on semer en mars ?", "When do I sow?", "semis quel mois",
    "Les graines, c’est pour quand ?", "Je voudrais semer, quel moment choisir ?", "mars pour semer ?",
    "Mettre en terre au printemps, à quelle date ?", "sow in which month",
)  # fmt: skip
MISSED = (
    "Combien de litres pour arroser ?", "Quel arrosoir acheter ?", "Qui arrose le jardin ?", "How much water a day?",
    "Combien coûtent les graines ?", "Quelle profondeur pour semer ?", "Où acheter des graines ?", "Who sows?",
)  # fmt: skip
FAR = (
    "Quelle est la capitale du Pérou ?",
    "Raconte une blague",
    "Quel temps fera-t-il ?",
    "Fix my car",
    "Une recette ?",
)


def _bank() -> str:
    lines = [
        {"question": text, "kind": "passage", "lang": "fr", "quotes": [quote]}
        for texts, quote in ((EVENING, WATER), (MARCH, SOW))
        for text in texts
    ]
    lines += [
        {"question": text, "kind": "near_miss", "lang": "fr", "near": WATER if at < 4 else SOW}
        for at, text in enumerate(MISSED)
    ]
    lines += [{"question": text, "kind": "far", "lang": "fr"} for text in FAR]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


@pytest.fixture
def trained(
    small_guide: Callable[..., Path], own_settings: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[AssistantSettings, Path]:
    """A small guide whose bank was trained on for one epoch, in a data folder of the test's own."""
    # A thousand questions are common to all guides: without them a training takes seconds.
    own_only = partial(load_whole_bank, common=tmp_path / "none")
    monkeypatch.setattr("index.training.pipeline.load_whole_bank", own_only)
    settings = own_settings(guide="petit", guides_dir=small_guide(bank=_bank()))
    folder, _ = train(settings, LoraSettings(epochs=1))
    return settings, folder


def test_adapters_are_kept_when_the_bank_grows_and_refused_when_the_guide_changed(
    trained: tuple[AssistantSettings, Path],
) -> None:
    settings, folder = trained
    first = read_trained(folder)
    assert first is not None
    adapters = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("adapter_model.safetensors")}
    assert len(set(adapters.values())) == HELD_OUT + 1, "each adapter saw other questions"

    questions = settings.guides_dir / "petit" / "questions.jsonl"
    added = {"question": "Le soir, on arrose ?", "kind": "passage", "lang": "fr", "quotes": [WATER]}
    questions.write_text(_bank() + json.dumps(added) + "\n", encoding="utf-8")
    again, _ = train(settings, keep_adapters=True)

    second = read_trained(again)
    assert again == folder
    assert second is not None
    assert {p.relative_to(folder): p.read_bytes() for p in folder.rglob("adapter_model.safetensors")} == adapters
    assert second.facts["lora"] == first.facts["lora"]
    assert second.facts["bank"] != first.facts["bank"]
    assert second.facts["adapter_questions"] == len(_bank().splitlines()), "one less than the bank holds now"
    np.testing.assert_array_equal(second.class_vectors(), first.class_vectors())

    edition = settings.guides_dir / "petit" / "guide.md"
    original = edition.read_text(encoding="utf-8")
    edition.write_text(original.replace("- Semez en mars.", "- Semez en avril."))
    questions.write_text(_bank().replace(SOW, "Semez en avril."), encoding="utf-8")
    with pytest.raises(TrainingError, match="other passages or another model"):
        train(settings, keep_adapters=True)

    # Vectors are those of the part's own adapter, or none.
    edition.write_text(original, encoding="utf-8")
    questions.write_text(_bank(), encoding="utf-8")
    vectors = [held_out_vectors(settings, second, part) for part in range(HELD_OUT)]
    assert all(found is not None and len(found) == len(_bank().splitlines()) for found in vectors)
    one, other = (second.held_out(part) / ADAPTER_FILE for part in range(HELD_OUT))
    own = one.read_bytes()
    one.write_bytes(other.read_bytes())
    np.testing.assert_array_equal(held_out_vectors(settings, second, 0), vectors[1])
    one.write_bytes(own + b"another")
    assert held_out_vectors(settings, second, 0) is None, "vectors of another adapter"
    one.unlink()
    assert not second.has_held_out


def test_calibration_refuses_parts_that_differ_in_their_ranking_alone(
    settings: AssistantSettings, assistant: Assistant, tmp_path: Path
) -> None:
    parts = find_trained(settings)
    assert parts is not None
    other = tmp_path / "other"
    other.mkdir()
    shutil.copyfile(parts.folder / CLASSES_FILE, other / CLASSES_FILE)
    (other / RANKING_FILE).write_text((parts.folder / RANKING_FILE).read_text() + " ")
    with pytest.raises(TrainingError, match="does not answer with the trained parts"):
        calibrate(assistant.index, other)


def test_without_adapters_there_are_none_to_keep(small_guide: Callable[..., Path], own_settings: Make) -> None:
    settings = own_settings(guide="petit", guides_dir=small_guide(bank=_bank()))
    with pytest.raises(TrainingError, match="no adapters to keep"):
        train(settings, keep_adapters=True)


def test_passes_over_the_bank_are_refused_where_adapters_are_kept() -> None:
    result = CliRunner().invoke(app, ["train", "--keep-adapters", "--epochs", "2"])  # Refused before any work.
    assert result.exit_code == 1
    assert "leave out --keep-adapters" in result.output


def test_the_parts_that_come_with_the_project_hold_every_adapter() -> None:
    parts = read_trained(BUNDLED_TRAINED / "cooperation-siae")
    assert parts is not None
    assert parts.has_held_out
    assert len(parts.facts["held_out_questions"]) == HELD_OUT
