"""The claims of an answer and whether their citations support them (`faithful`).

A claim is a stretch of text that ends in markers [n], or a sentence without any. In extractive mode
a claim is supported when its words are the cited quote's (or its translation's). In generative mode
words may differ: a claim is supported when 60 % of its content words and all its numbers stand in the
cited quotes. That is a lexical test: it finds invention, not subtle distortion.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpus import folded, normal_form

LEXICAL_SUPPORT = 0.6
_MARKERS = re.compile(r"(?:\s*(?<!\\)\[\d+\])+")
_NUMBER = re.compile(r"\[(\d+)\]")
_LINE_MARK = re.compile(r"^\s*(?:[-*+>]\s+|#{1,6}\s+|\d+[.)]\s+)+")
_TABLE_RULE = re.compile(r"^\s*\|?(?:\s*:?-{3,}:?\s*\|?)+\s*$")
_ESCAPED = re.compile(r"\\([\\`*_\[\]<>|#~])")
_WORD = re.compile(r"[^\W_]+")
_SHORTEST_SENTENCE = 4
_EDGES = " \t«»“”\"'*_.…;,:–-"


@dataclass(frozen=True, slots=True)
class Claim:
    """Words of an answer and the numbers of the citations that they point to (none when unmarked)."""

    words: str
    numbers: tuple[int, ...]


def claims(text: str, framing: Sequence[re.Pattern[str]] = ()) -> list[Claim]:
    """Return the claims of an answer's Markdown.

    Passed over: titles, lines that end in a colon, lines all in italics (translations, notes), the heads
    and first columns of tables, and what matches a pattern of `framing` (the assistant's own phrases).
    """
    found: list[Claim] = []
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if not line.strip() or _TABLE_RULE.match(line):
            continue
        if line.lstrip().startswith("|"):
            head = number + 1 < len(lines) and _TABLE_RULE.match(lines[number + 1])
            if not head:
                for cell in re.split(r"(?<!\\)\||<br\s*/?>", line):
                    found.extend(claim for claim in _of_line(cell, framing) if claim.numbers)
            continue
        if line.lstrip().startswith("#"):
            continue
        found.extend(_of_line(line, framing))
    return found


def _of_line(line: str, framing: Sequence[re.Pattern[str]]) -> list[Claim]:
    body = _LINE_MARK.sub("", line).strip()
    found: list[Claim] = []
    at = 0
    for marks in _MARKERS.finditer(body):
        words = _plain(body[at : marks.start()])
        if words:
            found.append(Claim(words, tuple(int(n) for n in _NUMBER.findall(marks.group()))))
        at = marks.end()
    rest = body[at:].strip()
    if rest and not _is_framing(rest, framing):
        found.append(Claim(_plain(rest), ()))
    return found


def _is_framing(text: str, framing: Sequence[re.Pattern[str]]) -> bool:
    if text.rstrip("*_ ").endswith(":") or re.fullmatch(r"(\*{1,3}|_{1,3})(?!\s).*(?<!\s)\1", text):
        return True
    if len(_WORD.findall(text)) < _SHORTEST_SENTENCE:
        return True
    return any(pattern.fullmatch(text) for pattern in framing)


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text).strip()


def message_patterns(messages: Mapping[str, str], prefixes: Sequence[str]) -> list[re.Pattern[str]]:
    """Turn messages with `{variables}` into patterns; only keys that start with one of `prefixes`."""
    patterns = []
    for key, message in messages.items():
        if key.startswith(tuple(prefixes)):
            parts = re.split(r"\{\w+\}", message)
            patterns.append(re.compile(".+?".join(re.escape(part) for part in parts), re.DOTALL))
    return patterns


def supported(claim: Claim, sources: Mapping[int, Sequence[str]], *, extractive: bool) -> bool:
    """Tell whether the sources of a claim support it.

    `sources` maps a citation's number to its texts: the quote and, where there is one, its translation.
    """
    texts = [text for number in claim.numbers for text in sources.get(number, ())]
    if not texts:
        return False
    words = normal_form(claim.words).strip(_EDGES)
    if any(words in normal_form(text) for text in texts):
        return True
    if extractive:
        # A guide's own title may stand before the quote: « Définition : … ».
        return any(words.endswith(normal_form(text).strip(_EDGES)) and ":" in words for text in texts)
    return _lexically_supported(claim.words, texts)


def _lexically_supported(words: str, texts: Sequence[str]) -> bool:
    wanted = _content(words)
    known = set().union(*(_content(text) for text in texts))
    if any(word.isdigit() and word not in known for word in wanted):
        return False
    return not wanted or len(wanted & known) / len(wanted) >= LEXICAL_SUPPORT


def _content(text: str) -> set[str]:
    words = _WORD.findall(folded(text))
    return {word if word.isdigit() else word[:6] for word in words if len(word) > 3 or word.isdigit()}
