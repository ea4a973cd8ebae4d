"""The question bank: lines that say what is wrong with them, and a bank that grows without harm."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from corpus import BankQuestion, Guide, QuoteResolver, load_bank, load_guide
from corpus.bank import KINDS, REPLIES, QuestionBank, parse_bank_line
from corpus.cli import app
from corpus.errors import BankError
from corpus.grow import bank_stats

Write = Callable[..., Path]
LINE = {"question": "Quand semer ?", "kind": "passage", "lang": "fr", "quotes": ["Semez en mars."]}


def line(**values: Any) -> str:
    return json.dumps({**LINE, **values}, ensure_ascii=False)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["bank", *(str(argument) for argument in arguments)])


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("{", "not JSON"),
        ("[1]", "no « question »"),
        (line(question="  "), "no « question ». Give it as a text."),
        (line(question=3), "no « question »"),
        (line(kind="other"), "kind « other » is unknown. Use one of passage, facet"),
        (line(lang="de"), "lang « de » is unknown. Use fr or en."),
        (line(quotes="Semez en mars."), "« quotes » must be a list of texts."),
        (line(also=[1]), "« also » must be a list of texts."),
        (line(quotes=[]), "needs « quotes » from the guide."),
        (line(kind="far"), "cannot have « quotes »."),
        (line(kind="smalltalk", quotes=[], reply="?"), "small talk needs a « reply », one of greeting"),
    ],
)
def test_a_line_that_cannot_be_used_says_where_and_why(small_guide: Write, bad: str, message: str) -> None:
    folder = small_guide(bank=f"{line()}\n\n{bad}\n")
    with pytest.raises(BankError) as caught:
        load_bank("petit", folder)
    assert str(caught.value).startswith(f"{folder / 'petit' / 'questions.jsonl'}:3: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (line(question="Autre ?", quotes=["Ces mots n’y sont pas."]), "« Ces mots n’y sont pas. » is no passage"),
        (line(question="Autre ?", also=["Absent."]), "« Absent. » is no passage of the guide. Copy the passage whole."),
        (line(question="Autre ?", kind="near_miss", quotes=[], near="Absent."), "« Absent. » is no passage"),
        (line(question="QUAND  semer ?"), "questions.jsonl:1. Keep one of the two."),
    ],
)
def test_the_bank_check_fails_at_the_line_with_the_fault(small_guide: Write, second: str, message: str) -> None:
    folder = small_guide(bank=f"{line()}\n{second}\n")
    shown = run("check", "--folder", folder)
    assert shown.exit_code == 1
    assert f"{folder / 'petit' / 'questions.jsonl'}:2: " in shown.output and message in shown.output


QUESTIONS = st.builds(
    BankQuestion,
    question=st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: text.strip() == text),
    kind=st.sampled_from([kind for kind in KINDS if kind not in {"near_miss", "far", "smalltalk"}]),
    lang=st.sampled_from(["fr", "en"]),
    quotes=st.lists(st.text(), min_size=1, max_size=3).map(tuple),
    also=st.lists(st.text(), max_size=3).map(tuple),
) | st.builds(
    BankQuestion,
    question=st.just("Bonjour"),
    kind=st.just("smalltalk"),
    lang=st.sampled_from(["fr", "en"]),
    reply=st.sampled_from(REPLIES),
)


@given(QUESTIONS, st.booleans())
def test_a_question_written_to_the_bank_is_read_back_the_same(question: BankQuestion, ascii_only: bool) -> None:
    written = json.dumps(question.to_dict(), ensure_ascii=ascii_only)
    assert "\n" not in written
    assert parse_bank_line(written, "") == question


def test_the_digest_follows_the_questions_and_not_their_places() -> None:
    here, there = parse_bank_line(line(), "a:1"), parse_bank_line(line(), "b:7")
    other = parse_bank_line(line(question="Quand planter ?"), "a:1")
    assert QuestionBank((here,)).digest == QuestionBank((there,)).digest
    assert QuestionBank((here,)).digest != QuestionBank((other,)).digest
    assert QuestionBank((here, other)).digest != QuestionBank((other, here)).digest


def test_a_guide_without_bank_still_has_the_common_questions(small_guide: Write) -> None:
    folder = small_guide()
    (folder / "petit" / "questions.jsonl").unlink()
    bank = load_bank("petit", folder)
    assert {question.kind for question in bank.questions} == {"far", "smalltalk"}
    assert bank.answerable == ()


@pytest.mark.parametrize("mark", ["'", "’", "ʼ"])
def test_a_quote_is_found_whatever_its_apostrophes_case_and_spaces(mark: str) -> None:
    guide = load_guide("cooperation-siae")
    passage = next(p for p in guide.passages if "’" in p.text or "'" in p.text)
    typed = passage.text.replace("’", "'").replace("'", mark).upper().replace(" ", "\u00a0 ")
    found = QuoteResolver(guide).find(typed)
    assert found is not None and found.text == passage.text
    assert QuoteResolver(guide).find(passage.text + " x") is None


def test_adding_keeps_what_was_there_and_mends_a_missing_line_end(small_guide: Write, tmp_path: Path) -> None:
    before = line(question="Quand arroser ?", quotes=["Arrosez le soir, jamais à midi."])
    folder = small_guide(bank=before)
    new = tmp_path / "new.jsonl"
    new.write_text(f"{line()}\n\n{line(question='quand  ARROSER ?')}\n", encoding="utf-8")
    shown = run("add", new, "--guide", "petit", "--folder", folder)
    assert (shown.exit_code, shown.output) == (0, "1 questions added to petit.\n")
    assert (folder / "petit" / "questions.jsonl").read_text(encoding="utf-8") == f"{before}\n{line()}\n"
    assert run("check", "--folder", folder).exit_code == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (f"{line()}\n{line(question='Autre ?', quotes=['Absent.'])}\n", "new.jsonl:2: « Absent. » is no passage"),
        (f"{line()}\n{line()}\n", "new.jsonl:2: the question stands already"),
        (f"{line()}\nnot JSON\n", "new.jsonl:2: not JSON"),
    ],
)
def test_a_file_with_one_fault_adds_nothing(small_guide: Write, tmp_path: Path, content: str, message: str) -> None:
    folder = small_guide(bank="")
    new = tmp_path / "new.jsonl"
    new.write_text(content, encoding="utf-8")
    shown = run("add", new, "--guide", "petit", "--folder", folder)
    assert shown.exit_code == 1
    assert message in shown.output and shown.output.endswith("Nothing was added.\n")
    assert (folder / "petit" / "questions.jsonl").read_bytes() == b""


def test_adding_to_an_unknown_guide_names_those_that_exist(small_guide: Write, tmp_path: Path) -> None:
    shown = run("add", tmp_path / "new.jsonl", "--guide", "inconnu", "--folder", small_guide())
    assert shown.exit_code == 1 and "Guides found: petit" in shown.output


def test_statistics_count_what_cites_a_passage_and_what_only_comes_near(small_guide: Write) -> None:
    near = line(question="Quand semer le riz ?", kind="near_miss", quotes=[], near="Semez en mars.")
    folder = small_guide(bank=f"{line()}\n{line(question='Quel mois ?')}\n{near}\n")
    guide: Guide = load_guide("petit", folder)
    figures = bank_stats(guide, load_bank("petit", folder))
    counted = {row.passage.text: (row.questions, row.near_misses) for row in figures.coverage}
    assert counted["Semez en mars."] == (2, 1)
    assert counted["Arrosez le soir, jamais à midi."] == (0, 0)
    assert figures.kinds["passage"] == 2 and figures.kinds["near_miss"] == 1


def test_statistics_show_questions_that_look_alike(small_guide: Write) -> None:
    folder = small_guide(bank=f"{line(question='Où semer ?')}\n{line(question='ou semer')}\n")
    shown = run("stats", "--folder", folder)
    assert shown.exit_code == 0
    assert "look alike: « Où semer ? » / « ou semer »" in shown.output
    assert "Arrosez le soir, jamais à midi." in shown.output
