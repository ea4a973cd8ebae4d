"""An answer's Markdown as HTML: the guide's words told apart, each marker a link to their place."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from assistant.compose.extractive import escape_markdown
from assistant.markdown import answer_parser
from assistant.messages import load_catalogue
from assistant.page.escape import safe, spaced, visible
from assistant.page.messages import sayer
from assistant.types import Answer, Citation, Language

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

# Quotes and markers are taken out before Markdown is read and put back after: the guide's own brackets
# and signs can then mean nothing. The stand-ins are private characters, which `visible` drops.
_QUOTE, _MARK, _END = "\ue000", "\ue001", "\ue002"
_MARKER = re.compile(r"(?<!\\)\[(\d{1,4})\]")
_TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
_ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
_CELL = re.compile(r"<t[hd][^>]*>(.*?)</t[hd]>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    return answer_parser("heading", "lheading", "fence", "code")


def words_html(answer: Answer, key: int, language: Language) -> str:
    """Return an answer's text as HTML. `key` tells the exchanges of a conversation apart."""
    by_number = {citation.number: citation for citation in answer.citations}
    text = _with_stand_ins(answer, by_number)
    html = _markdown().render(text)
    html = _TABLE.sub(lambda match: _table_html(match.group(), language), html)
    for number, citation in by_number.items():
        html = html.replace(f"{_QUOTE}{number}{_END}", quote_html(citation))
        html = html.replace(f"{_MARK}{number}{_END}", marker_html(citation, key, language))
    return html


def _with_stand_ins(answer: Answer, by_number: dict[int, Citation]) -> str:
    say = load_catalogue().text
    text = visible(answer.text)
    for citation in sorted(by_number.values(), key=lambda c: -len(c.quote)):
        words = escape_markdown(visible(citation.quote))
        stand_in = f"{_QUOTE}{citation.number}{_END}"
        quoted = say(answer.language, "quote", quote=words)
        if quoted in text:
            text = text.replace(quoted, say(answer.language, "quote", quote=stand_in))
        else:
            text = text.replace(words, stand_in)

    def mark(match: re.Match[str]) -> str:
        number = int(match.group(1))
        return f"{_MARK}{number}{_END}" if number in by_number else match.group()

    if answer.language == "fr":
        text = spaced(text)
    # The space before a marker must not let it fall alone onto the next line.
    return re.sub(f" (?={_MARK})", "\u00a0", _MARKER.sub(mark, text))


def quote_html(citation: Citation) -> str:
    """Return the guide's words as they stand in an answer."""
    return f'<span class="quote" lang="fr">{safe(citation.quote)}</span>'


def marker_html(citation: Citation, key: int, language: Language) -> str:
    """Return a marker: a link to the words' place, described by the tooltip that shows them."""
    label = sayer(language)("marker", number=citation.number)
    return (
        f'<a class="marker" href="#{safe(citation.passage)}" data-number="{citation.number}" '
        f'aria-label="{label}" aria-describedby="tip-{key}-{citation.number}">{citation.number}</a>'
    )


def _paragraphs(cell: str) -> str:
    """Return a cell's quotes, each as a paragraph."""
    return "".join(f"<p>{part}</p>" for part in cell.split("&lt;br&gt;"))


def _table_html(table: str, language: Language) -> str:
    """Return a table whose rows carry their headings, so that a phone can show it as a list."""
    rows = [_CELL.findall(row) for row in _ROW.findall(table)]
    head, body = rows[0], rows[1:]
    columns = "".join(f'<th scope="col" role="columnheader">{cell}</th>' for cell in head)
    lines = []
    for first, *rest in body:
        cells = "".join(
            f'<td role="cell" data-label="{_TAG.sub("", label)}">{_paragraphs(cell)}</td>'
            for label, cell in zip(head[1:], rest, strict=False)
        )
        lines.append(f'<tr role="row"><th scope="row" role="rowheader">{first}</th>{cells}</tr>')
    return (
        f'<div class="table" role="region" tabindex="0" aria-label="{sayer(language)("table")}"><table role="table">'
        f'<thead role="rowgroup"><tr role="row">{columns}</tr></thead>'
        f'<tbody role="rowgroup">{"".join(lines)}</tbody></table></div>'
    )
