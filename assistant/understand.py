"""What a message asks: refusing what cannot be read, choosing among the readings of a follow-up."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.decide import Outcome, names_smalltalk, smalltalk_reply
from assistant.dialogue import Reading, Topic, readings
from assistant.topics import Topics
from index.search import SearchIndex, SearchResult

# What the words of a follow-up are worth beside its evidence, and what a completion must overcome.
CUE_WEIGHT = 0.6
COMPLETION_COST = 0.25
# A completion that finds its passages in the part that was talked about is borne out by that.
AT_HOME = 0.15


@dataclass(frozen=True, slots=True)
class Understood:
    """The standalone question that is searched, what was found for it, and how it came about."""

    question: str
    result: SearchResult
    reading: Reading


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
    """Search every reading of a message and keep the one that cue and evidence bear out best.

    Raises:
        VectorStoreError: the store stopped answering.
    """
    best: tuple[float, Understood] | None = None
    for reading in readings(question, topic, topics):
        result = index.search(" ".join(reading.question.split()))
        candidate = Understood(reading.question, result, reading)
        chatter = reading.origin == "alone" and not reading.continues and smalltalk_reply(question, result, index)
        if chatter and (topic is None or names_smalltalk(result, index)):
            return candidate  # « Merci ! » continues nothing.
        value = result.answerable + _bearing(reading, result, index)
        if best is None or value > best[0]:
            best = (value, candidate)
    if best is None:
        raise AssertionError("a message has at least one reading")
    return best[1]


def _bearing(reading: Reading, result: SearchResult, index: SearchIndex) -> float:
    if reading.origin == "alone":
        return 0.0
    value = CUE_WEIGHT * reading.cue - COMPLETION_COST
    if reading.section is not None and result.selected:
        inside = index.guide.descendants(reading.section)
        value += AT_HOME * sum(p.section in inside for p in result.selected) / len(result.selected)
    return value
