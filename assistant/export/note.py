"""What every export says, whatever its format: a `Note`, made once of exchanges and guide.

All texts in a note are clean; formats lay it out and add nothing but their own escapes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from assistant.export.clean import clean, one_line
from assistant.export.reading import Block, read_answer
from assistant.messages import load_catalogue
from assistant.types import AnswerKind, Citation, Exchange, Language
from corpus import Guide

CATALOGUE_FOLDER = Path(__file__).parent / "catalogue"
# A heading that would fill half a page is none: the question then stands below it.
LONGEST_HEADING = 200
# The longest that a setting lets a question be, and far above any answer; what is cut is told.
MAX_QUESTION = 20_000
MAX_TEXT = 50_000
MAX_TITLE = 400
MAX_LEVELS = 12
EDITION_DIGITS = 12
# What files name as their maker: never a person or a machine.
PROGRAM = "guide-assistant"
TAGS = {"fr": "fr-FR", "en": "en-GB"}


@dataclass(frozen=True, slots=True)
class Source:
    """A passage as an export shows it: a numbered source, or reading without a number.

    `anchor` names it within the file; `path` and `quote` are the guide's words, `quote` without marks.
    """

    number: int | None
    anchor: str
    path: str
    quote: str
    translation: str
    place: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One exchange of a note; `heading` is the question when it is short, else `question` holds it."""

    heading: str
    question: str
    understood: str
    kind: AnswerKind
    language: Language
    answer_title: str
    blocks: tuple[Block, ...]
    sources: tuple[Source, ...]
    related: tuple[Source, ...]

    def anchor_of(self, number: int) -> str:
        """Return the anchor of a source of this exchange."""
        return next(source.anchor for source in self.sources if source.number == number)


@dataclass(frozen=True, slots=True)
class Note:
    """A whole export: title, facts (label and value), exchanges, and the notices that end it."""

    title: str
    subject: str
    language: Language
    guide_language: str
    when: datetime
    facts: tuple[tuple[str, str], ...]
    entries: tuple[Entry, ...]
    notices: tuple[str, ...]

    def say(self, key: str, **values: object) -> str:
        """Return a message of the exports' catalogue in the note's language."""
        return say(self.language, key, **values)


def say(language: Language, key: str, **values: object) -> str:
    """Return a message of the exports' catalogue."""
    return load_catalogue(CATALOGUE_FOLDER).text(language, key, **values)


def clip(text: str, limit: int, language: Language) -> str:
    """Return a clean text of `limit` characters at most; a cut is told in its place."""
    if len(text) <= limit:
        return clean(text)
    return f"{clean(text[:limit]).rstrip()} {say(language, 'cut', count=len(text) - limit)}"


def written_date(when: datetime, language: Language) -> str:
    """Return date and time in words, as on the clock that `when` was read from."""
    day = say(language, "first_day") if when.day == 1 else str(when.day)
    return say(
        language,
        "when",
        weekday=say(language, "weekdays").split()[when.weekday()],
        day=day,
        month=say(language, "months").split()[when.month - 1],
        year=when.year,
        hour=when.hour if language == "fr" else f"{when.hour:02}",
        minute=f"{when.minute:02}",
    )


def make_note(
    exchanges: Sequence[Exchange], guide: Guide, language: Language, when: datetime, index_version: str = ""
) -> Note:
    """Return what an export of exchanges says."""
    numbered = len(exchanges) > 1
    entries = tuple(
        _entry(exchange, place if numbered else 0, place, language) for place, exchange in enumerate(exchanges, start=1)
    )
    facts = [
        (say(language, "guide"), one_line(guide.title)),
        (say(language, "source"), one_line(guide.source)),
        (say(language, "edition"), say(language, "edition_value", digest=guide.digest[:EDITION_DIGITS])),
        (say(language, "date"), written_date(when, language)),
    ]
    if index_version:
        facts.append((say(language, "index"), one_line(index_version)[:64]))
    return Note(
        title=say(language, "title"),
        subject=one_line(exchanges[0].question[:MAX_QUESTION])[:LONGEST_HEADING],
        language=language,
        guide_language=guide.language,
        when=when,
        facts=tuple((label, value) for label, value in facts if value),
        entries=entries,
        notices=_notices(exchanges, entries, language),
    )


def _entry(exchange: Exchange, shown_number: int, place: int, language: Language) -> Entry:
    answer = exchange.answer
    asked = one_line(clip(exchange.question, MAX_QUESTION, language))
    short = 0 < len(asked) <= LONGEST_HEADING
    heading = asked if short else say(language, "question")
    if shown_number:
        heading = say(language, "numbered", number=shown_number, heading=heading)
    understood = ""
    searched = one_line(clip(answer.understood, MAX_QUESTION, language))
    if answer.kind != "smalltalk" and searched != asked:
        understood = say(language, "understood", question=searched)
    return Entry(
        heading=heading,
        question="" if short else clip(exchange.question, MAX_QUESTION, language),
        understood=understood,
        kind=answer.kind,
        language=answer.language,
        answer_title=say(language, f"title_{answer.kind}"),
        blocks=read_answer(
            clip(answer.text, MAX_TEXT, language), frozenset(citation.number for citation in answer.citations)
        ),
        sources=tuple(_source(c, f"source_{place}_{c.number}", c.number, language) for c in answer.citations),
        related=tuple(_source(c, f"lecture_{place}_{c.number}", None, language) for c in answer.related),
    )


def _source(citation: Citation, anchor: str, number: int | None, language: Language) -> Source:
    translation = ""
    if citation.translation:
        text = one_line(clip(citation.translation, MAX_TEXT, language))
        translation = say(language, "translation", text=text)
    return Source(
        number=number,
        anchor=anchor,
        path=" › ".join(one_line(clip(title, MAX_TITLE, language)) for title in citation.section[:MAX_LEVELS])
        or one_line(citation.guide[:MAX_TITLE]),
        quote=clip(citation.quote, MAX_TEXT, language),
        translation=translation,
        place=say(
            language, "place", passage=one_line(citation.passage[:MAX_TITLE]), start=citation.start, end=citation.end
        ).strip(" ·"),
    )


def _notices(exchanges: Sequence[Exchange], entries: Sequence[Entry], language: Language) -> tuple[str, ...]:
    shown = [source for entry in entries for source in (*entry.sources, *entry.related)]
    chosen = ["notice_verbatim"]
    if any(exchange.answer.mode == "generative" for exchange in exchanges):
        chosen.append("notice_generative")
    if any("[" in source.path for source in shown):
        chosen.append("notice_editorial")
    if language == "en" or any(source.translation for source in shown):
        chosen.append("notice_translation")
    return tuple(say(language, key) for key in chosen)
