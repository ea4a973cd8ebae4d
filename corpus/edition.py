"""Reading the edition of a guide (`guide.md`) with exact offsets. Checking it is `corpus.check`'s.

Markdown is parsed by markdown-it-py; only its line maps are used, because they give exact places.
The edition uses a small part of Markdown: one title line (`#`) that is the guide's own, titles
(`##` and deeper), paragraphs of one line, bullets of one line, HTML comments. A title that ends in
`{.editorial}` was added by the editors: it is shown as such and never cited.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from markdown_it import MarkdownIt
from mdit_py_plugins.front_matter import front_matter_plugin

from corpus.errors import EditionError, GuideNotFoundError
from corpus.guide import Guide, Passage, PassageKind, Section, passage_id

if TYPE_CHECKING:
    from markdown_it.token import Token

BUNDLED_GUIDES = Path(__file__).parent / "guides"
EDITORIAL = re.compile(r"\s*\{\.editorial\}\s*$")
REQUIRED_FRONT_MATTER = ("slug", "title", "language", "source")
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{1,60}")
_BULLET = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+")


def list_guides(folder: Path = BUNDLED_GUIDES) -> tuple[str, ...]:
    """Return the slugs of the guides in a folder, sorted."""
    return tuple(sorted(path.parent.name for path in folder.glob("*/guide.md")))


def load_guide(slug: str, folder: Path = BUNDLED_GUIDES) -> Guide:
    """Read `<folder>/<slug>/guide.md`.

    Raises:
        GuideNotFoundError: no such guide; the message lists those that exist.
        EditionError: the file cannot be read as an edition; the message gives file and line.
    """
    path = folder / slug / "guide.md"
    if not SLUG.fullmatch(slug) or not path.is_file():
        known = ", ".join(list_guides(folder)) or "none"
        raise GuideNotFoundError(
            f"There is no guide « {slug} » in {folder}. Guides found: {known}. "
            "Set ASSISTANT_GUIDE to one of them, or add the folder."
        )
    return parse_guide(read_text(path), str(path))


@lru_cache(maxsize=8)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").use(front_matter_plugin).disable("reference")


def read_text(path: Path) -> str:
    """Read a UTF-8 file, line ends made line feeds, or say what is wrong with it."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise EditionError(f"{path}: not UTF-8 ({error}). Save the file as UTF-8.") from error
    except OSError as error:
        raise EditionError(f"{path}: cannot be read ({error}). Check the path and rights.") from error


def parse_guide(text: str, name: str = "guide.md") -> Guide:
    """Parse an edition. `name` stands before the line number in error messages.

    Raises:
        EditionError: front matter missing or incomplete, or a block the edition does not use.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    tokens = _parser().parse(text)
    front = _front_matter(tokens, name)
    reader = _Reader(text, name, front["title"])
    reader.read(tokens)
    if not reader.passages:
        raise EditionError(f"{name}:1: the edition holds no passage. Add its text.")
    return Guide(
        slug=front["slug"],
        title=front["title"],
        language=front["language"],
        source=front["source"],
        text=text,
        sections=tuple(reader.sections),
        passages=tuple(reader.passages),
    )


def _front_matter(tokens: list[Token], name: str) -> dict[str, str]:
    if not tokens or tokens[0].type != "front_matter":
        raise EditionError(f"{name}:1: no front matter. Start the file with a block between --- lines.")
    try:
        values = yaml.safe_load(tokens[0].content)
    except yaml.YAMLError as error:
        raise EditionError(f"{name}:1: the front matter is not YAML ({error}). Mend it.") from error
    if not isinstance(values, dict):
        raise EditionError(f"{name}:1: the front matter must be a list of `key: value`.")
    front = {str(key): str(value).strip() for key, value in values.items() if value is not None}
    for key in REQUIRED_FRONT_MATTER:
        if not front.get(key):
            raise EditionError(f"{name}:1: the front matter lacks « {key} ». Add it.")
    if not SLUG.fullmatch(front["slug"]):
        raise EditionError(f"{name}:1: slug « {front['slug']} »: use lower-case letters, digits, hyphens.")
    return front


@dataclass
class _Reader:
    text: str
    name: str
    title: str
    sections: list[Section] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    seen: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.starts = [0]
        for line in self.text.split("\n"):
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.sections.append(Section(0, 1, self.title, False, None, (), 1))

    def read(self, tokens: list[Token]) -> None:
        in_list = 0
        for token in tokens:
            if token.type in ("bullet_list_open", "ordered_list_open"):
                in_list += 1
            elif token.type in ("bullet_list_close", "ordered_list_close"):
                in_list -= 1
            elif token.type == "heading_open" and token.map:
                self._heading(int(token.tag[1]), token.map[0])
            elif token.type == "paragraph_open" and token.map:
                kind: PassageKind = "bullet" if in_list else "paragraph"
                for line in range(*token.map):
                    self._passage(line, kind)
            elif token.type == "html_block" and token.map and not token.content.lstrip().startswith("<!--"):
                raise EditionError(
                    f"{self.name}:{token.map[0] + 1}: HTML is not part of an edition. Write its words plainly."
                )
            elif token.type in ("fence", "code_block", "blockquote_open", "hr") and token.map:
                raise EditionError(
                    f"{self.name}:{token.map[0] + 1}: a {token.type.removesuffix('_open')} is not part "
                    "of an edition. Use titles, paragraphs and bullets."
                )

    def _line(self, line: int) -> tuple[int, str]:
        start = self.starts[line]
        return start, self.text[start : self.starts[line + 1]].rstrip()

    def _heading(self, level: int, line: int) -> None:
        start, raw = self._line(line)
        marks = _HEADING.match(raw)
        if marks is None:
            raise EditionError(f"{self.name}:{line + 1}: write titles with # marks.")
        words = EDITORIAL.sub("", raw[marks.end() :]).rstrip()
        editorial = bool(EDITORIAL.search(raw))
        if level == 1:
            # The guide's own title is the root section: it is citable, and in nobody's path.
            self._add(0, "title", words, start + marks.end(), ())
            return
        parent = next(s for s in reversed(self.sections) if s.level < level)
        shown = f"[{words}]" if editorial else words
        section = Section(len(self.sections), level, words, editorial, parent.index, (*parent.path, shown), line + 1)
        self.sections.append(section)
        if not editorial:
            self._add(section.index, "title", words, start + marks.end(), parent.path)

    def _passage(self, line: int, kind: PassageKind) -> None:
        start, raw = self._line(line)
        marks = _BULLET.match(raw) if kind == "bullet" else None
        offset = marks.end() if marks else len(raw) - len(raw.lstrip())
        words = raw[offset:]
        if words:
            section = self.sections[-1]
            self._add(section.index, kind, words, start + offset, section.path)

    def _add(self, section: int, kind: PassageKind, words: str, start: int, path: tuple[str, ...]) -> None:
        key = (*path, words)
        self.passages.append(
            Passage(
                id=passage_id(path, words, self.seen[key]),
                kind=kind,
                text=words,
                start=start,
                end=start + len(words),
                titles=path,
                section=section,
                order=len(self.passages),
            )
        )
        self.seen[key] += 1
