"""What the tests of exports do: export, read back as text, prove that nothing in a file acts."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from datetime import datetime
from io import BytesIO

import docx
from docx.oxml.ns import qn
from lxml import etree
from markdown_it import MarkdownIt
from pypdf import PdfReader

from assistant import Answer
from assistant.export import EXPORTERS
from assistant.types import Citation, Exchange, Language
from corpus import Guide

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
