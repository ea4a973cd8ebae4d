"""An export holds what the answer held, word for word, and nothing that acts, whatever was typed or answered."""

from __future__ import annotations

import json
import re
import time
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st
from lxml import etree
from markdown_it import MarkdownIt
from pypdf import PdfReader

from assistant import Answer
from assistant.export import EXPORTERS, EmptyExportError, file_name
from assistant.export.clean import clean
from assistant.export.note import written_date
from assistant.types import Citation, Exchange, Language
from corpus import Guide
from tests.assistant.export_hostile import HOSTILE

WHEN = datetime(2026, 11, 25, 14, 7)
FRENCH = (
    "Quels sont les avantages et les inconvénients des trois formes de coopération ?",
    "Quels sont les avantages de la mutualisation ?",
    "et les inconvénients ?",
    "La coopération, est-ce une perte d’autonomie ?",
    "Quel est le budget annuel du réseau Inser’Eco93 ?",
    "Merci !",
)
ENGLISH = ("What are the advantages of pooling?", "and the drawbacks?", "How much does an accountant cost?")
NAMES = tuple(EXPORTERS)
UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]"
)


@pytest.fixture(scope="module")
def french(talk: Callable[..., list[Answer]]) -> list[Exchange]:
    return [Exchange(question, answer) for question, answer in zip(FRENCH, talk(*FRENCH), strict=True)]


@pytest.fixture(scope="module")
def english(talk: Callable[..., list[Answer]]) -> list[Exchange]:
    return [Exchange(question, answer) for question, answer in zip(ENGLISH, talk(*ENGLISH), strict=True)]


def export(name: str, exchanges: list[Exchange], guide: Guide, language: Language = "fr") -> bytes:
    return EXPORTERS[name].export(exchanges, guide, language, WHEN, "16fd7a33e5d881f2")


def html(content: bytes) -> str:
    """The page that a careless renderer makes of Markdown: HTML allowed, bare addresses linked."""
    return str(MarkdownIt("gfm-like", {"html": True, "linkify": True}).render(content.decode("utf-8")))


def text_of(name: str, content: bytes) -> str:
    """What a reader sees of an export, in one line of text."""
    if name == "markdown":
        tree = etree.fromstring(f"<p>{html(content)}</p>", etree.HTMLParser())
        shown = "".join(tree.itertext())
    elif name == "docx":
        body = docx.Document(BytesIO(content)).element.body
        ends = {qn("w:p"): "\n", qn("w:br"): "\n", qn("w:tab"): "\t"}
        shown = "".join((node.text or "") if node.tag == qn("w:t") else ends.get(node.tag, "") for node in body.iter())
    else:
        pages = [page.extract_text() for page in PdfReader(BytesIO(content)).pages]
        # The foot of each page stands between the words of a passage that goes over it.
        shown = "\n".join(re.sub(r"\n?[^\n]*\n\d+ / \d+\s*$", "", page) for page in pages)
    return joined(shown)


def joined(text: str) -> str:
    """A text without its line breaks: runs of plain spaces and line ends are one space."""
    return re.sub(r"[ \t\r\n]+", " ", text).strip()


def citations(exchanges: list[Exchange]) -> list[Citation]:
    return [c for exchange in exchanges for c in (*exchange.answer.citations, *exchange.answer.related)]


def made_of(text: str, guide: Guide) -> Exchange:
    """An exchange in which every text that comes from outside is the same one."""
    passage = guide.passages[5]
    citation = Citation(1, text, (text, text), text, passage.start, passage.end, text, text)
    answer = Answer(
        "answer", f"{text}\n\n- {text} [1]\n\n**{text}**", (citation,), (replace(citation, number=2),), text, (text,),
        "fr", 0.9, "generative",
    )  # fmt: skip
    return Exchange(f"{text} ?", answer)


def check_harmless(name: str, content: bytes) -> None:
    """Assert that nothing in an export acts, leaves the file or cannot be seen."""
    if name == "markdown":
        page = html(content)
        assert not re.search(
            r"<(?!/?(h[1-6]|p|ul|ol|li|em|strong|blockquote|hr|br|table|thead|tbody|tr|th|td)\b)", page
        )
        assert not re.search(r"<\w+ (?!/>|style=\"text-align|start=)", page), (
            "no element carries an attribute of content"
        )
        assert not UNSEEN.search(content.decode("utf-8"))
    elif name == "docx":
        with zipfile.ZipFile(BytesIO(content)) as archive:
            for member in archive.namelist():
                assert "vba" not in member.lower()
                if member.endswith((".rels", ".xml")):
                    etree.fromstring(archive.read(member))
                if member.endswith(".rels"):
                    assert b"External" not in archive.read(member)
            document = archive.read("word/document.xml").decode("utf-8")
        assert not UNSEEN.search(document)
        assert set(re.findall(r"<w:instrText|<w:fldChar|<w:altChunk|<w:object", document)) == set()
        links = set(re.findall(r"<w:hyperlink [^>]*>", document))
        assert all(re.fullmatch(r'<w:hyperlink w:anchor="source_\d+_\d+" w:history="1">', link) for link in links)
    else:
        reader = PdfReader(BytesIO(content))
        for page in reader.pages[:40]:
            for annotation in page.get("/Annots") or ():
                assert annotation.get_object()["/Subtype"] == "/Link"
                assert "/A" not in annotation.get_object() or annotation.get_object()["/A"]["/S"] == "/GoTo"
            assert not UNSEEN.search(page.extract_text())
        for mark in (b"/URI", b"/JavaScript", b"/JS", b"/Launch", b"/OpenAction", b"/EmbeddedFile"):
            assert mark not in re.sub(rb"stream\r?\n.*?endstream", b"", content, flags=re.DOTALL).replace(
                b"/OpenAction [", b""
            )


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


def test_a_word_document_has_headings_languages_and_links_to_its_sources(french: list[Exchange], guide: Guide) -> None:
    document = docx.Document(BytesIO(export("docx", french, guide)))
    headings = [p.text for p in document.paragraphs if p.style is not None and p.style.name == "Heading 1"]
    assert headings == [f"{number}. {question}" for number, question in enumerate(FRENCH, start=1)]
    body = document.element.body
    names = [mark.get(qn("w:name")) for mark in body.iter(qn("w:bookmarkStart"))]
    aimed = {link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink"))}
    assert len(names) == len(set(names)) and aimed == set(names)
    default = document.styles.element.find(f".//{qn('w:rPrDefault')}").find(f".//{qn('w:lang')}")
    assert default.get(qn("w:val")) == "fr-FR"
    properties = document.core_properties
    assert (properties.author, properties.last_modified_by) == ("guide-assistant", "guide-assistant")
    assert properties.title.startswith("Ce que dit le guide") and properties.language == "fr-FR"
    assert len(document.tables) == 1


def test_french_words_in_an_english_word_document_are_marked_as_french(english: list[Exchange], guide: Guide) -> None:
    document = docx.Document(BytesIO(export("docx", english, guide, "en")))
    for paragraph in document.paragraphs:
        if paragraph.style is not None and paragraph.style.name == "Passage":
            assert {lang.get(qn("w:val")) for lang in paragraph._p.iter(qn("w:lang"))} == {"fr-FR"}


def test_a_pdf_has_language_title_page_numbers_and_links_to_its_sources(french: list[Exchange], guide: Guide) -> None:
    reader = PdfReader(BytesIO(export("pdf", french, guide)))
    assert reader.trailer["/Root"]["/Lang"] == "fr-FR"
    assert reader.metadata is not None and str(reader.metadata.title).startswith("Ce que dit le guide")
    assert reader.metadata.author == "guide-assistant"
    assert reader.trailer["/Root"]["/ViewerPreferences"]["/DisplayDocTitle"]
    for number, page in enumerate(reader.pages, start=1):
        assert f"{number} / {len(reader.pages)}" in page.extract_text()
    links = [note.get_object() for page in reader.pages for note in page.get("/Annots") or ()]
    assert len(links) >= sum(len(exchange.answer.citations) for exchange in french)
    assert all(link.get("/Dest") is not None for link in links)
    assert [entry["/Title"] for entry in reader.outline] == [f"{n}. {q}" for n, q in enumerate(FRENCH, start=1)]
    fonts = {font.get_object()["/BaseFont"] for page in reader.pages for font in page["/Resources"]["/Font"].values()}
    assert all("Lato" in font for font in fonts), "no font that is not embedded"


def test_a_pdf_keeps_the_characters_of_french_typography(french: list[Exchange], guide: Guide) -> None:
    typed = "« L’œuvre » : 5\u202f000\u00a0€ · 12 % – Éléonore, où\u202f? oui\u202f; « non »… 3ᵉ “a” ‑ → ≤ ½"
    shown = text_of("pdf", export("pdf", [Exchange(typed, french[5].answer)], guide))
    assert typed in shown


def test_a_pdf_shows_a_mark_for_each_character_that_its_font_lacks(french: list[Exchange], guide: Guide) -> None:
    shown = text_of("pdf", export("pdf", [Exchange("Oui 漢🙂 !", french[5].answer)], guide))
    assert "Oui \ufffd\ufffd !" in shown


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
@pytest.mark.parametrize("key", ["script", "image handler", "link", "image", "html link", "formula", "page number"])
def test_hostile_texts_stay_readable_as_what_they_are(name: str, key: str, guide: Guide) -> None:
    exchange = made_of(HOSTILE[key], guide)
    shown = text_of(name, export(name, [exchange], guide))
    # Question, answer (three times), sources and reading: none is swallowed.
    assert shown.count(joined(HOSTILE[key])) >= 8


def test_the_exporter_of_the_documentation_works(french: list[Exchange], guide: Guide) -> None:
    page = (Path(__file__).parents[2] / "docs" / "export.md").read_text("utf-8")
    names: dict[str, Any] = {"exchanges": french, "guide": guide}
    for example in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(example, names)
    shown = names["TextExporter"]().export(french, guide, "fr", WHEN).decode("utf-8")
    for citation in citations(french[:4]):
        assert citation.quote in shown
    assert names["name"].endswith(".docx") and names["content"].startswith(b"PK")


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


def test_a_file_is_named_after_guide_date_and_question(french: list[Exchange], guide: Guide) -> None:
    assert file_name(french[1:2], guide, WHEN, EXPORTERS["docx"]) == (
        "cooperation-siae-2026-11-25-quels-sont-les-avantages.docx"
    )


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_file_names_are_safe_whatever_was_asked(text: str, guide: Guide, french: list[Exchange]) -> None:
    for exporter in EXPORTERS.values():
        name = file_name([Exchange(text, french[0].answer)], guide, WHEN, exporter)
        assert re.fullmatch(r"cooperation-siae-2026-11-25(-[a-z0-9]+)*\.(md|docx|pdf)", name) and len(name) < 100


def test_dates_are_written_in_words() -> None:
    assert written_date(datetime(2027, 1, 1, 9, 5, tzinfo=UTC), "fr") == "vendredi 1er janvier 2027 à 9\u00a0h\u00a005"
    assert written_date(datetime(2027, 8, 1, 9, 5), "en") == "Sunday 1 August 2027 at 09:05"


def test_each_kind_of_export_has_name_suffix_and_media_type() -> None:
    kinds = {name: (exporter.suffix, exporter.media_type.split("/")[0]) for name, exporter in EXPORTERS.items()}
    assert kinds == {"markdown": (".md", "text"), "docx": (".docx", "application"), "pdf": (".pdf", "application")}


@limits(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_cleaning_is_done_once_and_leaves_what_is_seen(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    cleaned.encode("utf-8")
    seen = [char for char in text if unicodedata.category(char)[0] in "LNP" and clean(char) == char]
    assert [char for char in cleaned if unicodedata.category(char)[0] in "LNP"] == seen


def test_the_catalogue_of_exports_is_complete_in_both_languages() -> None:
    from assistant.export.note import CATALOGUE_FOLDER

    french, english = (json.loads((CATALOGUE_FOLDER / f"{lang}.json").read_text("utf-8")) for lang in ("fr", "en"))
    assert french.keys() == english.keys()
    for lang, count in ((french, 7), (english, 7)):
        assert len(lang["weekdays"].split()) == count and len(lang["months"].split()) == 12
