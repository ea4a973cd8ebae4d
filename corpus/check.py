"""Checks a guide's folder: edition against source, bank against guide. Nothing is changed here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from corpus.bank import BANK_FILE, COMMON, BankQuestion, QuoteResolver, read_bank
from corpus.dialogues import DIALOGUES_FILE, load_dialogues
from corpus.edition import BUNDLED_GUIDES, EDITORIAL, load_guide, read_text
from corpus.errors import CorpusError
from corpus.guide import Guide
from corpus.normal import normal_form
from corpus.translation import TRANSLATION_FILE, read_translations

_OMITTED = re.compile(r"<!--\s*omitted:(.*?)-->", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_LIST_MARK = re.compile(r"^[^\S\n]*(?:[•▪◦*+-]|#{1,6})[^\S\n]+", re.MULTILINE)
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend: where (`file:line`), what is wrong, what to do."""

    where: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.problem} {self.remedy}"


def check_guide(slug: str, folder: Path = BUNDLED_GUIDES, common: Path = COMMON) -> list[Finding]:
    """Return everything that is wrong with a guide's folder; an empty list when all is well."""
    path = folder / slug
    try:
        guide = load_guide(slug, folder)
    except CorpusError as error:
        where, _, what = str(error).partition(": ")
        return [Finding(where, what or str(error), "")]
    findings = [*_check_words(path), *_check_sections(guide, path), *_check_places(guide, path)]
    if guide.slug != slug:
        findings.append(
            Finding(f"{path / 'guide.md'}:1", f"slug « {guide.slug} » is not the folder's name.", "Make them equal.")
        )
    for file in (path / BANK_FILE, common / "far.jsonl", common / "smalltalk.jsonl"):
        if file.is_file():
            findings.extend(check_bank(guide, file))
    findings.extend(_check_translations(guide, path / TRANSLATION_FILE))
    findings.extend(_check_dialogues(guide, folder))
    return findings


def edition_words(text: str) -> list[tuple[str, int]]:
    """Return the words of an edition with their lines; front matter and editorial parts left out."""

    def blank(match: re.Match[str]) -> str:
        return "\n" * match.group().count("\n")

    text = _FRONT_MATTER.sub(blank, text)
    text = _OMITTED.sub(lambda match: match.group(1), text)
    text = _COMMENT.sub(blank, text)
    kept = ["" if EDITORIAL.search(line) else line for line in text.split("\n")]
    return _words("\n".join(kept))


def source_words(text: str) -> list[tuple[str, int]]:
    """Return the words of an original text with their lines, list marks left out."""
    return _words(text)


def _words(text: str) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    for number, line in enumerate(_LIST_MARK.sub("", text).split("\n"), start=1):
        found.extend((word, number) for word in line.split())
    return found


def _check_words(path: Path) -> list[Finding]:
    source = path / "source.txt"
    if not source.is_file():
        return [Finding(f"{source}:1", "the original text is missing.", "Put it beside the edition, unchanged.")]
    ours, theirs = edition_words(read_text(path / "guide.md")), source_words(read_text(source))
    for (word, line), (expected, origin) in zip(ours, theirs, strict=False):
        if word != expected:
            return [
                Finding(
                    f"{path / 'guide.md'}:{line}",
                    f"the edition says « {word} » where the original (source.txt:{origin}) says « {expected} ».",
                    "Restore the original's words, or mark an added title with {.editorial}.",
                )
            ]
    if len(ours) != len(theirs):
        longer, name = (ours, "guide.md") if len(ours) > len(theirs) else (theirs, "source.txt")
        word, line = longer[min(len(ours), len(theirs))]
        return [
            Finding(f"{path / name}:{line}", f"« {word} » and what follows stand in {name} only.", "Make both equal.")
        ]
    return []


def _check_sections(guide: Guide, path: Path) -> list[Finding]:
    findings = []
    for section in guide.sections:
        if not any(True for _ in guide.passages_of(section.index, deep=True)):
            findings.append(
                Finding(
                    f"{path / 'guide.md'}:{section.line}",
                    f"the section « {section.title} » holds no passage.",
                    "Add its text or remove the title.",
                )
            )
    return findings


def _check_places(guide: Guide, path: Path) -> list[Finding]:
    return [
        Finding(
            f"{path / 'guide.md'}:1",
            f"passage {p.id} is not at its place.",
            "This is a fault of the parser: report it.",
        )
        for p in guide.passages
        if guide.text[p.start : p.end] != p.text
    ]


def check_bank(guide: Guide, path: Path) -> list[Finding]:
    """Return what is wrong in one file of the bank: unknown quotes, contradictions, repeated questions."""
    try:
        questions = list(read_bank(path))
    except CorpusError as error:
        where, _, what = str(error).partition(": ")
        return [Finding(where, what, "")]
    resolver = QuoteResolver(guide)
    findings: list[Finding] = []
    seen: dict[str, BankQuestion] = {}
    for question in questions:
        for quote in (*question.quotes, *question.also, *([question.near] if question.near else [])):
            if resolver.find(quote) is None:
                findings.append(
                    Finding(question.where, f"« {quote[:60]} » is no passage of the guide.", "Copy the passage whole.")
                )
        key = normal_form(question.question)
        if key in seen:
            findings.append(
                Finding(question.where, f"the question stands already at {seen[key].where}.", "Keep one of the two.")
            )
        seen[key] = question
    return findings


def _check_translations(guide: Guide, path: Path) -> list[Finding]:
    if not path.is_file():
        return []
    resolver = QuoteResolver(guide)
    try:
        rows = read_translations(path)
    except CorpusError as error:
        where, _, what = str(error).partition(": ")
        return [Finding(where, what, "")]
    return [
        Finding(f"{path}:{line}", f"« {quote[:60]} » is no passage of the guide.", "Copy the passage whole.")
        for line, quote, _ in rows
        if resolver.find(quote) is None
    ]


def _check_dialogues(guide: Guide, folder: Path) -> list[Finding]:
    path = folder / guide.slug / DIALOGUES_FILE
    resolver = QuoteResolver(guide)
    try:
        dialogues = load_dialogues(guide.slug, folder)
    except CorpusError as error:
        where, _, what = str(error).partition(": ")
        return [Finding(where, what, "")]
    return [
        Finding(str(path), f"{dialogue.id}: « {quote[:60]} » is no passage of the guide.", "Copy the passage whole.")
        for dialogue in dialogues
        for turn in dialogue.turns
        for quote in (*turn.quotes, *turn.also)
        if resolver.find(quote) is None
    ]
