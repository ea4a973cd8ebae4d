"""Answer, decline or small talk: the one place where that is decided, with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.types import AnswerKind
from corpus import Passage
from index.ranking.answerability import FAR, SMALLTALK
from index.search import SearchIndex, SearchResult

if TYPE_CHECKING:
    from assistant.understand import Understood

SMALLTALK_SHARE = 0.5
SMALLTALK_WORDS = 12
SMALLTALK_WORDS_SHARE = 0.1
SAME_SMALLTALK = 0.95
_REPLY_NEIGHBOURS = 5
LEXICAL_VOTES = 3.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is done with a message. `message` is a key of the catalogue, empty for an answer.

    `confidence` (0 to 1) is how likely the guide answers; `reason` says in English what decided.
    """

    kind: AnswerKind
    message: str
    confidence: float
    reason: str
    passages: tuple[Passage, ...] = ()
    show_related: bool = False


def decide(message: str, understood: Understood, index: SearchIndex) -> Outcome:
    """Decide on a message whose search is done."""
    result = understood.result
    confidence = result.answerable
    reply = smalltalk_reply(message, result, index) if not understood.reading.continues else ""
    if reply and names_smalltalk(result, index):
        return Outcome("smalltalk", f"reply_{reply}", confidence, "nearest bank questions are small talk")
    if index.bears_answer(result) and understood.passages:
        return Outcome("answer", "", confidence, "the evidence bears an answer", understood.passages)
    if not index.knows_a_word(message):
        # To the encoder « sdfkjh » is as short as « salut »; a message without any word is neither.
        return Outcome("decline", "decline_unreadable", confidence, "no known word in the message")
    far = result.outcomes[FAR] > max(result.outcomes[0], result.outcomes[1])
    message_key = "decline_far" if far else "decline_near"
    return Outcome("decline", message_key, confidence, "the evidence is too weak", show_related=not far)


def smalltalk_reply(message: str, result: SearchResult, index: SearchIndex) -> str:
    """Return the kind of reply that small talk wants, empty when the message is none."""
    if result.outcomes[SMALLTALK] < SMALLTALK_SHARE or len(message.split()) > SMALLTALK_WORDS:
        return ""
    votes: dict[str, float] = {}
    for neighbour in result.neighbours[:_REPLY_NEIGHBOURS]:
        if neighbour.question.reply:
            reply = neighbour.question.reply
            votes[reply] = votes.get(reply, 0.0) + neighbour.similarity**8
    # Short messages are all alike to the encoder; their very words tell « merci » from « bonjour ».
    signals = result.signals
    total = float(signals.lexical_near_score.sum()) or 1.0
    for row, score in zip(signals.lexical_near, signals.lexical_near_score, strict=True):
        reply = index.bank.questions[int(row)].reply
        if reply:
            votes[reply] = votes.get(reply, 0.0) + LEXICAL_VOTES * float(score) / total
    return max(votes, key=lambda reply: votes[reply]) if votes else ""


def names_smalltalk(result: SearchResult, index: SearchIndex) -> bool:
    """Tell whether the words themselves, not only their brevity, are those of small talk.

    Of 139 pieces of small talk in the example dialogues this keeps 134; of 931 messages that only look like it, because
    they are short (« dans quelle ville ? »), 117. Words that tell nothing must be nearly those of one of the bank: « ça
    va ? » is, « et ça ? » and « qui ? » are not.
    """
    signals = result.signals
    total = float(signals.lexical_near_score.sum())
    spoken = [bool(index.bank.questions[int(row)].reply) for row in signals.lexical_near]
    if not total:
        # To the encoder « hhhhhhh » is as good a « hey » as any.
        same = any(near.question.reply and near.similarity >= SAME_SMALLTALK for near in result.neighbours[:1])
        return same and index.knows_a_word(result.question)
    return float(signals.lexical_near_score[spoken].sum()) / total > SMALLTALK_WORDS_SHARE
