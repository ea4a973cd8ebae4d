"""The formats in which feedback leaves: whole rows, a spreadsheet, drafts of bank and evaluation data."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from typing import Any, Literal

from assistant.records.drafts import bank_drafts, dataset_drafts
from assistant.records.feedback import Feedback

Format = Literal["jsonl", "csv", "bank", "dataset"]
OF_ONE_GUIDE = ("bank", "dataset")
# What a terminal or an editor would act upon or hide, and what some programs take for the end of a line.
_UNSEEN = re.compile(
    r"[\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")
# Commands to a terminal: CSI, then OSC and its kin up to their end (or the line's), then two-character ones.
_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]"
)
# A spreadsheet runs a cell that starts so, also after spaces and in the wide forms of the signs.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")


def json_text(value: Any, indent: int | None = None) -> str:
    """Return JSON that is readable and harmless: what cannot be seen is written as its escape."""
    return _UNSEEN.sub(_escape, json.dumps(value, ensure_ascii=False, indent=indent))


def export_lines(form: Format, rows: Iterable[Feedback]) -> Iterator[str]:
    """Yield the lines of an export, each with its end."""
    return _FORMATS[form](rows)


def harmless(text: str) -> str:
    """Return a text without what a terminal would act upon or hide; tabs and line ends stay."""
    return _UNSEEN.sub("", _CONTROL.sub("", _SEQUENCE.sub("", text)))


def _escape(match: re.Match[str]) -> str:
    return json.dumps(match.group())[1:-1]


def _json_lines(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        yield json_text(row) + "\n"


def _csv_lines(rows: Iterable[Feedback]) -> Iterator[str]:
    names = [field.name for field in fields(Feedback)]
    yield _csv_line(names)
    for row in rows:
        cited = "\n".join(f"[{citation.get('number', '')}] {citation.get('quote', '')}" for citation in row.citations)
        shown = {**row.to_dict(), "citations": cited, "history": "\n".join(row.history)}
        yield _csv_line([neutral(shown[name]) for name in names])


def _csv_line(cells: list[Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def neutral(cell: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula: such a text gets an apostrophe in front."""
    if not isinstance(cell, str):
        return cell
    text = harmless(cell)
    return f"'{text}" if _FORMULA.match(text) else text


_FORMATS: dict[str, Callable[[Iterable[Feedback]], Iterator[str]]] = {
    "jsonl": lambda rows: _json_lines(row.to_dict() for row in rows),
    "csv": _csv_lines,
    "bank": lambda rows: _json_lines(bank_drafts(rows)),
    "dataset": lambda rows: _json_lines(dataset_drafts(rows)),
}
