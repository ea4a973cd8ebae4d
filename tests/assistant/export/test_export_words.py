"""An export holds what the answer held, word for word, with where and when it comes from."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import docx
import pytest
from docx.oxml.ns import qn

from assistant.export import EXPORTERS, EmptyExportError, file_name
from assistant.export.note import written_date
from assistant.types import Citation, Exchange
from corpus import Guide
from tests.assistant.export.helpers import NAMES, WHEN, check_harmless, citations, export, joined, made_of, text_of


@pytest.mark.parametrize("name", NAMES)
def test_every_question_and_quote_stands_word_for_word_in_the_export(
    name: str, french: list[Exchange], guide: Guide
) -> None:
    shown = text_of(name, export(name, french, guide))
    assert len(citations(french)) > 8
    for exchange in french:
        assert joined(exchange.question) in shown
    for citation in citations(french):
        assert joined(citation.quote) in shown
        assert " › ".join(joined(title) for title in citation.section) in shown


@pytest.mark.parametrize("name", NAMES)
def test_every_passage_of_the_guide_can_be_quoted_word_for_word(
    name: str, guide: Guide, french: list[Exchange]
) -> None:
    quoted = tuple(
        Citation(n, guide.slug, p.titles, p.text, p.start, p.end, p.id) for n, p in enumerate(guide.passages, start=1)
    )
    shown = text_of(name, export(name, [Exchange("Tout ?", replace(french[1].answer, citations=quoted))], guide))
    for passage in guide.passages:
        assert joined(passage.text) in shown


@pytest.mark.parametrize("name", NAMES)
def test_an_english_export_holds_the_french_words_and_their_unofficial_translation(
    name: str, english: list[Exchange], guide: Guide
) -> None:
    shown = text_of(name, export(name, english, guide, "en"))
    assert "Wednesday 25 November 2026 at 14:07" in shown
    assert "Translations are unofficial" in shown
    translated = [citation for citation in citations(english) if citation.translation]
    assert translated
    for citation in translated:
        assert joined(citation.quote) in shown
        assert f"Unofficial translation: {joined(citation.translation)}" in shown


@pytest.mark.parametrize("name", NAMES)
def test_the_export_says_when_from_which_edition_and_that_quotes_are_verbatim(
    name: str, french: list[Exchange], guide: Guide
) -> None:
    shown = text_of(name, export(name, french, guide)).replace("\u00a0", " ")
    for said in (
        "Ce que dit le guide",
        "mercredi 25 novembre 2026 à 14 h 07",
        guide.title,
        joined(guide.source),
        guide.digest[:12],
        "16fd7a33e5d881f2",
        "mots exacts du guide, au caractère près",
    ):
        assert said in shown


@pytest.mark.parametrize("name", NAMES)
def test_a_follow_up_shows_the_question_that_was_understood(name: str, french: list[Exchange], guide: Guide) -> None:
    assert french[2].answer.understood != french[2].question
    shown = text_of(name, export(name, french[2:3], guide)).replace("\u00a0", " ")
    assert f"Question comprise : {joined(french[2].answer.understood)}" in shown
    plain = text_of(name, export(name, french[1:2], guide))
    assert "Question comprise" not in plain


@pytest.mark.parametrize("name", NAMES)
def test_a_decline_offers_reading_and_no_source(name: str, french: list[Exchange], guide: Guide) -> None:
    declined = french[4:5]
    assert declined[0].answer.kind == "decline" and declined[0].answer.related
    shown = text_of(name, export(name, declined, guide)).replace("\u00a0", " ")
    assert "À lire à côté" in shown and "ce ne sont pas des sources" in shown
    assert "Sources" not in shown
    assert not re.search(r"\[\d+\]", shown)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_conversation_gives_the_same_text(name: str, french: list[Exchange], guide: Guide) -> None:
    first, second = export(name, french, guide), export(name, french, guide)
    assert text_of(name, first) == text_of(name, second)
    if name != "docx":
        assert first == second


@pytest.mark.parametrize("name", NAMES)
def test_a_conversation_of_thirty_exchanges_is_exported_whole_and_soon(
    name: str, french: list[Exchange], guide: Guide
) -> None:
    start = time.perf_counter()
    content = export(name, french * 5, guide)
    assert time.perf_counter() - start < 10
    shown = text_of(name, content)
    for number, exchange in enumerate(french * 5, start=1):
        assert f"{number}. {joined(exchange.question)}" in shown
    check_harmless(name, content)


@pytest.mark.parametrize("name", NAMES)
def test_a_marker_without_its_source_is_plain_text(name: str, guide: Guide, french: list[Exchange]) -> None:
    answer = replace(french[1].answer, text="Oui [1], non [7], littéral \\[1\\].")
    content = export(name, [Exchange("?", answer)], guide)
    assert "Oui [1], non [7], littéral [1]." in text_of(name, content)
    if name == "docx":
        assert len(list(docx.Document(BytesIO(content)).element.body.iter(qn("w:hyperlink")))) == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_text_that_is_cut_says_so(name: str, guide: Guide) -> None:
    shown = text_of(name, export(name, [made_of("mot " * 300_000, guide)], guide))
    assert "texte coupé" in shown


@pytest.mark.parametrize("name", NAMES)
def test_nothing_to_export_is_refused_with_a_remedy(name: str, guide: Guide) -> None:
    with pytest.raises(EmptyExportError, match="Ask a question first"):
        EXPORTERS[name].export([], guide, "fr", WHEN)
    with pytest.raises(EmptyExportError):
        file_name([], guide, WHEN, EXPORTERS[name])


def test_dates_are_written_in_words() -> None:
    assert written_date(datetime(2027, 1, 1, 9, 5, tzinfo=UTC), "fr") == "vendredi 1er janvier 2027 à 9\u00a0h\u00a005"
    assert written_date(datetime(2027, 8, 1, 9, 5), "en") == "Sunday 1 August 2027 at 09:05"


def test_the_catalogue_of_exports_is_complete_in_both_languages() -> None:
    from assistant.export.note import CATALOGUE_FOLDER

    french, english = (json.loads((CATALOGUE_FOLDER / f"{lang}.json").read_text("utf-8")) for lang in ("fr", "en"))
    assert french.keys() == english.keys()
    for lang, count in ((french, 7), (english, 7)):
        assert len(lang["weekdays"].split()) == count and len(lang["months"].split()) == 12
