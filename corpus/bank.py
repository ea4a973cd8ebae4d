"""The question bank: what each passage answers, and what it does not. Growing it is `corpus.grow`'s.

A bank is JSON lines, one question a line, described in `corpus/guides/README.md`. Far questions and
small talk are the same for every guide and lie in `corpus/common/`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

from corpus.edition import BUNDLED_GUIDES, read_text
from corpus.errors import BankError
from corpus.guide import Guide, Passage
from corpus.normal import normal_form

COMMON = Path(__file__).parent / "common"
BANK_FILE = "questions.jsonl"

Kind = Literal[
    "passage", "facet", "section", "overview", "comparison", "enumeration", "synthesis",
    "near_miss", "far", "smalltalk",
]  # fmt: skip
Reply = Literal[
    "greeting", "thanks", "bye", "identity", "capabilities", "how_are_you", "praise", "complaint",
    "insult", "joke", "ok",
]  # fmt: skip
KINDS: tuple[str, ...] = get_args(Kind)
REPLIES: tuple[str, ...] = get_args(Reply)
# A message of the example dialogues that the guide answers, in the light of what was said before it.
FOLLOW_UP = "follow_up"
ANSWERABLE = frozenset({*KINDS, FOLLOW_UP}) - {"near_miss", "far", "smalltalk"}
LANGUAGES = ("fr", "en")


@dataclass(frozen=True, slots=True)
class BankQuestion:
    """One question of the bank.

    `quotes` are verbatim passages that together answer it; `also`, passages that may stand beside
    them; `near`, for a near miss, the passage that it is close to; `reply`, for small talk, the kind
    of reply that it wants. `where` is `file:line`, for messages. `context` is what was said before a
    message of a dialogue, empty for a question that stands alone; questions of one `group` (a dialogue)
    are never apart where some are held out.
    """

    question: str
    kind: str
    lang: str
    quotes: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    near: str = ""
    reply: str = ""
    where: str = ""
    context: str = ""
    group: str = ""

    @property
    def text(self) -> str:
        """Return what is embedded: the question, after its context when it has one."""
        return in_context(self.question, self.context)

    @property
    def answerable(self) -> bool:
        """Tell whether the guide answers the question."""
        return self.kind in ANSWERABLE

    def to_dict(self) -> dict[str, Any]:
        """Return the line of the bank as plain JSON types, empty fields left out."""
        row: dict[str, Any] = {"question": self.question, "kind": self.kind, "lang": self.lang}
        for key in ("quotes", "also"):
            if values := getattr(self, key):
                row[key] = list(values)
        for key in ("near", "reply", "context", "group"):
            if value := getattr(self, key):
                row[key] = value
        return row


def in_context(question: str, context: str) -> str:
    """Return one text for a question and what was said before it."""
    return f"{context} // {question}" if context else question


@dataclass(frozen=True)
class QuestionBank:
    """The questions kept beside a guide, and those common to all guides."""

    questions: tuple[BankQuestion, ...]

    @cached_property
    def digest(self) -> str:
        """Return the SHA-256 of the bank's content, in hexadecimal; file places do not count."""
        state = hashlib.sha256()
        for question in self.questions:
            state.update(json.dumps(question.to_dict(), sort_keys=True).encode())
        return state.hexdigest()

    @cached_property
    def answerable(self) -> tuple[BankQuestion, ...]:
        """Return the questions that the guide answers."""
        return tuple(question for question in self.questions if question.answerable)

    def of_kind(self, kind: str) -> tuple[BankQuestion, ...]:
        """Return the questions of one kind."""
        return tuple(question for question in self.questions if question.kind == kind)


def load_bank(slug: str, folder: Path = BUNDLED_GUIDES, common: Path = COMMON) -> QuestionBank:
    """Read the bank of a guide and the common questions; a guide may have no bank.

    Raises:
        BankError: a line cannot be used; the message gives file, line and what to do.
    """
    questions: list[BankQuestion] = []
    for path in (folder / slug / BANK_FILE, common / "far.jsonl", common / "smalltalk.jsonl"):
        if path.is_file():
            questions.extend(read_bank(path))
    return QuestionBank(tuple(questions))


def read_bank(path: Path) -> Iterator[BankQuestion]:
    """Yield the questions of one file of the bank. Raises `BankError` as `load_bank` does."""
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.strip():
            yield parse_bank_line(line, f"{path}:{number}")


def parse_bank_line(line: str, where: str) -> BankQuestion:
    """Read one line of a bank; `where` (`file:line`) starts the error messages."""
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise BankError(f"{where}: not JSON ({error.msg}). One object a line is expected.") from error
    if not isinstance(row, dict) or not isinstance(row.get("question"), str) or not row["question"].strip():
        raise BankError(f"{where}: no « question ». Give it as a text.")
    question = BankQuestion(
        question=row["question"].strip(),
        kind=str(row.get("kind", "passage")),
        lang=str(row.get("lang", "fr")),
        quotes=_texts(row, "quotes", where),
        also=_texts(row, "also", where),
        near=str(row.get("near", "")),
        reply=str(row.get("reply", "")),
        where=where,
    )
    if question.kind not in KINDS:
        raise BankError(f"{where}: kind « {question.kind} » is unknown. Use one of {', '.join(KINDS)}.")
    if question.lang not in LANGUAGES:
        raise BankError(f"{where}: lang « {question.lang} » is unknown. Use fr or en.")
    if question.answerable and not question.quotes:
        raise BankError(f"{where}: a question of kind {question.kind} needs « quotes » from the guide.")
    if not question.answerable and question.quotes:
        raise BankError(f"{where}: a question of kind {question.kind} cannot have « quotes ».")
    if question.kind == "smalltalk" and question.reply not in REPLIES:
        raise BankError(f"{where}: small talk needs a « reply », one of {', '.join(REPLIES)}.")
    return question


def _texts(row: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    values = row.get(key) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise BankError(f"{where}: « {key} » must be a list of texts.")
    return tuple(values)


class QuoteResolver:
    """Finds the passage that a quote of the bank or of an evaluation set stands for."""

    def __init__(self, guide: Guide) -> None:
        self._exact: dict[str, Passage] = {}
        for passage in guide.passages:
            self._exact.setdefault(normal_form(passage.text), passage)

    def find(self, quote: str) -> Passage | None:
        """Return the first passage whose words are the quote's, None where there is none."""
        return self._exact.get(normal_form(quote))

    def all_of(self, quotes: tuple[str, ...]) -> tuple[Passage, ...]:
        """Return the passages of several quotes, those that do not exist left out."""
        return tuple(passage for quote in quotes if (passage := self.find(quote)) is not None)
