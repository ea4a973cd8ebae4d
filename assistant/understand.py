"""What a message asks: refusing what cannot be read, choosing among the readings of a follow-up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.decide import Outcome, names_smalltalk, smalltalk_reply
from assistant.dialogue import Reading, Topic, Topics, readings
from assistant.dialogue.choice import best_reading, reading_features, trained_choice
from assistant.dialogue.cues import cues_of
from assistant.dialogue.readings import cannot_stand_alone
from corpus import Passage
from index.ranking.asked import asks_for
from index.search import SearchIndex, SearchResult

OTHERS = 3


@dataclass(frozen=True, slots=True)
class Understood:
    """The standalone question that is searched, what was found for it, and what would be cited."""

    question: str
    result: SearchResult
    reading: Reading
    passages: tuple[Passage, ...]


def refuse_unreadable(question: str, longest: int) -> Outcome | None:
    """Return the decline for a message that cannot be a question, None for one that can."""
    if not question.strip():
        return Outcome("decline", "decline_empty", 0.0, "empty message")
    if len(question) > longest:
        return Outcome("decline", "decline_long", 0.0, "message over the length limit")
    if not any(char.isalpha() for char in question):
        return Outcome("decline", "decline_unreadable", 0.0, "no letter in the message")
    return None


def understand(question: str, topic: Topic | None, topics: Topics, index: SearchIndex) -> Understood:
    """Search every reading of a message and keep the one that its evidence and the message's cues bear out.

    Raises:
        VectorStoreError: the store stopped answering.
        ReadingsError: the trained choice cannot be used.
    """
    found = searched(question, topic, topics, index)
    alone = found[0]
    if topic is None or len(found) == 1:
        return alone
    first = first_reading(question, alone, topic, topics, index)
    if first is None:
        return alone
    cues = cues_of(question)
    rows = reading_features([(f.reading, f.result, f.passages) for f in found], cues, topic, topics)
    best = found[best_reading(trained_choice(), rows, first)]
    bears = index.bears_answer(alone.result)
    # A message that says the same by itself needs no completion, and its reader no note of one.
    if bears and best.passages == alone.passages:
        return alone
    if best.reading.origin == "context" and not (cues.tied or first):
        if not bears and not index.bears_answer(best.result):
            return alone
        if bears and set(best.passages) & set(alone.passages):
            return replace(best, question=question)
    return best


def first_reading(question: str, alone: Understood, topic: Topic, topics: Topics, index: SearchIndex) -> int | None:
    """Return 1 where a message cannot be read alone, 0 where it can, None where it continues nothing (« Merci ! »).

    « Un autre ? » and « dans quelle ville ? » hold so little that the bank takes them for small talk; said in a talk
    they ask for more (`names_smalltalk` tells how often).
    """
    cues = cues_of(question)
    chatty = bool(smalltalk_reply(question, alone.result, index))
    # « How much? » is near « thanks so much » in letters only.
    asks = cues.goes_on or cues.only_again or bool(asks_for(question) & {"number", "date"})
    if chatty and not asks and names_smalltalk(alone.result, index):
        return None
    return int(chatty or cannot_stand_alone(cues, topic, topics))


def searched(question: str, topic: Topic | None, topics: Topics, index: SearchIndex) -> list[Understood]:
    """Search every reading of a message, the message alone first; equal questions are searched once."""
    candidates = readings(question, topic, topics, index.guide)
    queries = list(dict.fromkeys(reading.query for reading in candidates))
    results = dict(zip(queries, index.search_all(queries), strict=True))
    return [
        Understood(reading.question, results[reading.query], reading, chosen_passages(reading, results[reading.query]))
        for reading in candidates
    ]


def chosen_passages(reading: Reading, result: SearchResult) -> tuple[Passage, ...]:
    """Return what a reading would cite: its own passages, or the search's choice less what it leaves out."""
    if reading.passages:
        return reading.passages
    if not reading.without:
        return result.selected
    known = {passage.id for passage in reading.without}
    kept = tuple(passage for passage in result.selected if passage.id not in known)
    fresh = [hit.passage for hit in result.hits if hit.passage.id not in known and not hit.passage.is_title]
    return kept or tuple(sorted(_alike(fresh, reading.without), key=lambda passage: passage.order))


def _alike(found: Sequence[Passage], cited: Sequence[Passage]) -> list[Passage]:
    """Return the next best passages: those of the same part first, else the best one."""
    sections = {passage.section for passage in cited}
    return [p for p in found if p.section in sections][:OTHERS] or list(found[:1])
