"""Example dialogues beside a guide: read whole, checked against the guide, faults told with their place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpus import Guide, QuoteResolver, load_dialogues
from corpus.check import check_guide
from corpus.errors import BankError

SLUG = "cooperation-siae"


def written(folder: Path, text: str) -> Path:
    (folder / SLUG).mkdir()
    (folder / SLUG / "dialogues.jsonl").write_text(text, encoding="utf-8")
    return folder


def test_the_bundled_dialogues_are_many_and_cite_whole_passages(guide: Guide) -> None:
    dialogues = load_dialogues(SLUG)
    resolver = QuoteResolver(guide)
    turns = [turn for dialogue in dialogues for turn in dialogue.turns]
    assert len(dialogues) >= 250
    assert len({dialogue.id for dialogue in dialogues}) == len(dialogues)
    for turn in turns:
        assert len(resolver.all_of(turn.quotes)) == len(turn.quotes), turn.user
        assert len(resolver.all_of(turn.also)) == len(turn.also), turn.user
    tied = [turn for turn in turns if turn.standalone]
    assert len(tied) >= 500
    assert {turn.expected for turn in tied} >= {"answer", "decline"}


def test_a_guide_without_dialogues_has_none(tmp_path: Path) -> None:
    assert load_dialogues(SLUG, tmp_path) == ()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "no dialogue can be read"),
        ('{"id": "a"}', "no dialogue can be read"),
        ('{"id": "a", "turns": [{"user": "x", "expected": "maybe"}]}', "« maybe » is unknown"),
        ('{"id": "a", "turns": [{"user": "x", "expected": "answer"}]}', "needs « quotes »"),
        ('{"id": "a", "turns": [{"user": "x", "expected": "decline", "quotes": ["y"]}]}', "needs « quotes »"),
    ],
)
def test_a_bad_line_is_told_with_its_place(tmp_path: Path, line: str, told: str) -> None:
    folder = written(tmp_path, f"\n{line}\n")
    with pytest.raises(BankError, match=r"dialogues\.jsonl:2: ") as caught:
        load_dialogues(SLUG, folder)
    assert told in str(caught.value)


def test_the_check_of_a_guide_finds_a_quote_that_is_no_passage(tmp_path: Path) -> None:
    import shutil

    from corpus import BUNDLED_GUIDES

    shutil.copytree(BUNDLED_GUIDES / SLUG, tmp_path / SLUG)
    turn = {"user": "x", "expected": "answer", "quotes": ["Words that the guide does not have."]}
    path = tmp_path / SLUG / "dialogues.jsonl"
    path.write_text(json.dumps({"id": "a", "turns": [turn]}) + "\n", encoding="utf-8")
    findings = check_guide(SLUG, tmp_path)
    assert [finding.where.endswith("dialogues.jsonl") for finding in findings] == [True]
    assert "no passage" in findings[0].problem
