"""What a message asks: refusing what cannot be read, choosing among the readings of a follow-up."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.decide import Outcome, smalltalk_reply
from assistant.dialogue import Reading, Topic, readings
from index.search import SearchIndex, SearchResult

# How much a completed reading must be called for by its words, or bear out by its evidence.
CUE_WEIGHT = 0.6
SWITCH_COST = 0.3


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


def understand(question: str, topic: Topic | None, index: SearchIndex) -> Understood:
    """Search every reading of a message and keep the one that cue and evidence bear out best.

    Raises:
        VectorStoreError: the store stopped answering.
    """
    best: tuple[float, Understood] | None = None
    for reading in readings(question, topic, index.guide):
        result = index.search(" ".join(reading.question.split()))
        value = result.answerable + min(result.selection_score, 2.0) * 0.2
        if reading.origin != "alone":
            value += CUE_WEIGHT * reading.cue - SWITCH_COST
        candidate = Understood(reading.question, result, reading)
        if best is None or value > best[0]:
            best = (value, candidate)
        if reading.origin == "alone" and smalltalk_reply(question, result):
            break  # « Merci ! » continues nothing.
    if best is None:
        raise AssertionError("a message has at least one reading")
    return best[1]
