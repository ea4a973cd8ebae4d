"""The guides: exact places, an edition that adds no word, a bank whose quotes exist."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from corpus import CorpusError, Guide, QuestionBank, QuoteResolver, list_guides, load_bank, load_guide, parse_guide
from corpus.check import check_guide
from corpus.cli import app
from corpus.grow import bank_stats
from corpus.importing import import_text

FRONT = "---\nslug: essai\ntitle: Essai\nlanguage: fr\nsource: essai\n---\n\n# Essai\n\n"
WORDS = st.text(alphabet="abcdéèàç œ’«»:;,.!?-·0123456789\u00a0", min_size=1, max_size=60).map(
    lambda text: "x" + text.strip()
)
SMALL_EDITION = '---\nslug: petit\ntitle: T\nlanguage: fr\nsource: "S"\n---\n\n# Le jardin partagé\n\n'


def test_every_passage_stands_at_its_place(guide: Guide) -> None:
    assert len(guide.passages) == 101
    for passage in guide.passages:
        assert guide.text[passage.start : passage.end] == passage.text


def test_the_bundled_guides_and_banks_have_no_fault() -> None:
    assert list_guides()
    for slug in list_guides():
        assert check_guide(slug) == []


@given(st.lists(st.tuples(st.sampled_from(["paragraph", "bullet", "title"]), WORDS), min_size=1, max_size=12))
def test_offsets_hold_for_any_edition(blocks: list[tuple[str, str]]) -> None:
    marks = {"paragraph": "", "bullet": "- ", "title": "## "}
    text = FRONT + "".join(f"{marks[kind]}{words}\n\n" for kind, words in blocks)
    edition = parse_guide(text)
    for passage in edition.passages:
        assert edition.text[passage.start : passage.end] == passage.text
    assert len({passage.id for passage in edition.passages}) == len(edition.passages)


def test_ids_stay_when_the_guide_grows_elsewhere() -> None:
    before = parse_guide(FRONT + "## Un\n\npremier\n\n## Deux\n\nsecond\n")
    after = parse_guide(FRONT + "## Un\n\npremier\n\nnouveau\n\n## Deux\n\nsecond\n")
    assert {passage.id for passage in before.passages} <= {passage.id for passage in after.passages}


def test_editorial_titles_are_shown_in_brackets_and_never_citable(guide: Guide) -> None:
    editorial = [section for section in guide.sections if section.editorial]
    assert editorial
    citable = {passage.text for passage in guide.passages}
    for section in editorial:
        assert section.title not in citable
        assert section.path[-1] == f"[{section.title}]"


@pytest.mark.parametrize(
    ("edition", "problem"),
    [
        (SMALL_EDITION + "## Arroser\n\nArrosez le matin, jamais à midi.\n\n## Semer\n\n- Semez en mars.\n", "« matin"),
        (SMALL_EDITION + "## Arroser\n\nArrosez le soir, jamais à midi.\n\n## Semer\n", "holds no passage"),
        (SMALL_EDITION + "## Ajouté\n\n## Arroser\n\nArrosez le soir, jamais à midi.\n", "« Ajouté"),
        ("# Le jardin partagé\n", "no front matter"),
        ("---\nslug: petit\ntitle: T\nlanguage: fr\n---\n\n# Le jardin partagé\n", "lacks « source »"),
    ],
)
def test_a_fault_in_an_edition_is_told_with_its_line(
    small_guide: Callable[..., Path], edition: str, problem: str
) -> None:
    folder = small_guide(edition=edition)
    findings = [str(finding) for finding in check_guide("petit", folder)]
    assert any(problem in finding and "guide.md:" in finding for finding in findings), findings
    assert CliRunner().invoke(app, ["check", "--folder", str(folder)]).exit_code == 1


def test_a_sound_small_guide_passes(small_guide: Callable[..., Path]) -> None:
    folder = small_guide(bank='{"question": "Quand arroser ?", "quotes": ["Arrosez le soir, jamais à midi."]}\n')
    assert check_guide("petit", folder) == []
    assert CliRunner().invoke(app, ["check", "--folder", str(folder)]).exit_code == 0


@pytest.mark.parametrize(
    "line",
    [
        "pas du JSON",
        '{"kind": "passage"}',
        '{"question": "Q ?", "kind": "inconnu", "quotes": ["x"]}',
        '{"question": "Q ?", "quotes": []}',
        '{"question": "Q ?", "kind": "far", "quotes": ["x"]}',
        '{"question": "Q ?", "kind": "smalltalk"}',
        '{"question": "Q ?", "quotes": ["Ces mots ne sont pas du guide."]}',
    ],
)
def test_a_bad_line_of_the_bank_is_told_with_its_place(small_guide: Callable[..., Path], line: str) -> None:
    findings = [str(finding) for finding in check_guide("petit", small_guide(bank=line + "\n"))]
    assert any("questions.jsonl:1" in finding for finding in findings), findings


def test_every_quote_of_the_bank_is_a_passage(guide: Guide, bank: QuestionBank) -> None:
    resolver = QuoteResolver(guide)
    for question in bank.questions:
        for quote in (*question.quotes, *question.also):
            assert resolver.find(quote) is not None, question.where


def test_the_bank_covers_every_passage_broadly(guide: Guide, bank: QuestionBank) -> None:
    stats = bank_stats(guide, bank)
    thin = [row.passage.text for row in stats.coverage if not row.passage.is_title and row.questions < 30]
    # « Preuve en est ! » only leads in the examples after it; questions about them cite those.
    assert [text for text in thin if not text.startswith("Preuve en est")] == []
    assert (
        sum(
            n
            for kind, n in stats.kinds.items()
            if kind in {"facet", "section", "comparison", "synthesis", "enumeration"}
        )
        >= 500
    )
    assert stats.kinds["far"] >= 200
    assert stats.kinds["smalltalk"] >= 60


def test_questions_are_added_once_and_only_when_sound(small_guide: Callable[..., Path], tmp_path: Path) -> None:
    folder = small_guide()
    new = tmp_path / "new.jsonl"
    new.write_text(json.dumps({"question": "Quand semer ?", "quotes": ["Semez en mars."]}) + "\n", encoding="utf-8")
    run = CliRunner()
    for expected in (1, 0):
        shown = run.invoke(app, ["bank", "add", str(new), "--guide", "petit", "--folder", str(folder)])
        assert shown.exit_code == 0 and shown.output.startswith(f"{expected} questions")
    new.write_text('{"question": "Autre ?", "quotes": ["Absent."]}\n', encoding="utf-8")
    assert run.invoke(app, ["bank", "add", str(new), "--guide", "petit", "--folder", str(folder)]).exit_code == 1
    assert len(load_bank("petit", folder, common=tmp_path).questions) == 1


def test_an_imported_text_keeps_its_words(tmp_path: Path) -> None:
    source = tmp_path / "Mon guide d’été.txt"
    source.write_text(
        "Mon guide\n\nUne partie\n\n  • Un point.\n  • Un autre point.\n\nUne phrase entière.\n", encoding="utf-8"
    )
    target = import_text(source, tmp_path / "guides")
    assert target.name == "mon-guide-d-ete"
    assert check_guide(target.name, tmp_path / "guides") == []
    with pytest.raises(CorpusError, match="exists already"):
        import_text(source, tmp_path / "guides")


def test_an_unknown_guide_names_those_that_exist() -> None:
    with pytest.raises(CorpusError, match="cooperation-siae"):
        load_guide("inconnu")
