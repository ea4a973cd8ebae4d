"""Unofficial translations of passages, kept beside the guide (`guide.en.jsonl`)."""

from __future__ import annotations

import json
from pathlib import Path

from corpus.edition import read_text
from corpus.errors import BankError
from corpus.guide import Guide
from corpus.normal import normal_form

TRANSLATION_FILE = "guide.en.jsonl"


def read_translations(path: Path) -> list[tuple[int, str, str]]:
    """Return (line number, quote, translation) for each line `{"quote": …, "en": …}` of a file.

    Raises:
        BankError: a line cannot be used; the message gives file and line.
    """
    rows = []
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            rows.append((number, str(row["quote"]), str(row["en"])))
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise BankError(f'{path}:{number}: expected {{"quote": …, "en": …}} ({error!r}).') from error
    return rows


def load_translations(guide: Guide, path: Path) -> dict[str, str]:
    """Return the English translation of each passage that has one in a file, by passage id."""
    if not path.is_file():
        return {}
    by_words = {normal_form(quote): english for _, quote, english in read_translations(path)}
    return {
        passage.id: by_words[normal_form(passage.text)]
        for passage in guide.passages
        if normal_form(passage.text) in by_words
    }
