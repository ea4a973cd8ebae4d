"""Questions in the light of what was said before: one text for a message and its context.

A guide's example dialogues teach the encoder such texts: each message after the first is a question of
the bank, its context the last answered question and the part of the guide where the answer stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from corpus import (
    FOLLOW_UP,
    BankQuestion,
    Dialogue,
    DialogueTurn,
    Guide,
    Passage,
    QuestionBank,
    QuoteResolver,
    in_context,
    load_bank,
    load_dialogues,
    normal_form,
)
from corpus.bank import COMMON
from corpus.guide import strip_brackets

LONGEST_QUESTION = 140
LONGEST_TITLE = 60
_TITLES = 2


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched: a question, and what was said before it (empty where it stands alone)."""

    question: str
    context: str = ""

    @property
    def text(self) -> str:
        """Return what is embedded."""
        return in_context(self.question, self.context)


def context_of(question: str, cited: Sequence[Passage]) -> str:
    """Return the context of a message: the last answered question, and where its answer stands in the guide."""
    titles = cited[0].titles if cited else ()
    for passage in cited[1:]:
        same = 0
        while same < min(len(titles), len(passage.titles)) and titles[same] == passage.titles[same]:
            same += 1
        titles = titles[:same]
    place = " › ".join(strip_brackets(title)[:LONGEST_TITLE].rstrip(" :\u00a0\u202f") for title in titles[-_TITLES:])
    kept = " ".join(question.split())[-LONGEST_QUESTION:]
    return f"{kept} [{place}]" if place else kept


def with_dialogues(bank: QuestionBank, dialogues: Sequence[Dialogue], guide: Guide) -> QuestionBank:
    """Return a bank with what the dialogues ask: each message in its context, and those that stand alone as they are.

    Small talk is left out, and what the bank asks already.
    """
    resolver = QuoteResolver(guide)
    known = {normal_form(question.question) for question in bank.questions}
    found: list[BankQuestion] = []
    for dialogue in dialogues:
        asked = ""
        cited: tuple[Passage, ...] = ()
        for turn in dialogue.turns:
            if turn.expected == "answer" and not turn.standalone and normal_form(turn.user) not in known:
                known.add(normal_form(turn.user))
                found.append(_question(turn, "passage" if len(turn.quotes) == 1 else "synthesis", dialogue.id))
            if cited and turn.expected == "answer":
                found.append(_question(turn, FOLLOW_UP, dialogue.id, context=context_of(asked, cited)))
            elif cited and turn.expected == "decline":
                context = context_of(asked, cited)
                found.append(_question(turn, "near_miss", dialogue.id, context=context, near=cited[0].text))
            if turn.expected == "answer":
                asked = turn.standalone or turn.user
                cited = tuple(sorted(resolver.all_of(turn.quotes), key=lambda passage: passage.order))
    return replace(bank, questions=(*bank.questions, *found))


def load_whole_bank(slug: str, folder: Path, guide: Guide, common: Path = COMMON) -> QuestionBank:
    """Read the bank of a guide with what its dialogues ask.

    Raises:
        BankError: a line cannot be used; the message gives file, line and what to do.
    """
    return with_dialogues(load_bank(slug, folder, common), load_dialogues(slug, folder), guide)


def _question(turn: DialogueTurn, kind: str, group: str, *, context: str = "", near: str = "") -> BankQuestion:
    return BankQuestion(
        turn.user, kind, turn.lang, quotes=turn.quotes, also=turn.also, near=near, context=context, group=group
    )
