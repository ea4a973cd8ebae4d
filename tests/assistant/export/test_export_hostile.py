"""Nothing in an export acts, whatever was typed or answered, and nothing that can be seen is swallowed."""

from __future__ import annotations

import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from assistant.export import EXPORTERS, file_name
from assistant.export.clean import clean
from assistant.types import Exchange
from corpus import Guide
from tests.assistant.export.helpers import NAMES, WHEN, check_harmless, export, joined, made_of, text_of
from tests.assistant.export.hostile import HOSTILE


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts_come_out_as_harmless_text(name: str, text: str, guide: Guide) -> None:
    start = time.perf_counter()
    content = export(name, [made_of(text, guide)], guide)
    assert time.perf_counter() - start < 20
    check_harmless(name, content)


@limits(max_examples=60, deadline=None)
@given(text=st.text(st.characters(exclude_categories=()), max_size=120), number=st.integers(0, 2))
def test_no_text_stops_an_export(guide: Guide, text: str, number: int) -> None:
    check_harmless(NAMES[number], export(NAMES[number], [made_of(text, guide)], guide))


@limits(max_examples=60, deadline=None)
@given(
    parts=st.lists(
        st.sampled_from(
            ["*", "**", "_", "`", "[1]", "[", "](", ")", "|", "\n", "\n\n", "- ", "> ", "1. ", "# ", "    ", "a", " ",
             "\\", "<br>", "<b>", "![", "https://evil.example", "&lt;", ":-", "---", "```", "~~", ":", "("]
        ),
        max_size=40,
    )
)  # fmt: skip
def test_no_markup_of_an_answer_survives_as_markup_of_the_exports(guide: Guide, parts: list[str]) -> None:
    for name in NAMES:
        check_harmless(name, export(name, [made_of("".join(parts), guide)], guide))


@pytest.mark.parametrize("name", NAMES)
def test_a_reference_to_a_character_stays_as_it_was_typed(name: str, guide: Guide) -> None:
    exchange = made_of("a &#8238;b &#x200b; &rlm; &shy; &amp; c", guide)
    content = export(name, [exchange], guide)
    check_harmless(name, content)
    assert text_of(name, content).count(exchange.answer.understood) >= 8


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("key", ["script", "image handler", "link", "image", "html link", "formula", "page number"])
def test_hostile_texts_stay_readable_as_what_they_are(name: str, key: str, guide: Guide) -> None:
    exchange = made_of(HOSTILE[key], guide)
    shown = text_of(name, export(name, [exchange], guide))
    # Question, answer (three times), sources and reading: none is swallowed.
    assert shown.count(joined(HOSTILE[key])) >= 8


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_file_names_are_safe_whatever_was_asked(text: str, guide: Guide, french: list[Exchange]) -> None:
    for exporter in EXPORTERS.values():
        name = file_name([Exchange(text, french[0].answer)], guide, WHEN, exporter)
        assert re.fullmatch(r"cooperation-siae-2026-11-25(-[a-z0-9]+)*\.(md|docx|pdf)", name) and len(name) < 100


@limits(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_cleaning_is_done_once_and_leaves_what_is_seen(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    cleaned.encode("utf-8")
    seen = [char for char in text if unicodedata.category(char)[0] in "LNP" and clean(char) == char]
    assert [char for char in cleaned if unicodedata.category(char)[0] in "LNP"] == seen
