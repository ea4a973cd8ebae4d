"""The same questions written otherwise: how much each figure moves. Meaning never changes, only form."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from corpus import Guide, fold_accents
from eval.compare import compare
from eval.dataset import Case
from eval.run import ask_all
from eval.score import Score, score_all
from eval.summary import summarise
from eval.system import Assistant, Progress, silent

SEED = 17
_NEAR_KEYS = {
    "a": "zq", "b": "vn", "c": "xv", "d": "sf", "e": "zr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "km", "m": "lp", "n": "bh", "o": "ip", "p": "om", "q": "as", "r": "et", "s": "qd", "t": "ry",
    "u": "yi", "v": "cb", "w": "xs", "x": "wc", "y": "tu", "z": "ae",
}  # fmt: skip
_LONG_WORD = re.compile(r"[^\W\d_]{5,}")
_QUOTES = str.maketrans({"“": '"', "”": '"', "’": "'", "‘": "'", "–": "-", "—": "-", "…": "..."})


def without_accents(text: str, source: random.Random) -> str:
    """Return a text without accents."""
    return fold_accents(text)


def lower_case(text: str, source: random.Random) -> str:
    """Return a text in lower case."""
    return text.lower()


def upper_case(text: str, source: random.Random) -> str:
    """Return a text in capitals."""
    return text.upper()


def with_typo(text: str, source: random.Random) -> str:
    """Return a text with one slip in a word of five letters or more: left out, doubled, swapped, next key."""
    words = list(_LONG_WORD.finditer(text))
    if not words:
        return text
    word = source.choice(words)
    at = source.randrange(word.start() + 1, word.end() - 1)
    char = text[at]
    slip = source.randrange(4)
    if slip == 0:
        return text[:at] + text[at + 1 :]
    if slip == 1:
        return text[:at] + char + text[at:]
    if slip == 2:
        return text[:at] + text[at + 1] + char + text[at + 2 :]
    near = source.choice(_NEAR_KEYS.get(fold_accents(char).lower()[:1], "e"))
    return text[:at] + near + text[at + 1 :]


def other_punctuation(text: str, source: random.Random) -> str:
    """Return a text with straight quotes and no final mark."""
    tight = re.sub(r"«\s*|\s*»", '"', text)
    return re.sub(r"\s*[?!.]+\s*$", "", tight.translate(_QUOTES)) or text


VARIANTS: dict[str, Callable[[str, random.Random], str]] = {
    "without accents": without_accents,
    "lower case": lower_case,
    "capitals": upper_case,
    "a typo": with_typo,
    "other punctuation": other_punctuation,
}


def vary(cases: Sequence[Case], name: str) -> list[Case]:
    """Return the single questions of a dataset in another form; seeded by id, so that order is no matter."""
    varied = []
    for case in cases:
        if not case.dialogue:
            seed = hashlib.sha256(f"{SEED}{name}{case.id}".encode()).hexdigest()[:12]
            turn = case.turns[0]
            varied.append(replace(case, turns=(replace(turn, user=VARIANTS[name](turn.user, random.Random(seed))),)))
    return varied


def robustness(
    assistant: Assistant, cases: Sequence[Case], scores: Sequence[Score], progress: Progress = silent
) -> list[dict[str, Any]]:
    """Return, for each variant, the figures, their paired difference from the plain questions, the worst flips.

    Questions that a variant leaves as they were are not asked again.
    """
    guide: Guide = assistant.guide
    plain = {score.id: score for score in scores if not score.dialogue}
    rows = []
    for name in VARIANTS:
        varied = vary(cases, name)
        changed = [case for case in varied if case.turns[0].user != plain[case.id].question]
        asked = {score.id: score for score in score_all(ask_all(assistant, changed, progress, name), guide)}
        # Under the plain question's words, so that the two are compared as the same question.
        after = [
            replace(asked[key], question=score.question) if key in asked else score for key, score in plain.items()
        ]
        comparison = compare(list(plain.values()), after)
        rows.append(
            {
                "variant": name,
                "changed": len(changed),
                "metrics": {key: value.to_dict() for key, value in summarise(after).items()},
                "differences": {change.name: change.difference.to_dict() for change in comparison.changes},
                "flips": [
                    {**flip.to_dict(), "varied": asked[flip.key].question}
                    for change in comparison.changes
                    if change.name in ("citation_recall", "declined")
                    for flip in change.worse
                ],
            }
        )
    return rows
