"""Reading evaluation data: single questions and dialogues, as cases made of turns.

A single question is a case of one turn. The format is the contract's; unknown fields are ignored,
except `also` (passages that may stand beside the gold ones) and `phenomenon`, which reports use.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from eval.errors import DatasetError

Expected = Literal["answer", "decline", "smalltalk"]
EXPECTED: tuple[str, ...] = get_args(Expected)
BUNDLED = Path(__file__).parent / "datasets"


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a user: what must be cited (`gold`), what may be (`also`), what is expected."""

    user: str
    gold: tuple[str, ...]
    expected: str
    also: tuple[str, ...] = ()
    phenomenon: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A question or a dialogue. `dialogue` tells which; `where` is `file:line`, for messages."""

    id: str
    turns: tuple[Turn, ...]
    dialogue: bool
    lang: str = ""
    category: str = ""
    style: str = ""
    where: str = ""


def bundled_files(slug: str) -> tuple[Path, ...]:
    """Return the datasets kept for a guide, sorted by name."""
    return tuple(sorted((BUNDLED / slug).glob("*.jsonl")))


def load_datasets(paths: Sequence[Path]) -> tuple[Case, ...]:
    """Read several datasets as one.

    Raises:
        DatasetError: a line cannot be used, or an id stands twice; the message gives file and line.
    """
    cases: list[Case] = []
    seen: dict[str, str] = {}
    for path in paths:
        for case in read_dataset(path):
            if case.id in seen:
                raise DatasetError(f"{case.where}: the id « {case.id} » stands already at {seen[case.id]}. Rename one.")
            seen[case.id] = case.where
            cases.append(case)
    if not cases:
        raise DatasetError(f"No question in {', '.join(map(str, paths)) or 'no file at all'}. Give a dataset.")
    return tuple(cases)


def read_dataset(path: Path) -> Iterator[Case]:
    """Yield the cases of one file. Raises `DatasetError` as `load_datasets` does."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path}: cannot be read ({error}). Give a UTF-8 file of JSON lines.") from error
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield parse_line(line, f"{path}:{number}")


def parse_line(line: str, where: str) -> Case:
    """Read one line of a dataset; `where` (`file:line`) starts the error messages."""
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise DatasetError(f"{where}: not JSON ({error.msg}). One object a line is expected.") from error
    if not isinstance(row, dict) or row.get("id") in (None, ""):
        raise DatasetError(f"{where}: an object with an « id » is expected.")
    dialogue = "turns" in row
    if dialogue:
        if not isinstance(row["turns"], list) or not row["turns"]:
            raise DatasetError(f"{where}: « turns » must be a list of at least one turn.")
        turns = tuple(_turn(turn, "user", where) for turn in row["turns"])
    else:
        turns = (_turn(row, "question", where),)
    return Case(
        id=str(row["id"]),
        turns=turns,
        dialogue=dialogue,
        lang=str(row.get("lang") or ""),
        category=str(row.get("category") or ("dialogue" if dialogue else "")),
        style=str(row.get("style") or ("dialogue" if dialogue else "")),
        where=where,
    )


def _turn(row: Any, key: str, where: str) -> Turn:
    if not isinstance(row, dict) or not isinstance(row.get(key), str):
        raise DatasetError(f"{where}: « {key} » must be a text.")
    gold = _texts(row, "gold", where)
    expected = row.get("expected") or ("answer" if gold else "decline")
    if expected not in EXPECTED:
        raise DatasetError(f"{where}: expected « {expected} » is unknown. Use one of {', '.join(EXPECTED)}.")
    return Turn(
        user=row[key],
        gold=gold,
        expected=str(expected),
        also=_texts(row, "also", where),
        phenomenon=str(row.get("phenomenon") or ""),
    )


def _texts(row: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    values = row.get(key) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise DatasetError(f"{where}: « {key} » must be a list of texts.")
    return tuple(value for value in values if value.strip())


def dataset_digest(cases: Iterable[Case]) -> str:
    """Return the SHA-256 of what is asked and expected, in hexadecimal; file places do not count."""
    state = hashlib.sha256()
    for case in cases:
        row = asdict(case)
        row.pop("where")
        state.update(json.dumps(row, sort_keys=True).encode())
    return state.hexdigest()


def sample(cases: Sequence[Case], every: int) -> tuple[Case, ...]:
    """Return about one case in `every`, spread evenly over kinds, categories and styles, in order.

    The choice depends on the data alone, so that two runs measure the same questions.
    """
    groups: dict[tuple[bool, str, str, str], list[int]] = {}
    for index, case in enumerate(cases):
        key = (case.dialogue, case.turns[0].expected, case.category, case.style)
        groups.setdefault(key, []).append(index)
    kept = {index for members in groups.values() for index in members[::every]}
    return tuple(case for index, case in enumerate(cases) if index in kept)
