"""`python -m corpus import`: a draft that holds the text's own words, or a reason why there is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from corpus import load_guide
from corpus.check import check_guide, edition_words, source_words
from corpus.cli import app
from corpus.errors import CorpusError, ImportFailedError
from corpus.importing import draft_edition, import_text, slug_of

WORD = st.text(alphabet="abcdéçÀ’,.:»0123", min_size=1, max_size=8) | st.sampled_from(
    ["l’été", "« ici »", "SIAE", "fin."]
)
LINE = st.lists(WORD, min_size=1, max_size=6).map(" ".join)


def test_a_text_becomes_titles_paragraphs_and_bullets(tmp_path: Path) -> None:
    text = tmp_path / "Le jardin d’été.txt"
    text.write_text("Le jardin\nArroser\nArrosez le soir.\n• Un seau.\n• Deux seaux.\nFin de saison\nSemez.\n", "utf-8")
    shown = CliRunner().invoke(app, ["import", str(text), "--folder", str(tmp_path / "guides")])
    assert shown.exit_code == 0 and "python -m corpus check" in shown.output
    guide = load_guide("le-jardin-d-ete", tmp_path / "guides")
    assert guide.title == "Le jardin"
    assert [(p.kind, p.text, p.titles) for p in guide.passages] == [
        ("title", "Le jardin", ()),
        ("title", "Arroser", ()),
        ("paragraph", "Arrosez le soir.", ("Arroser",)),
        ("bullet", "Un seau.", ("Arroser",)),
        ("bullet", "Deux seaux.", ("Arroser",)),
        ("title", "Fin de saison", ()),
        ("paragraph", "Semez.", ("Fin de saison",)),
    ]
    assert (tmp_path / "guides" / guide.slug / "source.txt").read_bytes() == text.read_bytes()
    assert check_guide(guide.slug, tmp_path / "guides") == []


@given(LINE, st.lists(st.tuples(st.sampled_from(["", "- ", "• ", "  * "]), LINE), max_size=8))
def test_a_draft_holds_the_words_of_its_text_in_their_order(title: str, lines: list[tuple[str, str]]) -> None:
    text = "\n".join([f"x{title}", *(f"{mark}x{words}" for mark, words in lines)])
    drafted = [word for word, _ in edition_words(draft_edition(text, "essai"))]
    assert drafted == [word for word, _ in source_words(text)]


def test_markdown_keeps_its_titles(tmp_path: Path) -> None:
    text = tmp_path / "jardin.md"
    text.write_text("# Le jardin\n\n## Arroser\n\n### Le soir\n\nArrosez.\n", encoding="utf-8")
    guide = load_guide(import_text(text, tmp_path / "guides", "mon-jardin").name, tmp_path / "guides")
    assert [section.path for section in guide.sections] == [(), ("Arroser",), ("Arroser", "Le soir")]
    assert check_guide("mon-jardin", tmp_path / "guides") == []


@pytest.mark.parametrize(
    ("content", "slug", "message"),
    [
        (b"", None, "the file is empty"),
        (b" \n\t\n", None, "the file is empty"),
        ("été".encode("latin-1"), None, "not UTF-8"),
        (b"Titre\nUne phrase.\n", "Pas Bon", "use lower-case letters, digits, hyphens"),
        (b"Titre\nUne phrase.\n", "../dehors", "use lower-case letters, digits, hyphens"),
        (None, None, "no such file"),
    ],
)
def test_what_cannot_be_imported_is_told_and_leaves_nothing(
    tmp_path: Path, content: bytes | None, slug: str | None, message: str
) -> None:
    text, guides = tmp_path / "texte.txt", tmp_path / "guides"
    if content is not None:
        text.write_bytes(content)
    arguments = ["import", str(text), "--folder", str(guides), *(["--slug", slug] if slug else [])]
    shown = CliRunner().invoke(app, arguments)
    assert shown.exit_code == 1 and message in shown.output
    with pytest.raises(CorpusError):
        import_text(text, guides, slug)
    assert not guides.exists() or list(guides.iterdir()) == []


def test_a_guide_that_exists_is_never_written_over(tmp_path: Path) -> None:
    text = tmp_path / "jardin.txt"
    text.write_text("Titre\nUne phrase.\n", encoding="utf-8")
    written = import_text(text, tmp_path / "guides") / "guide.md"
    written.write_text("mon travail", encoding="utf-8")
    with pytest.raises(ImportFailedError, match=r"exists already\. Choose another name with --slug"):
        import_text(text, tmp_path / "guides")
    assert written.read_text(encoding="utf-8") == "mon travail"


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Guide d’Été n° 3", "guide-d-ete-n-3"), ("  ", "guide"), ("日本", "guide"), ("A" * 99, "a" * 60)],
)
def test_a_slug_is_made_of_any_name(name: str, slug: str) -> None:
    assert slug_of(name) == slug
