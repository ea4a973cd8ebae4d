"""Growing the bank: how well it covers a guide, and adding reviewed questions to it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from corpus.bank import BANK_FILE, QuestionBank, QuoteResolver, read_bank
from corpus.check import check_bank
from corpus.edition import BUNDLED_GUIDES
from corpus.errors import BankError
from corpus.guide import Guide, Passage
from corpus.normal import folded, normal_form

ENOUGH_QUESTIONS = 30
ENOUGH_NEAR_MISSES = 12


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many questions of the bank a passage answers, and how many near misses are near it."""

    passage: Passage
    questions: int
    near_misses: int


@dataclass(frozen=True, slots=True)
class BankStats:
    """Figures on a bank: questions by kind and language, coverage by passage, look-alikes."""

    kinds: dict[str, int]
    languages: dict[str, int]
    coverage: tuple[Coverage, ...]
    look_alikes: tuple[tuple[str, str], ...]


def bank_stats(guide: Guide, bank: QuestionBank) -> BankStats:
    """Return the figures on a bank. Look-alikes are questions equal but for accents, case and marks."""
    resolver = QuoteResolver(guide)
    answers: Counter[str] = Counter()
    near: Counter[str] = Counter()
    bare: dict[str, str] = {}
    look_alikes = []
    for question in bank.questions:
        answers.update(passage.id for passage in resolver.all_of(question.quotes))
        if question.near and (passage := resolver.find(question.near)):
            near[passage.id] += 1
        key = "".join(c for c in folded(question.question) if c.isalnum())
        if key in bare:
            look_alikes.append((bare[key], question.question))
        bare.setdefault(key, question.question)
    return BankStats(
        kinds=dict(Counter(question.kind for question in bank.questions)),
        languages=dict(Counter(question.lang for question in bank.questions)),
        coverage=tuple(Coverage(p, answers[p.id], near[p.id]) for p in guide.passages),
        look_alikes=tuple(look_alikes),
    )


def add_questions(guide: Guide, file: Path, folder: Path = BUNDLED_GUIDES) -> int:
    """Add the questions of a reviewed file to a guide's bank; return how many were new.

    Questions that stand in the bank already (after normalisation) are passed over.

    Raises:
        BankError: the file holds an error; nothing is added then.
    """
    findings = check_bank(guide, file)
    if findings:
        raise BankError(f"{findings[0]} Nothing was added.")
    target = folder / guide.slug / BANK_FILE
    known = {normal_form(q.question) for q in read_bank(target)} if target.is_file() else set()
    new = [question for question in read_bank(file) if normal_form(question.question) not in known]
    before = target.read_text(encoding="utf-8") if target.is_file() else ""
    lines = [json.dumps(question.to_dict(), ensure_ascii=False) for question in new]
    text = before + ("\n" if before and not before.endswith("\n") else "") + "".join(f"{x}\n" for x in lines)
    staged = target.with_suffix(".jsonl.new")
    staged.write_text(text, encoding="utf-8")
    staged.replace(target)
    return len(new)
