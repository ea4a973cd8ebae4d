"""The last step before an answer is shown: every claim has a source, every source is exact."""

from __future__ import annotations

import re

from assistant.errors import AssistantError
from assistant.types import Answer
from corpus import Guide

MARKER = re.compile(r"\[(\d+)\]")


class UnverifiedAnswerError(AssistantError):
    """An answer does not prove what it says: a fault of the program, never of the question."""


def verify(answer: Answer, guide: Guide) -> Answer:
    """Return the answer when it holds.

    Checked: each citation's words stand at its place; numbers are 1, 2, …; every marker in the text has
    its citation and every citation its marker; nothing that is not an answer cites.

    Raises:
        UnverifiedAnswerError: one of these does not hold.
    """
    for citation in (*answer.citations, *answer.related):
        if guide.text[citation.start : citation.end] != citation.quote:
            raise UnverifiedAnswerError(
                f"The quote « {citation.quote[:60]} » does not stand at {citation.start}:{citation.end} of "
                f"{guide.slug}. Rebuild the index with `python -m index build --force` and report this."
            )
    numbers = [citation.number for citation in answer.citations]
    if numbers != list(range(1, len(numbers) + 1)):
        raise UnverifiedAnswerError(f"Citations are numbered {numbers}. Report this fault with the question.")
    markers = {int(number) for number in MARKER.findall(answer.text)}
    if answer.kind == "answer" and not numbers:
        raise UnverifiedAnswerError("An answer without a source is none. Report this fault with the question.")
    if answer.kind == "answer" and markers != set(numbers):
        raise UnverifiedAnswerError(
            f"The text marks {sorted(markers)}, the citations are {numbers}. Report this fault."
        )
    if answer.kind != "answer" and numbers:
        raise UnverifiedAnswerError(f"A {answer.kind} cites {numbers}. Report this fault with the question.")
    return answer
