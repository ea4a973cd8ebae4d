"""What each kind of file owes its readers: structure, languages, links, characters, a name."""

from __future__ import annotations

import re
import zipfile
from datetime import UTC
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from lxml import etree
from pypdf import PdfReader

from assistant.export import EXPORTERS, file_name
from assistant.types import Exchange, Language
from corpus import Guide
from tests.assistant.export.helpers import FRENCH, WHEN, citations, export, text_of


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


@pytest.mark.parametrize(("language", "tag"), [("fr", "fr-FR"), ("en", "en-GB")])
def test_a_word_document_says_of_itself_what_is_true(
    french: list[Exchange], guide: Guide, language: Language, tag: str
) -> None:
    content = export("docx", french, guide, language)
    document = docx.Document(BytesIO(content))
    properties = document.core_properties
    when = WHEN.astimezone(UTC)
    assert (properties.created, properties.modified, properties.last_printed) == (when, when, None)
    assert (properties.author, properties.last_modified_by, properties.language) == (
        "guide-assistant", "guide-assistant", tag,
    )  # fmt: skip
    assert (properties.comments, properties.keywords, properties.category, properties.subject) == ("", "", "", "")
    with zipfile.ZipFile(BytesIO(content)) as archive:
        names = archive.namelist()
        said = etree.fromstring(archive.read("docProps/app.xml"))
        settings = archive.read("word/settings.xml").decode("utf-8")
        everything = b"".join(archive.read(name) for name in names if "styles" not in name and "theme" not in name)
    assert [(etree.QName(one).localname, one.text) for one in said] == [("Application", "guide-assistant")]
    for leftover in (b"python-docx", b"Macintosh", b"Microsoft Word", b"Normal.dotm", b"2013-12-23"):
        assert leftover not in everything
    assert not [name for name in names if "thumbnail" in name or "customXml" in name or "WithEffects" in name]
    assert "proofState" not in settings and "rsid" not in settings
    assert f'<w:themeFontLang w:val="{tag}"/>' in settings


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


def test_the_exporter_of_the_documentation_works(french: list[Exchange], guide: Guide) -> None:
    page = (Path(__file__).parents[3] / "docs" / "export.md").read_text("utf-8")
    names: dict[str, Any] = {"exchanges": french, "guide": guide}
    for example in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(example, names)
    shown = names["TextExporter"]().export(french, guide, "fr", WHEN).decode("utf-8")
    for citation in citations(french[:4]):
        assert citation.quote in shown
    assert names["name"].endswith(".docx") and names["content"].startswith(b"PK")


def test_a_file_is_named_after_guide_date_and_question(french: list[Exchange], guide: Guide) -> None:
    assert file_name(french[1:2], guide, WHEN, EXPORTERS["docx"]) == (
        "cooperation-siae-2026-11-25-quels-sont-les-avantages.docx"
    )


def test_each_kind_of_export_has_name_suffix_and_media_type() -> None:
    kinds = {name: (exporter.suffix, exporter.media_type.split("/")[0]) for name, exporter in EXPORTERS.items()}
    assert kinds == {"markdown": (".md", "text"), "docx": (".docx", "application"), "pdf": (".pdf", "application")}
