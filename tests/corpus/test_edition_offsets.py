"""Editions: every passage stands at its exact place, whatever its characters and line ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import Guide, load_guide, parse_guide
from corpus.errors import EditionError

FRONT = "---\nslug: essai\ntitle: Essai\nlanguage: fr\nsource: essai\n---\n\n# Essai\n\n"
# What Python calls line ends and Markdown does not, besides letters and French typography.
ODD = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\x00\u00a0\u202f\u3000\ufeff\t"
WORDS = st.text(alphabet="abcéèàçœÉ ’«»:;,.!?-·€0123456789😀" + ODD, max_size=40).map(lambda text: f"x{text}".rstrip())
MARKS = {"paragraph": "", "bullet": "- ", "title-2": "## ", "title-3": "### ", "title-4": "#### ", "added-2": "## "}
Block = tuple[str, str]
BLOCKS = st.lists(st.tuples(st.sampled_from(sorted(MARKS)), WORDS), min_size=1, max_size=14)
Found = tuple[str, str, tuple[str, ...]]


def edition_of(blocks: list[Block]) -> str:
    lines = [f"{MARKS[kind]}{words}{' {.editorial}' if kind.startswith('added') else ''}\n\n" for kind, words in blocks]
    return FRONT + "".join(lines)


def expected_of(blocks: list[Block]) -> list[Found]:
    """What a reader would say the passages are: kind, words and the titles above them."""
    found: list[Found] = [("title", "Essai", ())]
    above: list[tuple[int, str]] = []
    for kind, words in blocks:
        name, _, level = kind.partition("-")
        if not level:
            found.append((kind, words, tuple(title for _, title in above)))
            continue
        above = [(depth, title) for depth, title in above if depth < int(level)]
        if name == "title":
            found.append(("title", words, tuple(title for _, title in above)))
        above.append((int(level), words if name == "title" else f"[{words}]"))
    return found


def passages_of(guide: Guide) -> list[Found]:
    return [(passage.kind, passage.text, passage.titles) for passage in guide.passages]


@given(BLOCKS, st.sampled_from(["\n", "\r\n"]))
def test_passages_are_the_blocks_at_their_places_under_their_titles(blocks: list[Block], line_end: str) -> None:
    guide = parse_guide(edition_of(blocks).replace("\n", line_end))
    assert passages_of(guide) == expected_of(blocks)
    assert [guide.text[p.start : p.end] for p in guide.passages] == [p.text for p in guide.passages]
    assert [passage.order for passage in guide.passages] == list(range(len(guide.passages)))


@given(BLOCKS, st.data())
def test_ids_are_distinct_and_outlive_a_new_passage_anywhere(blocks: list[Block], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(blocks)))
    before = parse_guide(edition_of(blocks))
    after = parse_guide(edition_of([*blocks[:at], ("paragraph", "un mot nouveau"), *blocks[at:]]))
    kept, grown = [p.id for p in before.passages], [p.id for p in after.passages]
    assert len(set(grown)) == len(grown)
    new = next(p for p in after.passages if p.text == "un mot nouveau")
    assert [name for name in grown if name != new.id] == kept


@pytest.mark.parametrize("line_end", ["\r\n", "\r", "\n"])
def test_a_file_reads_the_same_whatever_its_line_ends(tmp_path: Path, line_end: str) -> None:
    (tmp_path / "essai").mkdir()
    text = FRONT + "## Un\n\npremier\n\n- deux\u2028mots\n"
    (tmp_path / "essai" / "guide.md").write_bytes(text.replace("\n", line_end).encode())
    guide = load_guide("essai", tmp_path)
    assert guide.text == text
    assert passages_of(guide) == [
        ("title", "Essai", ()),
        ("title", "Un", ()),
        ("paragraph", "premier", ("Un",)),
        ("bullet", "deux\u2028mots", ("Un",)),
    ]


def test_a_text_with_old_macintosh_line_ends_loses_no_passage() -> None:
    body = "## Un\n\npremier\n\n- deux\n"
    guide = parse_guide(FRONT + body.replace("\n", "\r"))
    assert [passage.text for passage in guide.passages] == ["Essai", "Un", "premier", "deux"]


def test_equal_passages_in_two_places_keep_apart() -> None:
    guide = parse_guide(FRONT + "## Un\n\nmême\n\nmême\n\n## Deux\n\nmême\n")
    same = [passage for passage in guide.passages if passage.text == "même"]
    assert len({passage.id for passage in same}) == len({passage.start for passage in same}) == 3


def test_renaming_a_title_changes_the_ids_under_it_and_no_others() -> None:
    before = parse_guide(FRONT + "## Un\n\npremier\n\n## Deux\n\nsecond\n")
    after = parse_guide(FRONT + "## Une\n\npremier\n\n## Deux\n\nsecond\n")
    gone = {p.text for p in before.passages if p.id not in after.by_id}
    assert gone == {"Un", "premier"}


@pytest.mark.parametrize(
    ("block", "name"),
    [("> cité", "blockquote"), ("```\ncode\n```", "fence"), ("    code", "code_block"), ("***", "hr")],
)
def test_a_block_that_editions_do_not_use_is_refused_with_its_line(block: str, name: str) -> None:
    with pytest.raises(EditionError, match=rf"guide\.md:12: a {name} .*Use titles, paragraphs and bullets"):
        parse_guide(FRONT + f"Une phrase.\n\n{block}\n")


@pytest.mark.parametrize("block", ["<div>Un avis</div>", "[1]: une-note", "<p>\nUn avis\n</p>"])
def test_words_that_markdown_would_hide_are_cited_or_refused(block: str) -> None:
    try:
        guide = parse_guide(FRONT + f"Une phrase.\n\n{block}\n\nUne autre.\n")
    except EditionError as refused:
        assert "guide.md:12" in str(refused)
        return
    said = " ".join(passage.text for passage in guide.passages)
    assert all(word in said for word in block.split()), said


def test_an_edition_without_passage_is_refused() -> None:
    with pytest.raises(EditionError, match=r"holds no passage\. Add its text"):
        parse_guide(FRONT.replace("# Essai\n", ""))
