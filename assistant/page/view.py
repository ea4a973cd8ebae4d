"""From answers and guide to HTML. Everything that anyone wrote is escaped here, and only here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape
from pathlib import Path

from markdown_it import MarkdownIt

from assistant.messages import Catalogue, load_catalogue
from assistant.types import Answer, Citation, Exchange, Language
from corpus import Guide
from corpus.guide import Passage, Section

CATALOGUE_FOLDER = Path(__file__).parent / "catalogue"
_MARKER = re.compile(r"\[(\d+)\]")
# Marks that turn the writing direction or hide: a message shows as it would be read, or not at all.
_UNSEEN = re.compile(r"[\u0000-\u0008\u000b-\u001f\u007f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def page_catalogue() -> Catalogue:
    """Return the page's messages."""
    return load_catalogue(CATALOGUE_FOLDER)


def safe(text: str) -> str:
    """Return a text for HTML: escaped, without unseen characters."""
    return escape(_UNSEEN.sub("", text), quote=True)


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
    return parser.disable(["link", "image", "autolink", "html_inline", "html_block", "reference"])


def answer_html(answer: Answer, language: Language) -> str:
    """Return an answer's Markdown as HTML; each marker [n] is a link to the words in the guide."""
    say = page_catalogue().text
    by_number = {citation.number: citation for citation in answer.citations}

    def link(match: re.Match[str]) -> str:
        citation = by_number.get(int(match.group(1)))
        if citation is None:
            return match.group()
        label = say(language, "marker", number=citation.number)
        return (
            f'<a class="marker" href="#{safe(citation.passage)}" title="{safe(citation.quote)}" '
            f'aria-label="{safe(label)}">{citation.number}</a>'
        )

    rendered = _markdown().render(_UNSEEN.sub("", answer.text)).replace("&lt;br&gt;", "<br>")
    return _MARKER.sub(link, rendered)


def conversation_html(exchanges: Sequence[Exchange], language: Language) -> str:
    """Return the conversation: a live region in which each new answer is read out."""
    say = page_catalogue().text
    if not exchanges:
        empty = f'<p class="quiet">{safe(say(language, "empty"))}</p>'
        return f'<div class="conversation" role="log" aria-live="polite">{empty}</div>'
    parts = [_exchange_html(exchange, language) for exchange in exchanges]
    return f'<div class="conversation" role="log" aria-live="polite" aria-atomic="false">{"".join(parts)}</div>'


def _exchange_html(exchange: Exchange, language: Language) -> str:
    say = page_catalogue().text
    answer = exchange.answer
    understood = ""
    if answer.kind != "smalltalk" and answer.understood.strip() != " ".join(exchange.question.split()):
        note = say(language, "understood", question=answer.understood)
        understood = f'<p class="understood">{safe(note)}</p>'
    return (
        f'<article class="asked"><h3 class="who">{safe(say(language, "you"))}</h3>'
        f"<p>{safe(exchange.question[:2100])}</p></article>"
        f'<article class="answered {safe(answer.kind)}" lang="{answer.language}">'
        f'<h3 class="who">{safe(say(language, "assistant"))}</h3>{understood}{answer_html(answer, language)}</article>'
    )


def sources_html(answer: Answer | None, language: Language) -> str:
    """Return the numbered cards of an answer's sources, or its related reading."""
    say = page_catalogue().text
    shown = answer.citations or answer.related if answer else ()
    if answer is None or not shown:
        return f'<p class="quiet">{safe(say(language, "no_sources"))}</p>'
    related = not answer.citations
    heading = say(language, "related" if related else "sources")
    note = f'<p class="quiet">{safe(say(language, "related_note"))}</p>' if related else ""
    cards = "".join(_card_html(citation, related, language) for citation in shown)
    return f'<h2>{safe(heading)}</h2>{note}<ol class="cards{" related" if related else ""}">{cards}</ol>'


def _card_html(citation: Citation, related: bool, language: Language) -> str:
    number = "" if related else f'<span class="number">{citation.number}</span>'
    path = " › ".join(safe(title) for title in citation.section) or safe(citation.guide)
    translation = f'<p class="translation" lang="en">{safe(citation.translation)}</p>' if citation.translation else ""
    opened = safe(page_catalogue().text(language, "open"))
    return (
        f'<li class="card">{number}<p class="path">{path}</p>'
        f'<blockquote lang="fr">{safe(citation.quote)}</blockquote>{translation}'
        f'<p><a href="#{safe(citation.passage)}">{opened}</a></p></li>'
    )


def guide_html(guide: Guide, cited: Sequence[Citation], language: Language) -> str:
    """Return the whole guide; the cited words stand in <mark>, with their numbers."""
    numbers: Mapping[str, int] = {citation.passage: citation.number for citation in cited}
    parts = []
    in_list = False
    placed: set[int] = set()
    for passage in guide.passages:
        section = guide.sections[passage.section]
        opening = "" if passage.is_title else _missing_titles(guide, section, placed, language)
        if in_list and (passage.kind != "bullet" or opening):
            parts.append("</ul>")
            in_list = False
        parts.append(opening)
        if passage.is_title:
            placed.add(section.index)
            parts.insert(len(parts), _missing_titles(guide, section, placed, language))
            level = min(section.level + 1, 6)
            parts.append(f"<h{level}>{_words_html(passage, numbers)}</h{level}>")
            continue
        if passage.kind == "bullet":
            if not in_list:
                parts.append("<ul>")
                in_list = True
            parts.append(f"<li>{_words_html(passage, numbers)}</li>")
        else:
            parts.append(f"<p>{_words_html(passage, numbers)}</p>")
    if in_list:
        parts.append("</ul>")
    return f'<div class="guide" lang="{safe(guide.language)}" tabindex="0">{"".join(parts)}</div>'


def _missing_titles(guide: Guide, section: Section, placed: set[int], language: Language) -> str:
    """Return the editorial titles above a passage that were not shown yet."""
    chain: list[Section] = []
    current: Section | None = section
    while current is not None:
        chain.append(current)
        current = guide.sections[current.parent] if current.parent is not None else None
    note = page_catalogue().text(language, "editorial")
    html = ""
    for part in reversed(chain):
        if part.editorial and part.index not in placed:
            placed.add(part.index)
            level = min(part.level + 1, 6)
            html += f'<h{level} class="editorial" title="{safe(note)}">[{safe(part.title)}]</h{level}>'
    return html


def _words_html(passage: Passage, numbers: Mapping[str, int]) -> str:
    words = safe(passage.text)
    number = numbers.get(passage.id)
    if number is None:
        return f'<span id="{safe(passage.id)}">{words}</span>'
    return f'<mark id="{safe(passage.id)}">{words}<sup>{number}</sup></mark>'


def header_html(guide: Guide, language: Language, other: str) -> str:
    """Return the head of the page: what it is, and what it answers from."""
    say = page_catalogue().text
    other_language = "en" if language == "fr" else "fr"
    return (
        f'<header class="head"><p class="switch"><a href="{safe(other)}" lang="{other_language}">'
        f"{safe(say(language, 'other_language'))}</a></p>"
        f'<h1>{safe(say(language, "title"))}</h1><p class="lede">{safe(say(language, "subtitle"))}</p>'
        f'<p class="quiet">{safe(say(language, "from", title=guide.title))} '
        f"{safe(say(language, 'privacy'))}</p></header>"
    )


def waiting_html(language: Language, problem: str = "") -> str:
    """Return the page that stands in while the assistant is being opened, or tells why it cannot be."""
    say = page_catalogue().text
    title = say(language, "failed_title" if problem else "waiting_title")
    text = problem or say(language, "waiting")
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><meta http-equiv="refresh" content="3">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{safe(title)}</title>'
        "<style>body{font:1.15rem/1.6 system-ui,sans-serif;max-width:36rem;margin:20vh auto;padding:0 1.5rem;"
        "color:#1f2a37;background:#fbfaf7}h1{font-size:1.5rem}</style></head>"
        f'<body><main><h1>{safe(title)}</h1><p role="status">{safe(text)}</p></main></body></html>'
    )
