"""`python -m corpus check`: a planted fault is found at its line, with what to do, and fails the command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from corpus.check import check_guide, edition_words, source_words
from corpus.cli import app

Write = Callable[..., Path]
FRONT = '---\nslug: petit\ntitle: Le jardin partagé\nlanguage: fr\nsource: "Le cercle"\n---\n\n'
SOUND = FRONT + "# Le jardin partagé\n\n## Arroser\n\nArrosez le soir, jamais à midi.\n\n## Semer\n\n- Semez en mars.\n"


def checked(folder: Path) -> Result:
    return CliRunner().invoke(app, ["check", "--folder", str(folder)])


def faults(folder: Path) -> list[str]:
    """The findings, with paths shortened to the file's name."""
    return [str(finding).replace(f"{folder / 'petit'}/", "") for finding in check_guide("petit", folder)]


@pytest.mark.parametrize(
    ("there", "instead", "place", "words"),
    [
        ("le soir", "le matin", "guide.md:12", "« matin, » where the original (source.txt:3) says « soir, »"),
        ("jamais à midi", "à midi", "guide.md:12", "« à » where the original (source.txt:3) says « jamais »"),
        ("## Arroser", "## Bien arroser", "guide.md:10", "« Bien » where the original (source.txt:2) says « Arroser »"),
        ("## Semer", "## Ajouté\n\n## Semer", "guide.md:14", "« Ajouté » where the original (source.txt:4)"),
        ("- Semez en mars.", "- Semez en mai.", "guide.md:16", "« mai. » where the original (source.txt:5)"),
        ("partagé\n\n##", "partage\n\n##", "guide.md:8", "« partage » where the original (source.txt:1)"),
    ],
)
def test_a_word_that_is_not_the_originals_is_told_at_its_line(
    small_guide: Write, there: str, instead: str, place: str, words: str
) -> None:
    assert there in SOUND
    folder = small_guide(edition=SOUND.replace(there, instead))
    finding = faults(folder)[0]
    assert words in finding
    assert "Restore the original's words, or mark an added title with {.editorial}." in finding
    assert finding.startswith(f"{place}: ")


@pytest.mark.parametrize(
    ("edition", "source", "place"),
    [
        (SOUND + "\n- Récoltez.\n", None, "guide.md:18: « Récoltez. »"),
        (SOUND, "Le jardin partagé\nArroser\nArrosez le soir, jamais à midi.\nSemer\nSemez en mars.\nRécoltez.\n",
         "source.txt:6: « Récoltez. »"),
    ],
)  # fmt: skip
def test_words_at_the_end_of_one_file_only_are_told_in_that_file(
    small_guide: Write, edition: str, source: str | None, place: str
) -> None:
    (finding,) = faults(small_guide(edition=edition, source=source))
    assert finding.startswith(place) and finding.endswith("Make both equal.")


def test_an_added_title_passes_once_it_is_marked_editorial(small_guide: Write) -> None:
    added = SOUND.replace("## Semer", "## Ajouté {.editorial}\n\n### Semer")
    assert faults(small_guide(edition=added)) == []


def test_comments_are_no_words_and_omitted_ones_are_the_originals(small_guide: Write) -> None:
    omitted = SOUND + "\n<!-- une note\nde l’éditeur -->\n\n<!-- omitted: Partager -->\n"
    source = "Le jardin partagé\nArroser\nArrosez le soir, jamais à midi.\nSemer\n• Semez en mars.\nPartager\n"
    assert faults(small_guide(edition=omitted, source=source)) == []


def test_spaces_and_list_marks_are_free(small_guide: Write) -> None:
    source = "Le  jardin partagé\r\n\r\nArroser\nArrosez\nle soir, jamais\u00a0à midi.\nSemer\n  • Semez en mars.\n"
    assert faults(small_guide(source=source)) == []


@pytest.mark.parametrize("key", ["slug", "title", "language", "source"])
def test_front_matter_that_lacks_a_key_is_told_with_the_key(small_guide: Write, key: str) -> None:
    lines = [line for line in SOUND.splitlines(keepends=True) if not line.startswith(f"{key}:")]
    folder = small_guide(edition="".join(lines))
    (finding,) = faults(folder)
    assert finding.strip() == f"guide.md:1: the front matter lacks « {key} ». Add it."


@pytest.mark.parametrize(
    ("front", "problem"),
    [
        ("", "no front matter"),
        ("---\n- a\n---\n\n", "must be a list of `key: value`"),
        ("---\nslug: [\n---\n\n", "is not YAML"),
        (FRONT.replace("slug: petit", "slug: Petit Jardin"), "use lower-case letters, digits, hyphens"),
        (FRONT.replace("slug: petit", "slug: grand"), "is not the folder's name. Make them equal."),
    ],
)
def test_front_matter_that_cannot_be_used_is_told(small_guide: Write, front: str, problem: str) -> None:
    (finding,) = faults(small_guide(edition=SOUND.replace(FRONT, front)))
    assert finding.startswith("guide.md:1: ") and problem in finding


def test_a_section_without_text_is_told_at_its_title(small_guide: Write) -> None:
    folder = small_guide(
        edition=SOUND + "\n## Récolter\n",
        source="Le jardin partagé\nArroser\nArrosez le soir, jamais à midi.\nSemer\nSemez en mars.\nRécolter\n",
    )
    assert faults(folder) == [
        "guide.md:18: the section « Récolter » holds no passage. Add its text or remove the title."
    ]


def test_a_missing_original_is_told(small_guide: Write) -> None:
    folder = small_guide()
    (folder / "petit" / "source.txt").unlink()
    assert faults(folder) == ["source.txt:1: the original text is missing. Put it beside the edition, unchanged."]


def test_a_file_that_is_not_utf8_is_told(small_guide: Write) -> None:
    folder = small_guide()
    (folder / "petit" / "guide.md").write_bytes(SOUND.encode("latin-1"))
    (finding,) = faults(folder)
    assert finding.startswith("guide.md: not UTF-8") and "Save the file as UTF-8." in finding


def test_the_command_names_the_file_and_fails_on_a_fault(small_guide: Write) -> None:
    folder = small_guide(edition=SOUND + "\n## Récolter\n")
    shown = checked(folder)
    assert shown.exit_code == 1
    assert f"{folder / 'petit' / 'guide.md'}:18: the section « Récolter »" in shown.output


def test_one_faulty_guide_fails_the_command_and_the_sound_one_is_still_told(small_guide: Write) -> None:
    folder = small_guide()
    small_guide(slug="autre", edition=SOUND.replace("soir", "matin").replace("petit", "autre"))
    shown = checked(folder)
    assert shown.exit_code == 1
    assert "petit: 5 passages" in shown.output and "« matin, »" in shown.output


def test_a_folder_without_guides_says_how_to_add_one(tmp_path: Path) -> None:
    shown = checked(tmp_path)
    assert shown.exit_code == 1
    assert "Add one with `python -m corpus import FILE`" in shown.output


WORD = st.text(alphabet="abcdéç’.,", min_size=1, max_size=6)
LINES = st.lists(
    st.tuples(st.sampled_from(["", "- ", "## "]), st.lists(WORD, min_size=1, max_size=5).map(" ".join)),
    min_size=1,
    max_size=8,
)


@given(LINES)
def test_an_edition_and_its_original_hold_the_same_words_at_the_lines_they_stand_on(
    lines: list[tuple[str, str]],
) -> None:
    edition = FRONT + "".join(f"{mark}{words}\n\n" for mark, words in lines)
    source = "".join(f"{'• ' if mark == '- ' else ''}{words}\n" for mark, words in lines)
    first = FRONT.count("\n") + 1
    expected = [(word, at) for at, (_, words) in enumerate(lines) for word in words.split()]
    assert [(word, line - 1) for word, line in source_words(source)] == expected
    assert [(word, (line - first) / 2) for word, line in edition_words(edition)] == expected
