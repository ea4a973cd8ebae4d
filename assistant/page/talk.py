"""The conversation as HTML: welcome, questions, answers with their markers, and what can be done with them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.page.check import check_html
from assistant.page.view import Say, markdown_html, narrow_spaces, safe, shortened, speak
from assistant.types import Answer, Citation, Language
from corpus import Guide

_MARKER = re.compile(r"\[(\d{1,3})\]")
State = Literal["answered", "searching", "stopped", "fault"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message and what came of it; `answer` is None unless `state` is « answered »."""

    question: str
    answer: Answer | None = None
    state: State = "answered"


def conversation_html(
    exchanges: Sequence[Exchange], guide: Guide, language: Language, starters: Iterable[str] = ()
) -> str:
    """Return the conversation: the welcome while it is empty, a log that is read out, questions to ask."""
    say = speak(language)
    articles = "".join(_exchange_html(i, exchange, guide, language) for i, exchange in enumerate(exchanges))
    last = exchanges[-1] if exchanges else None
    if last is None:
        offers = _offers_html(starters, say("examples"), language)
    elif last.answer is not None:
        heading = say("next" if last.answer.kind == "answer" else "instead")
        offers = _offers_html(last.answer.suggestions, heading, last.answer.language)
    else:
        offers = ""
    welcome = _welcome_html(guide, say) if last is None else ""
    return (
        f'<section class="conversation" aria-label="{say("conversation")}"><div class="welcome">{welcome}</div>'
        f'<div class="log" role="log" aria-live="polite" aria-label="{say("conversation")}">{articles}</div>'
        f'<div id="offers">{offers}</div><p class="sr" role="status">{_told(last, say)}</p></section>'
    )


def _welcome_html(guide: Guide, say: Say) -> str:
    return (
        f'<p class="lede">{say("subtitle")}</p>'
        f'<p class="about">{say("from")} <a href="#s-0" lang="{safe(guide.language)}">{safe(guide.title)}</a></p>'
        f'<p class="quiet">{say("publisher", source=guide.source)}</p><p class="quiet">{say("privacy")}</p>'
    )


def _offers_html(questions: Iterable[str], heading: str, language: Language) -> str:
    buttons = "".join(
        f'<li><button type="button" data-do="select" data-text="{safe(question)}">'
        f"{safe(narrow_spaces(question) if language == 'fr' else question)}</button></li>"
        for question in questions
    )
    return f'<h2>{heading}</h2><ul class="offers" lang="{language}">{buttons}</ul>' if buttons else ""


def _told(last: Exchange | None, say: Say) -> str:
    """Return the short sentence that a screen reader hears when the state changes."""
    if last is None:
        return ""
    if last.answer is None:
        return say("searching") if last.state == "searching" else ""
    count = len(last.answer.citations)
    if last.answer.kind == "answer":
        return say("told_answer_one") if count == 1 else say("told_answer", count=count)
    return say(f"told_{last.answer.kind}")


def _exchange_html(index: int, exchange: Exchange, guide: Guide, language: Language) -> str:
    say = speak(language)
    asked = (
        f'<article class="asked" id="q-{index}"><h2 class="who">{say("you")}</h2>'
        f'<p dir="auto">{safe(shortened(exchange.question))}</p></article>'
    )
    if exchange.answer is None:
        return asked + _state_html(exchange, say)
    return asked + _answered_html(index, exchange.question, exchange.answer, guide, language)


def _state_html(exchange: Exchange, say: Say) -> str:
    text = safe(shortened(exchange.question))
    if exchange.state == "searching":
        stop = f'<button type="button" class="quiet-button" data-do="stop">{say("stop")}</button>'
        return (
            f'<article class="pending"><span class="dots" aria-hidden="true"></span>{say("searching")} {stop}</article>'
        )
    again = f'<button type="button" class="quiet-button" data-do="retry" data-text="{text}">{say("retry")}</button>'
    return f'<article class="pending still">{say(exchange.state)} {again}</article>'


def _answered_html(index: int, question: str, answer: Answer, guide: Guide, language: Language) -> str:
    say = speak(language)
    understood = ""
    if answer.kind != "smalltalk" and answer.understood.split() != question.split():
        understood = f'<p class="understood">{say("understood", question=shortened(answer.understood, 300))}</p>'
    declined = f'<p class="declined">{say("declined")}</p>' if answer.kind == "decline" else ""
    tools = (
        f'<div class="tools"><button type="button" class="quiet-button" data-do="copy" '
        f'data-text="{safe(copied_text(answer, guide, language))}">{say("copy")}</button>'
        f'<button type="button" class="quiet-button latest" data-do="retry">{say("retry")}</button>'
        f'<button type="button" class="quiet-button latest" data-do="edit">{say("edit")}</button></div>'
    )
    checked = check_html(answer, guide, language) if answer.kind != "smalltalk" else ""
    return (
        f'<article class="answered {safe(answer.kind)}" id="a-{index}" data-cites="{safe(_places(answer, guide))}">'
        f'<h2 class="who">{say("assistant")}</h2>{understood}{declined}'
        f'<div class="words" lang="{answer.language}">{answer_html(answer, language)}</div>{checked}{tools}</article>'
    )


def answer_html(answer: Answer, language: Language) -> str:
    """Return an answer's Markdown as HTML; each marker [n] is a link to the words in the guide."""
    say = speak(language)
    by_number = {citation.number: citation for citation in answer.citations}

    def link(match: re.Match[str]) -> str:
        citation = by_number.get(int(match.group(1)))
        if citation is None:
            return match.group()
        return (
            f'<a class="marker" href="#{safe(citation.passage)}" data-number="{citation.number}" '
            f'data-quote="{safe(citation.quote)}" aria-label="{say("marker", number=citation.number)}">'
            f"{citation.number}</a>"
        )

    return _MARKER.sub(link, markdown_html(answer.text))


def _places(answer: Answer, guide: Guide) -> str:
    """Return where the citations stand inside their passages, as JSON for the guide's highlights."""
    places = []
    for citation in answer.citations:
        passage = guide.by_id.get(citation.passage)
        if passage is not None:
            start = citation.start - passage.start
            places.append([citation.number, passage.id, start, start + len(citation.quote)])
    return json.dumps(places)


def copied_text(answer: Answer, guide: Guide, language: Language) -> str:
    """Return an answer as plain text with its sources, ready for a note or a message."""
    say = speak(language)
    lines = [answer.text.replace("**", "").replace("<br>", " ").replace("\\", "")]
    if answer.citations:
        lines += ["", *(_source_line(citation) for citation in answer.citations)]
        lines += ["", say("source_line", title=guide.title), say("verbatim")]
    return "\n".join(lines)


def _source_line(citation: Citation) -> str:
    path = " › ".join(citation.section)
    return f"[{citation.number}] {path + ' : ' if path else ''}« {citation.quote} »"
