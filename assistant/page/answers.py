"""One exchange of the conversation as HTML: question, answer, sources, what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from assistant.page.check import check_html
from assistant.page.escape import safe, typographic
from assistant.page.feedback import feedback_html
from assistant.page.icons import icon
from assistant.page.messages import sayer
from assistant.page.reader import place_text
from assistant.page.words import words_html
from assistant.types import Answer, AnswerKind, Citation, Exchange, Language
from corpus import Guide, normal_form

FORMATS = (("docx", "Word"), ("pdf", "PDF"), ("markdown", "Markdown"))


def exchange_html(exchange: Exchange, key: int, guide: Guide, following: Sequence[str], language: Language) -> str:
    """Return an exchange. `key` tells it apart in the conversation; `following` are questions to ask next."""
    say = sayer(language)
    answer = exchange.answer
    judged = answer.kind != "smalltalk"
    return (
        f'<article class="exchange" data-key="{key}" aria-labelledby="asked-{key}">'
        f"{question_html(exchange.question, key, language)}"
        f'<div class="answered {safe(answer.kind)}"><h3 class="unseen">{say("assistant")}</h3>'
        f"{_understood_html(exchange, language)}"
        f'<div class="words" lang="{answer.language}">{words_html(answer, key, language)}</div>'
        f"{_sources_html(answer, guide, key, language)}{_related_html(answer, guide, language)}"
        f"{_tools_html(key, answer.kind, language) if judged else ''}</div>"
        f"{following_html(following, answer.language, language)}"
        f"{check_html(exchange, key, guide, language) if judged else ''}</article>"
    )


def question_html(question: str, key: int, language: Language) -> str:
    """Return what was asked, as the heading of its exchange."""
    say = sayer(language)
    return (
        f'<div class="asked"><h2 id="asked-{key}" tabindex="-1"><span class="unseen">{say("you")} </span>'
        f"{safe(question)}</h2>"
        f'<button type="button" class="plain" data-do="edit" aria-label="{say("edit")}" title="{say("edit")}">'
        f"{icon('edit')}</button></div>"
    )


def following_html(questions: Sequence[str], spoken: Language, language: Language) -> str:
    """Return the questions to ask next, as buttons; they speak the answer's language (`spoken`), not the page's."""
    if not questions:
        return ""
    return f'<div class="following"><h3>{sayer(language)("next")}</h3>{question_buttons(questions, spoken)}</div>'


def question_buttons(questions: Sequence[str], spoken: Language) -> str:
    """Return questions that are asked with a click."""
    items = (
        f'<li><button type="button" class="offer" data-do="ask">{safe(typographic(question))}</button></li>'
        for question in questions
    )
    return f'<ul class="offers" lang="{spoken}">{"".join(items)}</ul>'


def understood_otherwise(exchange: Exchange) -> bool:
    """Tell whether another question than the one typed was searched."""
    answer = exchange.answer
    return answer.kind != "smalltalk" and normal_form(answer.understood) != normal_form(exchange.question)


def _understood_html(exchange: Exchange, language: Language) -> str:
    if not understood_otherwise(exchange):
        return ""
    understood = exchange.answer.understood
    return f'<p class="understood">{sayer(language)("understood", question=understood)}</p>'


def _sources_html(answer: Answer, guide: Guide, key: int, language: Language) -> str:
    """Return where each cited passage stands; the words themselves are in the answer and in the tooltips."""
    if not answer.citations:
        return ""
    say = sayer(language)
    items = ""
    for _, group in groupby(answer.citations, key=lambda citation: citation.section):
        cited = list(group)
        links = " ".join(
            f'<a class="source" href="#{safe(c.passage)}" data-number="{c.number}" '
            f'aria-label="{say("marker", number=c.number)}"><span class="number">{c.number}</span></a>'
            for c in cited
        )
        tips = "".join(_tip_html(citation, guide, key) for citation in cited)
        items += (
            f'<li>{links}<span class="place" lang="{safe(guide.language)}">{_place(cited[0], guide)}</span>{tips}</li>'
        )
    return f'<section class="sources" aria-label="{say("sources")}"><h3>{say("sources")}</h3><ul>{items}</ul></section>'


def _tip_html(citation: Citation, guide: Guide, key: int) -> str:
    translated = f'<span class="translation" lang="en">{safe(citation.translation)}</span>'
    return (
        f'<span role="tooltip" class="tip" id="tip-{key}-{citation.number}" data-start="{citation.start}" '
        f'data-end="{citation.end}" lang="{safe(guide.language)}" hidden><span class="quote">'
        f"{safe(citation.quote)}</span>{translated if citation.translation else ''}"
        f'<span class="place">{_place(citation, guide)}</span></span>'
    )


def _related_html(answer: Answer, guide: Guide, language: Language) -> str:
    if not answer.related:
        return ""
    say = sayer(language)
    items = "".join(
        f'<li><a class="near" href="#{safe(citation.passage)}" lang="{safe(guide.language)}">{_place(citation, guide)}'
        f'</a><p class="quote" lang="{safe(guide.language)}">{safe(citation.quote)}</p>'
        + (f'<p class="translation" lang="en">{safe(citation.translation)}</p>' if citation.translation else "")
        + "</li>"
        for citation in answer.related
    )
    return (
        f'<section class="related" aria-label="{say("related")}"><h3>{say("related")}</h3>'
        f'<p class="note">{say("related_note")}</p><ul>{items}</ul></section>'
    )


def _place(citation: Citation, guide: Guide) -> str:
    return safe(place_text(citation.section) or guide.title)


def _tools_html(key: int, kind: AnswerKind, language: Language) -> str:
    say = sayer(language)

    def tool(action: str, symbol: str, extra: str = "") -> str:
        return (
            f'<button type="button" class="quiet-button" data-do="{action}"{extra}>{icon(symbol)}'
            f"<span>{say(action)}</span></button>"
        )

    dialog = ' aria-haspopup="dialog"'
    return (
        f'<div class="tools" role="group" aria-label="{say("tools")}">'
        f"{tool('check', 'check', dialog)}{tool('copy', 'copy')}{export_menu(language)}"
        f"{feedback_html(key, kind, language)}</div>"
    )


def export_menu(language: Language) -> str:
    """Return the formats in which an answer or the whole conversation can be taken along."""
    say = sayer(language)
    items = "".join(
        f'<li><button type="button" data-do="export" data-format="{name}">{label}</button></li>'
        for name, label in FORMATS
    )
    return (
        f'<details class="menu"><summary class="quiet-button">{icon("export")}<span>{say("export")}</span></summary>'
        f"<ul>{items}</ul></details>"
    )
