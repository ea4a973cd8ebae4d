"""Feedback turned into draft lines of the question bank and of evaluation data, for a person to review.

Nothing here decides: what feedback does not settle is written so that the bank and the evaluation refuse the
line until a person has filled it in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from assistant.records.feedback import Feedback
from corpus import normal_form

Row = dict[str, Any]
UNDECIDED = "to review"


def bank_drafts(rows: Iterable[Feedback]) -> Iterator[Row]:
    """Yield one line in the bank's format for each question, with a note `review` where one must look.

    A line that a reader called wrong, incomplete or badly sourced has empty `quotes`: the bank refuses it until
    they are filled in. Small talk and empty messages belong to no guide's bank and are left out.
    """
    kept = (row for row in rows if row.kind != "smalltalk" and standalone(row).strip())
    return _one_a_question(kept, _bank_line, {"kind": "passage", "quotes": []}, ("kind", "quotes", "near"))


def dataset_drafts(rows: Iterable[Feedback]) -> Iterator[Row]:
    """Yield one line in the format of evaluation data for each question.

    Where feedback does not settle what is right, `expected` is `UNDECIDED`, which the evaluation refuses.
    """
    kept = (row for row in rows if standalone(row).strip())
    return _one_a_question(kept, _dataset_line, {"expected": UNDECIDED, "gold": []}, ("expected", "gold"))


def standalone(row: Feedback) -> str:
    """Return the question as it can stand alone: what was understood differs where a follow-up was completed."""
    return row.understood or row.question


def _bank_line(row: Feedback) -> Row:
    line: Row = {"question": standalone(row).strip(), "lang": row.language}
    if row.verdict == "should_decline" or (row.verdict == "good" and row.kind == "decline"):
        line["kind"] = "near_miss"
        if row.quotes and row.verdict == "should_decline":
            line["near"] = row.quotes[0]
    elif row.verdict == "good" and row.quotes:
        line |= {"kind": "passage" if len(row.quotes) == 1 else "synthesis", "quotes": row.quotes}
    else:
        line |= {"kind": "passage", "quotes": []}
    return line | _review(row)


def _dataset_line(row: Feedback) -> Row:
    line: Row = {
        "id": f"fb-{row.id[:13]}",
        "lang": row.language,
        "category": "feedback",
        "style": "feedback",
        "question": standalone(row),
    }
    if row.verdict == "should_decline":
        line |= {"expected": "decline", "gold": []}
    elif row.verdict == "good":
        line |= {"expected": row.kind, "gold": row.quotes}
    else:
        line |= {"expected": UNDECIDED, "gold": []}
    return line | _review(row)


def _review(row: Feedback) -> Row:
    """Return the note for the person who reviews a line; none where a good answer needs no look."""
    notes = []
    if row.verdict != "good":
        notes.append(f"verdict: {row.verdict}")
        notes.append("cited: " + (" | ".join(row.quotes) or f"nothing ({row.kind})"))
    if row.comment.strip():
        notes.append(f"comment: {row.comment.strip()}")
    if row.history or standalone(row) != row.question:
        asked = " | ".join([*row.history, row.question])
        notes.append(f"follow-up, make sure that the question stands alone; asked: {asked}")
    return {"review": "; ".join(notes)} if notes else {}


def _one_a_question(
    rows: Iterable[Feedback], draft: Callable[[Feedback], Row], undecided: Row, decisive: tuple[str, ...]
) -> Iterator[Row]:
    """Yield the drafts, those of equal questions as one: the bank takes each question once.

    Where readers disagree, the line is `undecided`.
    """
    groups: dict[str, list[Row]] = {}
    for row in rows:
        line = draft(row)
        groups.setdefault(normal_form(line["question"]), []).append(line)
    for first, *others in groups.values():
        notes = list(dict.fromkeys(line["review"] for line in (first, *others) if "review" in line))
        agreed = all(line.get(key) == first.get(key) for line in others for key in decisive)
        line = first if agreed else {key: first[key] for key in first if key not in decisive} | undecided
        if not agreed:
            notes.insert(0, "readers disagree")
        yield {**line, "review": "; ".join(notes)} if notes else line
