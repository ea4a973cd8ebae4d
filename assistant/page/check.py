"""The view « Vérifier »: each claim beside the words that bear it, and what led to the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assistant.compose.extractive import escape_markdown, unescape_markdown
from assistant.markdown import TABLE_RULE
from assistant.page.escape import safe
from assistant.page.icons import icon
from assistant.page.messages import page_catalogue, sayer
from assistant.page.reader import place_text
from assistant.types import Answer, Citation, Exchange, Language
from corpus import Guide, normal_form

_MARKER = re.compile(r"(?<!\\)\[(\d{1,4})\]")
_BULLET = re.compile(r"^\s*[-*]\s+")
_CELLS = re.compile(r"(?<!\\)\|")
# What a level of confidence is called; calibrated shares, so the words mean what they say.
LEVELS = ((0.9, "sure"), (0.7, "likely"), (0.4, "unsure"), (0.0, "unlikely"))
MOST_PARTS = 3


@dataclass(frozen=True, slots=True)
class Claim:
    """One piece of an answer: its words without markup, the citations it carries, and whether it is exact.

    Exact: the words of every citation stand in it character for character, and stand so in the guide.
    """

    text: str
    citations: tuple[Citation, ...]
    exact: bool


def claims(answer: Answer, guide: Guide) -> tuple[Claim, ...]:
    """Return the pieces of an answer, in reading order; a piece ends where its markers do."""
    by_number = {citation.number: citation for citation in answer.citations}
    found = []
    for piece in _pieces(answer.text):
        cited = tuple(by_number[int(n)] for n in _MARKER.findall(piece) if int(n) in by_number)
        exact = bool(cited) and all(
            guide.text[c.start : c.end] == c.quote and escape_markdown(c.quote) in piece for c in cited
        )
        found.append(Claim(_plain(piece), cited, exact))
    return tuple(claim for claim in found if claim.text)


def _pieces(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if TABLE_RULE.match(line):
            continue
        cells = _CELLS.split(line)[1:-1] if line.lstrip().startswith("|") else [line]
        for cell in cells:
            for part in cell.split("<br>"):
                marks = list(_MARKER.finditer(part))
                start = 0
                for mark, after in zip(marks, [*marks[1:], None], strict=False):
                    # Markers that follow each other belong to one claim.
                    if after is not None and not part[mark.end() : after.start()].strip(" ,"):
                        continue
                    yield part[start : mark.end()]
                    start = mark.end()
                if part[start:].strip(" .") and not marks:
                    yield part


def _plain(piece: str) -> str:
    words = _MARKER.sub("", _BULLET.sub("", piece)).replace("**", "")
    return unescape_markdown(words).strip(" *|")


def level(confidence: float) -> str:
    """Return the name of a level of confidence."""
    return next(name for least, name in LEVELS if confidence >= least)


def check_html(exchange: Exchange, key: int, guide: Guide, language: Language) -> str:
    """Return the content of the view, kept hidden beside its answer until it is asked for."""
    say = sayer(language)
    answer = exchange.answer
    same = normal_form(answer.understood) == normal_form(exchange.question)
    understood = say("check_same") if same else safe(answer.understood)
    return (
        f'<template class="check" data-key="{key}"><h2 id="check-title" tabindex="-1">{say("check_title")}</h2>'
        f'<dl class="facts"><div><dt>{say("check_asked")}</dt><dd>{safe(exchange.question)}</dd></div>'
        f"<div><dt>{say('check_understood')}</dt><dd>{understood}</dd></div>"
        f"<div><dt>{say('check_confidence')}</dt><dd>{_confidence_html(answer, language)}</dd></div>"
        f"<div><dt>{say('check_reason')}</dt><dd>{_reason(answer, language)}</dd></div></dl>"
        f"{_claims_html(answer, guide, language)}{_passages_html(answer, guide, language)}"
        f"{_timings_html(answer, language)}"
        f'<p class="form-actions"><button type="button" class="primary" data-do="report">{say("report")}</button></p>'
        "</template>"
    )


def _confidence_html(answer: Answer, language: Language) -> str:
    say = sayer(language)
    percent = round(answer.confidence * 100)
    return (
        f'<span class="meter" aria-hidden="true"><span style="width:{percent}%"></span></span> '
        f'{say(f"level_{level(answer.confidence)}")} <span class="figure">{say("percent", value=percent)}</span>'
    )


def _reason(answer: Answer, language: Language) -> str:
    key = "reason_" + re.sub(r"[^a-z]+", "_", answer.trace.reason.lower()).strip("_")
    known = page_catalogue().all_of(language).get(key)
    return safe(known or answer.trace.reason) or sayer(language)("reason_none")


def _claims_html(answer: Answer, guide: Guide, language: Language) -> str:
    say = sayer(language)
    shown = [claim for claim in claims(answer, guide) if claim.citations]
    if not shown:
        return f'<h3>{say("check_claims")}</h3><p class="note">{say("check_no_claims")}</p>'
    rows = "".join(_claim_html(claim, guide, answer.language, language) for claim in shown)
    return (
        f'<h3>{say("check_claims")}</h3><div class="scroll" tabindex="0" role="region" '
        f'aria-label="{say("check_claims")}">'
        f'<table class="claims"><thead><tr><th scope="col">{say("check_claim")}</th>'
        f'<th scope="col">{say("check_words")}</th><th scope="col">{say("check_verdict")}</th>'
        f"</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _claim_html(claim: Claim, guide: Guide, spoken: Language, language: Language) -> str:
    say = sayer(language)
    tongue = safe(guide.language)
    words = "".join(
        f'<p><a class="source" href="#{safe(c.passage)}" data-number="{c.number}"><span class="number">{c.number}'
        f'</span> <span class="place" lang="{tongue}">{safe(place_text(c.section) or guide.title)}</span></a></p>'
        f'<p class="quote" lang="{tongue}">{safe(guide.text[c.start : c.end])}</p>'
        for c in claim.citations
    )
    verdict = "exact" if claim.exact else "reworded"
    symbol = icon("check") if claim.exact else icon("search")
    return (
        f'<tr class="{verdict}"><td lang="{spoken}">{safe(claim.text)}</td><td>{words}</td>'
        f'<td><span class="verdict">{symbol}<span>{say(f"verdict_{verdict}")}</span></span></td></tr>'
    )


def _passages_html(answer: Answer, guide: Guide, language: Language) -> str:
    say = sayer(language)
    rows = "".join(_passage_html(row, guide, language) for row in answer.trace.passages)
    if not rows:
        return ""
    return (
        f'<h3>{say("check_passages")}</h3><p class="note">{say("check_passages_note")}</p>'
        f'<div class="scroll" tabindex="0" role="region" '
        f'aria-label="{say("check_passages")}"><table class="scores"><thead>'
        f'<tr><th scope="col">{say("check_passage")}</th><th scope="col">{say("check_score")}</th>'
        f'<th scope="col">{say("check_parts")}</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _passage_html(row: dict[str, Any], guide: Guide, language: Language) -> str:
    say = sayer(language)
    passage = guide.by_id.get(str(row.get("id", "")))
    if passage is None:
        return ""
    score = float(row.get("score", 0.0))
    parts = row.get("parts") or {}
    strongest = sorted(parts.items(), key=lambda part: -float(part[1]))[:MOST_PARTS]
    made = ", ".join(f"{_part(name, language)}\u00a0{_number(float(value), language)}" for name, value in strongest)
    chosen = f' <span class="chosen">{say("check_selected")}</span>' if row.get("selected") else ""
    return (
        f'<tr><td><a class="near" href="#{safe(passage.id)}" lang="{safe(guide.language)}">'
        f"{safe(place_text(passage.titles) or guide.title)}</a>{chosen}"
        f'<p class="quote" lang="{safe(guide.language)}">{safe(passage.text)}</p></td>'
        f'<td><span class="meter" aria-hidden="true"><span style="width:{max(0, min(100, round(score * 100)))}%">'
        f'</span></span><span class="figure">{_number(score, language)}</span></td><td>{made}</td></tr>'
    )


def _part(name: str, language: Language) -> str:
    return safe(page_catalogue().all_of(language).get(f"part_{name}", name))


def _number(value: float, language: Language) -> str:
    text = f"{value:.2f}"
    return text.replace(".", ",").replace("-", "−") if language == "fr" else text.replace("-", "−")


def _timings_html(answer: Answer, language: Language) -> str:
    steps = answer.trace.timings_ms
    if not steps:
        return ""
    total = sum(float(value) for value in steps.values())
    shown = f"{total:.0f}" if total >= 1 else "<1"
    return f'<p class="note">{sayer(language)("check_time", value=shown)}</p>'
