"""Draft editions from plain text or Markdown. The draft is for a person to review, not to trust."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

import yaml

from corpus.edition import BUNDLED_GUIDES, SLUG, parse_guide, read_text
from corpus.errors import ImportFailedError
from corpus.normal import fold_accents

_LIST_MARK = re.compile(r"^\s*(?:[•▪◦*+-])\s+")
_LONGEST_TITLE = 90


def slug_of(name: str) -> str:
    """Return a slug made of a title or a file name: lower-case words joined by hyphens."""
    words = re.findall(r"[a-z0-9]+", fold_accents(name).lower())
    return "-".join(words)[:60].strip("-") or "guide"


def import_text(path: Path, folder: Path = BUNDLED_GUIDES, slug: str | None = None) -> Path:
    """Copy a UTF-8 text into `<folder>/<slug>/source.txt` and draft `guide.md` beside it.

    Short lines without a final stop become titles; lines with a list mark become bullets; the rest,
    paragraphs. The words are the original's. Returns the new folder.

    Raises:
        ImportFailedError: the file is empty or unreadable, or the folder exists already.
    """
    if not path.is_file():
        raise ImportFailedError(f"{path}: no such file. Give the path of a UTF-8 text.")
    text = read_text(path)
    lines = [line for line in text.split("\n") if line.strip()]
    if not lines:
        raise ImportFailedError(f"{path}: the file is empty. Nothing was imported.")
    slug = slug or slug_of(path.stem)
    if not SLUG.fullmatch(slug):
        raise ImportFailedError(f"slug « {slug} »: use lower-case letters, digits, hyphens (two or more).")
    target = folder / slug
    if target.exists():
        raise ImportFailedError(f"{target} exists already. Choose another name with --slug, or edit it there.")
    edition = draft_edition(text, slug)
    parse_guide(edition, str(path))
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as staging:
        draft = Path(staging) / "guide"
        draft.mkdir()
        shutil.copyfile(path, draft / "source.txt")
        (draft / "guide.md").write_text(edition, encoding="utf-8")
        (draft / "questions.jsonl").write_text("", encoding="utf-8")
        draft.rename(target)
    return target


def draft_edition(text: str, slug: str) -> str:
    """Return the Markdown draft of an edition of a plain or Markdown text."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    title = re.sub(r"^#+\s+", "", lines[0])
    front = {"slug": slug, "title": title, "language": "fr", "source": "to be completed"}
    blocks = [f"---\n{yaml.safe_dump(front, allow_unicode=True, sort_keys=False)}---\n\n# {title}\n"]
    previous_bullet = False
    for line in lines[1:]:
        words = _LIST_MARK.sub("", line)
        bullet = words != line
        if bullet:
            blocks.append(f"{'' if previous_bullet else chr(10)}- {words}\n")
        elif re.match(r"#{2,6}\s", line):
            blocks.append(f"\n{line}\n")
        elif _is_title(line):
            blocks.append(f"\n## {line}\n")
        else:
            blocks.append(f"\n{line}\n")
        previous_bullet = bullet
    return "".join(blocks)


def _is_title(line: str) -> bool:
    return len(line) <= _LONGEST_TITLE and line[-1] not in ".;,!»" and not line[0].islower()
