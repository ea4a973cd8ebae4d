"""An answer as plain text: what is copied with its sources, and what is announced to those who listen."""

from __future__ import annotations

import re

from assistant.compose.extractive import unescape_markdown
from assistant.markdown import TABLE_RULE
from assistant.page.escape import visible
from assistant.page.messages import page_catalogue
from assistant.page.reader import place_text
from assistant.types import Answer, Exchange, Language
from corpus import Guide

_MARKER = re.compile(r"(?<!\\)\s?\[\d{1,4}\]")
LONGEST_ANNOUNCED = 700


def plain(markdown: str) -> str:
    """Return an answer's Markdown as plain text; its markers stay."""
    text = visible(markdown).replace("<br>", " ")
    text = re.sub(r"(?<!\\)\*\*?", "", TABLE_RULE.sub("", text))
    text = re.sub(r"\s*(?<!\\)\|\s*", " | ", text).replace("\n | ", "\n").replace(" | \n", "\n")
    return re.sub(r"\n{3,}", "\n\n", unescape_markdown(text)).strip(" |\n")


def copied(exchange: Exchange, guide: Guide) -> str:
    """Return question and answer with their numbered sources, to be pasted into a note."""
    answer = exchange.answer
    say = page_catalogue().text
    lines = [visible(exchange.question), "", plain(answer.text)]
    if answer.citations:
        lines += ["", say(answer.language, "copy_sources", title=guide.title)]
        lines += [f"[{c.number}] {place_text(c.section) or guide.title}" for c in answer.citations]
        lines += ["", say(answer.language, "copy_note")]
    return "\n".join(lines)


def announced(answer: Answer, language: Language) -> str:
    """Return what is read aloud, once, when an answer has come."""
    text = _MARKER.sub("", plain(answer.text))
    if len(text) > LONGEST_ANNOUNCED:
        text = text[:LONGEST_ANNOUNCED].rsplit(" ", 1)[0] + "…"
    return page_catalogue().text(language, f"announce_{answer.kind}", count=len(answer.citations), text=text)
