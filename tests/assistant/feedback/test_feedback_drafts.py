"""From feedback to bank questions and evaluation data, once a person has filled them in."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant import Assistant
from corpus import BUNDLED_GUIDES, load_bank
from corpus.cli import app as corpus_app
from eval.dataset import load_datasets
from eval.errors import DatasetError
from tests.assistant.feedback.helpers import QUESTION, Cli, lines


def bank_add(folder: Path, guide: str, file: Path) -> tuple[int, str]:
    done = CliRunner().invoke(corpus_app, ["bank", "add", str(file), "--guide", guide, "--folder", str(folder)])
    return done.exit_code, done.output


def test_feedback_becomes_bank_questions_once_a_person_filled_them_in(
    feedback: Cli, give: Callable[..., str], assistant: Assistant, tmp_path: Path
) -> None:
    slug, (first, second) = assistant.guide.slug, (citation.quote for citation in assistant.ask(QUESTION).citations)
    one = assistant.ask(QUESTION).citations[:1]
    give("good", "Et pour que la mise en commun tienne, on fait quoi ?", text="x")
    give("good", "Par quoi débuter une mise en commun ?", citations=one)
    give("wrong", "Qui range les outils communs le soir ?", "Rien à voir.", text="x")
    give("should_decline", "Combien coûte un camion partagé ?", text="x")
    give("good", "Bonjour !", kind="smalltalk", citations=())
    give("good", "Qui gagne le match ce soir ?", kind="decline", citations=())
    give("incomplete", "et ensuite ?", "Manque la suite.", ["Par quoi débuter ?"], understood="Que faire ensuite ?")
    out = tmp_path / "brouillon.jsonl"
    done = feedback("export", "--format", "bank", "--out", out)
    assert done.returncode == 0 and "6 lines" in done.stderr and "docs/feedback.md" in done.stderr
    several, single, wrong, declined, rightly, followed = drafts = [
        json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()
    ]
    assert (several["kind"], several["quotes"]) == ("synthesis", [first, second]) and "review" not in several
    assert (single["kind"], single["quotes"]) == ("passage", [first])
    assert wrong["quotes"] == [] and first in wrong["review"] and "Rien à voir." in wrong["review"]
    assert (declined["kind"], declined["near"]) == ("near_miss", first) and "quotes" not in declined
    assert rightly["kind"] == "near_miss"
    assert followed["question"] == "Que faire ensuite ?" and "et ensuite ?" in followed["review"]

    folder = tmp_path / "guides"
    shutil.copytree(BUNDLED_GUIDES / slug, folder / slug)
    before = len(load_bank(slug, folder).questions)
    status, told = bank_add(folder, slug, out)
    assert status == 1 and "brouillon.jsonl:3: " in told and "Nothing was added" in told
    wrong |= {"kind": "passage", "quotes": [first]}
    followed |= {"kind": "synthesis", "quotes": [first, second]}
    reviewed = tmp_path / "relu.jsonl"
    reviewed.write_text("".join(json.dumps(draft) + "\n" for draft in drafts), encoding="utf-8")
    assert bank_add(folder, slug, reviewed) == (0, f"6 questions added to {slug}.\n")
    assert len(load_bank(slug, folder).questions) == before + 6
    assert CliRunner().invoke(corpus_app, ["check", "--folder", str(folder)]).exit_code == 0


def test_feedback_becomes_evaluation_data_once_a_person_filled_it_in(
    feedback: Cli, give: Callable[..., str], assistant: Assistant, tmp_path: Path
) -> None:
    quotes = [citation.quote for citation in assistant.ask(QUESTION).citations]
    key = give("good")
    give("source_wrong", "Qui range les outils communs ?", text="x")
    give("should_decline", "Combien coûte un camion partagé ?", text="x")
    give("good", "Bonjour !", kind="smalltalk", citations=())
    drafts = lines(feedback("export", "--format", "dataset"))
    assert [draft["expected"] for draft in drafts] == ["answer", "to review", "decline", "smalltalk"]
    assert drafts[0]["gold"] == quotes and drafts[0]["id"] == f"fb-{key[:13]}" and drafts[0]["lang"] == "fr"
    file = tmp_path / "avis.jsonl"
    file.write_text("".join(json.dumps(draft) + "\n" for draft in drafts), encoding="utf-8")
    with pytest.raises(DatasetError, match=r"avis.jsonl:2: expected « to review » is unknown"):
        load_datasets([file])
    drafts[1] |= {"expected": "answer", "gold": quotes}
    file.write_text("".join(json.dumps(draft) + "\n" for draft in drafts), encoding="utf-8")
    assert [case.turns[0].gold for case in load_datasets([file])] == [tuple(quotes), tuple(quotes), (), ()]


@pytest.mark.parametrize("form", ["bank", "dataset"])
def test_equal_questions_are_one_draft_and_readers_who_disagree_are_a_persons_to_judge(
    feedback: Cli, give: Callable[..., str], form: str
) -> None:
    give("good", "Mettre en commun, ça marche ?", text="x")
    give("good", "mettre en  commun, ça marche ?", "Merci", text="x")
    give("good", "Et le gardien ?", text="x")
    give("should_decline", "Et le gardien ?", "Hors sujet", text="x")
    agreed, disputed = lines(feedback("export", "--format", form))
    assert agreed["quotes" if form == "bank" else "gold"] and agreed["review"] == "comment: Merci"
    assert disputed["quotes" if form == "bank" else "gold"] == [] and "near" not in disputed
    assert disputed["review"].startswith("readers disagree; ") and "Hors sujet" in disputed["review"]
    assert disputed["kind" if form == "bank" else "expected"] == ("passage" if form == "bank" else "to review")


def test_drafts_are_of_the_configured_guide_only(feedback: Cli, give: Callable[..., str]) -> None:
    give("good")
    assert len(lines(feedback("export", "--format", "bank"))) == 1
    assert lines(feedback("export", "--format", "bank", ASSISTANT_GUIDE="autre")) == []
    assert len(lines(feedback("export", ASSISTANT_GUIDE="autre"))) == 1
