"""The ways to read a message: alone, or completed by the last exchange. Which is meant is `choice`'s work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from assistant.compose.extractive import tidy_title
from assistant.dialogue.cues import SHORT, Cues, bare, cues_of, has_words, without_ordinal
from assistant.dialogue.history import Topic
from assistant.dialogue.topics import Topics
from corpus import Guide, Passage
from index.context import Query, context_of
from index.ranking.asked import asks_for

# A longer message carries its own topic; a story of a situation is read alone.
MOST_WORDS = 24
MOST_POINTED = 14
# A message of so many words, none of which ties it to others, is a question of its own or one in context.
WHOLE_QUESTION = 8
_CLIP = 160
Item = TypeVar("Item")
ORIGINS = (
    "alone", "context", "facet", "ordinal", "pointed", "ordinal_earlier", "pointed_earlier", "again", "others",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a message, as a standalone question.

    `origin` is one of `ORIGINS`. `passages` are cited as they are (an answer asked for again, a point of a
    list); `without` are left out of the search's choice (« quoi d'autre ? »). `query` is what is
    searched: the question, or the message with what was said before it, which the encoder was taught to read
    together.
    """

    question: str
    origin: str
    passages: tuple[Passage, ...] = ()
    without: tuple[Passage, ...] = ()
    message: str = ""
    context: str = ""

    @property
    def query(self) -> Query:
        """Return what is searched for this reading."""
        return Query(" ".join((self.message or self.question).split()), self.context)

    @property
    def continues(self) -> bool:
        """Tell whether the reading ties the message to what was said before."""
        return self.origin != "alone"


def readings(message: str, topic: Topic | None, topics: Topics, guide: Guide) -> tuple[Reading, ...]:
    """Return the distinct ways to understand a message, the message alone first."""
    alone = Reading(message, "alone")
    cues = cues_of(message)
    if topic is None or not cues.words or cues.words > MOST_WORDS:
        return (alone,)
    if cues.words >= WHOLE_QUESTION and not cues.tied:
        return alone, _in_context(message, topic, topics)
    if cues.only_again:
        return alone, Reading(topic.question, "again", passages=topic.cited)
    asked = _facet_asked(cues, topic, topics, guide)
    if asked is not None:
        return (alone, asked)
    found = [alone, *_pointed(message, cues, topic, guide)]
    if not any(reading.origin == "ordinal" for reading in found):
        # What was listed is not in the context: « la deuxième » can only be counted.
        read = _in_context(message, topic, topics)
        # What was told is never « un autre ».
        found.append(replace(read, without=topic.told) if cues.only_others else read)
    if cues.others:
        found.append(Reading(topic.question, "others", without=topic.told))
    unique: dict[tuple[Query, tuple[Passage, ...], tuple[Passage, ...]], Reading] = {}
    for reading in found:
        unique.setdefault((reading.query, reading.passages, reading.without), reading)
    return tuple(unique.values())


def _in_context(message: str, topic: Topic, topics: Topics) -> Reading:
    """Return the reading of a message together with what was said before it."""
    home = topics.home(topic.cited)
    cues, facet = cues_of(message), topics.shared_facet(topic.cited).lower()
    # A question that was itself understood in context carries its own note, which is not repeated in another.
    about = topics.name(home) if home is not None else topic.question.partition(" (")[0].strip(" ?!.…")
    asked = bare(message)
    if not has_words(asked):
        shown = f"{about}, {facet}" if facet else about
    elif home is not None and topics.is_apart(topics.named(cues.plain), home):
        shown = asked
    else:
        # « Why? » and « how much? » ask about the facet that was told; « how to succeed? » has left it.
        kept = bool(facet) and (cues.why or bool(asks_for(message))) and not topics.mentions_facet(cues.plain)
        shown = f"{asked} ({about}, {facet})" if kept else f"{asked} ({about})"
    return Reading(shown, "context", message=message, context=context_of(topic.question, topic.cited))


def _facet_section(cues: Cues, topic: Topic, topics: Topics) -> int | None:
    """Return the facet that a message names and nothing else, or leaves out while it names another part only.

    After a comparison, « la première, son objectif ? » asks for a facet of the first part compared.
    """
    # « Le deuxième facteur » counts what stands in a facet, not the parts.
    if cues.ordinal is not None and not topics.mentions_facet(cues.counted):
        part = _counted(cues.ordinal, topics.told_by_facets(topic.cited))
        if part is not None and (asked := topics.facet_mentioned(cues.plain, part)) is not None:
            return asked
    home = topics.home(topic.cited)
    if home is not None and (asked := topics.facet_asked(cues.plain, home)) is not None:
        return asked
    return topics.facet_of_named(cues.plain, topics.shared_facet(topic.cited))


def _facet_asked(cues: Cues, topic: Topic, topics: Topics, guide: Guide) -> Reading | None:
    """Return the reading of « et les inconvénients ? » or « et de faire corps ? » after another facet or part."""
    section = _facet_section(cues, topic, topics)
    parent = guide.sections[section].parent if section is not None else None
    if section is None or parent is None:
        return None
    question = f"{topics.name(section)} : {topics.name(parent)}"
    return Reading(question, "facet", passages=tuple(guide.passages_of(section)))


def cannot_stand_alone(cues: Cues, topic: Topic, topics: Topics) -> bool:
    """Tell whether a message cannot stand alone: it asks for the answer again, or for a facet of a part unnamed."""
    home = topics.home(topic.cited)
    if cues.only_again or _facet_section(cues, topic, topics) is not None:
        return True
    short = cues.words <= SHORT or topics.mentions_facet(cues.plain)
    return (
        home is not None and topics.has_facets(home) and cues.starts and short and cues.words < WHOLE_QUESTION
        and not (cues.why or cues.again or cues.others or cues.example) and topics.named(cues.plain) is None
    )  # fmt: skip


def _pointed(message: str, cues: Cues, topic: Topic, guide: Guide) -> list[Reading]:
    """Return readings of « la deuxième », « le dernier point »: the point itself, and what is asked of it."""
    found = []
    said = bare(message)
    rest = without_ordinal(said)
    for cited, suffix in ((topic.cited, ""), (topic.listed, "_earlier")):
        target = _target(cues, cited)
        if target is None:
            continue
        words = tidy_title(target.text) if target.is_title else target.text[:_CLIP]
        if has_words(rest):
            # « What is the second one for? » cut short is a good search and a poor sentence.
            found.append(Reading(f"{said} ({words})", f"ordinal{suffix}", message=f"{words} : {rest}"))
        else:
            found.append(Reading(words, f"ordinal{suffix}"))
        own = tuple(guide.passages_of(target.section, deep=True)) if target.is_title else (target,)
        if own and len(own) <= MOST_POINTED:
            found.append(Reading(words, f"pointed{suffix}", passages=own))
    return found


def _target(cues: Cues, cited: Sequence[Passage]) -> Passage | None:
    return None if cues.ordinal is None else _counted(cues.ordinal, cited)


def _counted(ordinal: int, listed: Sequence[Item]) -> Item | None:
    """Return what an ordinal points to in a list of two or more, None when it lies beyond."""
    return listed[ordinal] if len(listed) > 1 and -len(listed) <= ordinal < len(listed) else None
