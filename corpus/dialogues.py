"""Example dialogues beside a guide: what each message means in the light of those before it.

They are to follow-ups what the question bank is to questions: content, reviewed by people, on which the
encoder and the choice among the readings of a message are trained. One dialogue a line, described in
`corpus/guides/README.md`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpus.edition import BUNDLED_GUIDES, read_text
from corpus.errors import BankError

DIALOGUES_FILE = "dialogues.jsonl"
EXPECTED = ("answer", "decline", "smalltalk")


@dataclass(frozen=True, slots=True)
class DialogueTurn:
    """One message of a dialogue: what it asks (`standalone`), and the passages that answer it.

    `standalone` is empty for a message that stands alone; `quotes` and `also` are as in the bank.
    """

    user: str
    lang: str
    expected: str
    quotes: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    standalone: str = ""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A conversation of several messages, with what it tries in a few words."""

    id: str
    turns: tuple[DialogueTurn, ...]
    note: str = ""


def load_dialogues(slug: str, folder: Path = BUNDLED_GUIDES) -> tuple[Dialogue, ...]:
    """Read the dialogues beside a guide; a guide may have none.

    Raises:
        BankError: a line cannot be used; the message gives file and line.
    """
    path = folder / slug / DIALOGUES_FILE
    if not path.is_file():
        return ()
    lines = read_text(path).split("\n")
    return tuple(_dialogue(line, f"{path}:{number}") for number, line in enumerate(lines, 1) if line.strip())


def write_dialogues(path: Path, dialogues: Sequence[Dialogue]) -> None:
    """Write dialogues, one a line, as `load_dialogues` reads them."""
    lines = [json.dumps(asdict(dialogue), ensure_ascii=False) for dialogue in dialogues]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _dialogue(line: str, where: str) -> Dialogue:
    try:
        row = json.loads(line)
        turns = tuple(_turn(turn, where) for turn in row["turns"])
        return Dialogue(str(row["id"]), turns, str(row.get("note", "")))
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise BankError(f"{where}: no dialogue can be read here ({error!r}). See corpus/guides/README.md.") from error


def _turn(row: dict[str, Any], where: str) -> DialogueTurn:
    turn = DialogueTurn(
        user=str(row["user"]),
        lang=str(row.get("lang", "fr")),
        expected=str(row["expected"]),
        quotes=tuple(row.get("quotes", ())),
        also=tuple(row.get("also", ())),
        standalone=str(row.get("standalone", "")),
    )
    if turn.expected not in EXPECTED:
        raise BankError(f"{where}: expected « {turn.expected} » is unknown. Use one of {', '.join(EXPECTED)}.")
    if bool(turn.quotes) != (turn.expected == "answer"):
        raise BankError(f"{where}: « {turn.user} » needs « quotes » if and only if it expects an answer.")
    return turn
