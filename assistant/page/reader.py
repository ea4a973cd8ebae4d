"""The reader panel: the whole guide, its table of contents, and each passage at an address of its own."""

from __future__ import annotations

from assistant.compose.extractive import tidy_title
from assistant.page.escape import safe
from assistant.page.icons import icon
from assistant.page.messages import sayer
from assistant.types import Language
from corpus import Guide
from corpus.guide import Passage, Section

# The page's title is h1 and the panel's h2, so the guide's own parts begin at h3.
_DEEPER = 1
_DEEPEST = 6


def reader_html(guide: Guide, language: Language) -> str:
    """Return the panel; it is shown when the reader opens it or follows a marker or a shared link."""
    say = sayer(language)

    def button(action: str, symbol: str, extra: str = "") -> str:
        label = say(f"reader_{action.replace('-', '_')}")
        return (
            f'<button type="button" class="plain" data-do="{action}" aria-label="{label}" title="{label}"'
            f"{extra}>{icon(symbol)}</button>"
        )

    return (
        f'<aside id="reader" aria-labelledby="reader-title" hidden><div class="reader-head">'
        f'<div class="reader-bar"><h2 id="reader-title" tabindex="-1">{say("guide")}</h2>'
        f'<button type="button" class="quiet-button" data-do="share">{icon("link")}<span>{say("reader_share")}</span>'
        f"</button>{button('close-reader', 'close')}</div>"
        f'<form class="find" role="search"><label class="unseen" for="find">{say("reader_find")}</label>'
        f'{icon("search")}<input id="find" type="search" autocomplete="off" placeholder="{say("reader_find")}">'
        f'<span id="found" role="status"></span>{button("find-previous", "up")}{button("find-next", "down")}</form>'
        f'<div class="cited" hidden><button type="button" class="quiet-button" data-do="back">{icon("back")}'
        f'<span>{say("reader_back")}</span></button><span class="cited-steps">'
        f'{button("cited-previous", "up")}<span role="status"><span class="cited-label">'
        f'{say("cited_label")} </span><span id="cited"></span></span>{button("cited-next", "down")}</span>'
        f'</div></div><div class="reader-body">'
        f"{_contents_html(guide, language)}{guide_html(guide, language)}</div></aside>"
    )


def _contents_html(guide: Guide, language: Language) -> str:
    say = sayer(language)
    parts = []
    for section in guide.sections:
        if section.level == 2:
            below = "".join(f"<li>{_contents_link(guide, child)}</li>" for child in guide.children(section.index))
            parts.append(f"<li>{_contents_link(guide, section)}{f'<ul>{below}</ul>' if below else ''}</li>")
    return (
        f'<details class="contents"><summary>{say("contents")}</summary>'
        f'<nav aria-label="{say("contents")}" lang="{safe(guide.language)}"><ul>{"".join(parts)}</ul></nav></details>'
    )


def _contents_link(guide: Guide, section: Section) -> str:
    return f'<a href="#{safe(_address(guide, section))}">{safe(section.title.rstrip(" :"))}</a>'


def _address(guide: Guide, section: Section) -> str:
    own = guide.title_passage(section.index)
    return own.id if own else f"s-{section.index}"


def guide_html(guide: Guide, language: Language) -> str:
    """Return the whole guide. Each passage has its id and its place, so that cited words can be marked."""
    say = sayer(language)
    label = say("guide_text")
    parts: list[str] = []
    placed: set[int] = set()
    in_list = False
    for passage in guide.passages:
        section = guide.sections[passage.section]
        opening = _editorial_titles(guide, section, placed, language)
        if in_list and (passage.kind != "bullet" or opening):
            parts.append("</ul>")
            in_list = False
        parts.append(opening)
        if passage.is_title:
            placed.add(section.index)
            level = min(section.level + _DEEPER, _DEEPEST)
            parts.append(f'<h{level} class="level-{section.level}">{_passage_html(passage, say("anchor"))}</h{level}>')
            continue
        if passage.kind == "bullet" and not in_list:
            parts.append("<ul>")
            in_list = True
        tag = "li" if passage.kind == "bullet" else "p"
        parts.append(f"<{tag}>{_passage_html(passage, say('anchor'))}</{tag}>")
    if in_list:
        parts.append("</ul>")
    return (
        f'<div class="guide" lang="{safe(guide.language)}" role="region" aria-label="{label}" tabindex="0">'
        f'{"".join(parts)}<p class="publisher">{safe(guide.source)}</p></div>'
    )


def _editorial_titles(guide: Guide, section: Section, placed: set[int], language: Language) -> str:
    """Return the editorial titles above a passage that were not shown yet."""
    note = sayer(language)("editorial")
    html = ""
    for part in reversed([*guide.around(section.index)]):
        if part.editorial and part.index not in placed:
            placed.add(part.index)
            level = min(part.level + _DEEPER, _DEEPEST)
            html += (
                f'<h{level} class="editorial level-{part.level}" id="s-{part.index}" tabindex="-1">{safe(part.title)}'
                f' <small lang="{language}">{note}</small></h{level}>'
            )
    return html


def _passage_html(passage: Passage, anchor: str) -> str:
    return (
        f'<span class="passage" id="{safe(passage.id)}" data-start="{passage.start}" data-end="{passage.end}" '
        f'tabindex="-1">{safe(passage.text)}</span>'
        f'<a class="anchor" href="#{safe(passage.id)}" aria-label="{anchor}" title="{anchor}">{icon("link")}</a>'
    )


def place_text(titles: tuple[str, ...]) -> str:
    """Return where a passage stands, as readers see it: titles without numbers and brackets."""
    return " › ".join(tidy_title(title) for title in titles)
