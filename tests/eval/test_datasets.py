"""Reading datasets; the data kept with the guide: its size, its gold, and that none of it stands in the bank."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from corpus import Guide, QuoteResolver, normal_form
from eval.dataset import BUNDLED, Case, bundled_files, dataset_digest, load_datasets, parse_line, sample
from eval.errors import DatasetError
from eval.leaks import bare_words, twins

SLUG = "cooperation-siae"


@pytest.fixture(scope="module")
def cases() -> tuple[Case, ...]:
    return load_datasets(bundled_files(SLUG))


def line(**row: object) -> str:
    return json.dumps({"id": "a", "question": "Quoi ?", **row})


def test_expected_follows_from_gold_where_it_is_missing() -> None:
    assert parse_line(line(gold=["x"]), "f:1").turns[0].expected == "answer"
    assert parse_line(line(gold=[]), "f:1").turns[0].expected == "decline"
    assert parse_line(line(gold=[], expected="smalltalk"), "f:1").turns[0].expected == "smalltalk"


def test_unknown_fields_are_ignored() -> None:
    assert parse_line(line(gold=["x"], note="n", weight=3), "f:1") == parse_line(line(gold=["x"]), "f:1")


def test_a_dialogue_is_a_case_of_several_turns() -> None:
    case = parse_line(json.dumps({"id": 7, "turns": [{"user": "A", "gold": ["x"]}, {"user": "B"}]}), "f:1")
    assert case.dialogue
    assert case.id == "7"
    assert [turn.expected for turn in case.turns] == ["answer", "decline"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "not JSON"),
        ("[]", "an object with an « id »"),
        ('{"id": "a"}', "« question » must be a text"),
        (line(gold="x"), "« gold » must be a list"),
        (line(expected="maybe"), "« maybe » is unknown"),
        ('{"id": "a", "turns": []}', "at least one turn"),
    ],
)
def test_a_bad_line_is_told_with_its_place(text: str, told: str) -> None:
    with pytest.raises(DatasetError, match="f:3: ") as caught:
        parse_line(text, "f:3")
    assert told in str(caught.value)


def test_an_id_stands_once(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text(f"{line()}\n{line()}\n", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"d\.jsonl:2: the id « a » stands already"):
        load_datasets([path])


def test_a_missing_or_empty_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="cannot be read"):
        load_datasets([tmp_path / "no.jsonl"])
    (tmp_path / "empty.jsonl").write_text("\n", encoding="utf-8")
    with pytest.raises(DatasetError, match="No question"):
        load_datasets([tmp_path / "empty.jsonl"])


def test_a_sample_keeps_every_kind_of_question(cases: tuple[Case, ...]) -> None:
    kinds = {(case.category, case.style, case.turns[0].expected) for case in cases}
    few = sample(cases, 3)
    assert {(case.category, case.style, case.turns[0].expected) for case in few} == kinds
    assert len(cases) / 3 <= len(few) <= len(cases) / 2
    assert few == sample(cases, 3)


def test_the_digest_follows_what_is_asked(cases: tuple[Case, ...]) -> None:
    assert dataset_digest(cases) == dataset_digest(list(cases))
    assert dataset_digest(cases) != dataset_digest(cases[1:])


def test_the_data_is_as_large_and_as_varied_as_promised(cases: tuple[Case, ...]) -> None:
    singles = [case for case in cases if not case.dialogue]
    answerable = [case for case in singles if case.turns[0].expected == "answer"]
    others = [case for case in singles if case.turns[0].expected != "answer"]
    dialogues = [case for case in cases if case.dialogue]
    assert len(answerable) >= 200
    assert len(others) >= 120
    assert len(dialogues) >= 40
    assert all(3 <= len(case.turns) <= 6 for case in dialogues)
    styles = Counter(case.style for case in answerable)
    assert set(styles) == {"plain", "paraphrase", "keywords", "noisy", "situation", "english"}
    assert min(styles.values()) >= 30
    near = sum(case.category == "near_miss" for case in others)
    assert near >= 60
    assert {case.category for case in others} >= {"near_miss", "false_premise", "far", "smalltalk", "junk"}


def test_every_gold_quote_stands_in_the_guide(cases: tuple[Case, ...], guide: Guide) -> None:
    resolver = QuoteResolver(guide)
    for case in cases:
        for turn in case.turns:
            for quote in (*turn.gold, *turn.also):
                assert resolver.find(quote) is not None, f"{case.where}: {quote}"


def test_every_passage_but_labels_of_facets_is_asked_for(cases: tuple[Case, ...], guide: Guide) -> None:
    wanted = {normal_form(quote) for case in cases for turn in case.turns for quote in turn.gold}
    missing = {passage.text.rstrip(" \u00a0:") for passage in guide.passages if normal_form(passage.text) not in wanted}
    assert missing == {"Objectif", "Avantages", "Inconvénients", "Facteurs clé de succès"}


def test_no_evaluation_question_stands_in_the_bank() -> None:
    assert twins(bundled_files(SLUG), SLUG) == []


def test_a_planted_copy_is_found_whatever_its_marks(tmp_path: Path) -> None:
    from corpus import load_bank

    question = load_bank(SLUG).answerable[0].question
    path = tmp_path / "leak.jsonl"
    path.write_text(line(question=question.upper().replace("É", "E") + " !"), encoding="utf-8")
    found = twins([path], SLUG)
    assert [leak.key for leak in found] == ["a"]
    assert bare_words(found[0].bank) == bare_words(question)


def test_a_datasheet_stands_beside_the_data() -> None:
    text = (BUNDLED / SLUG / "DATASHEET.md").read_text(encoding="utf-8")
    for heading in ("For whom", "How it was written", "Known ambiguities", "What is missing"):
        assert f"## {heading}" in text
