"""The composer that adds nothing: the guide's words, introduced by where they stand.

The form follows what was selected: verdict first for a received idea, a list for a facet, a table where
the same facets of several sections meet, titles for an enumeration.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby

from assistant.compose.base import Composed, Composer, cite
from assistant.messages import Catalogue, load_catalogue
from assistant.types import Citation, Language, Mode
from corpus import Guide, Passage
from corpus.guide import strip_brackets

_VERDICT = re.compile(r"^((?:VRAI|FAUX)(?:\s+et\s+(?:VRAI|FAUX))?)\s*:")
# An ampersand is escaped only where Markdown would read an entity in it.
_MARKUP = re.compile(r"([\\`*_\[\]<>|#~]|&(?=#?\w+;))")
_SHORT_TITLE = 40


def escape_markdown(text: str) -> str:
    """Return a text whose characters mean themselves in Markdown."""
    return _MARKUP.sub(r"\\\1", text)


def tidy_title(title: str) -> str:
    """Return a title as it stands in a sentence: no brackets, number or final colon."""
    return re.sub(r"^\d+\s*-\s*", "", strip_brackets(title)).rstrip(" :\u00a0\u202f")


class ExtractiveComposer(Composer):
    """Answers in the guide's own words only."""

    mode: Mode = "extractive"

    def __init__(self, catalogue: Catalogue | None = None) -> None:
        self._catalogue = catalogue or load_catalogue()

    def _compose(
        self, guide: Guide, passages: tuple[Passage, ...], language: Language, translations: Mapping[str, str]
    ) -> Composed:
        # The guide's verdict on a received idea comes before whatever else it says about it.
        passages = tuple(sorted(passages, key=lambda passage: not _VERDICT.match(passage.text)))
        citations = cite(guide, passages, translations if language != guide.language else {})
        pairs = list(zip(passages, citations, strict=True))
        table = self._table(pairs, language)
        text = table if table is not None else self._groups(guide, pairs, language)
        return Composed(text, citations)

    def _groups(self, guide: Guide, pairs: list[tuple[Passage, Citation]], language: Language) -> str:
        """Adjacent passages of one section are introduced once; titles that follow each other, too."""
        groups = [list(group) for _, group in groupby(pairs, key=lambda pair: self._group_key(guide, pair[0]))]
        blocks = []
        if len(groups) > 1 and not _VERDICT.match(pairs[0][0].text):
            blocks.append(self._catalogue.text(language, "lead_several"))
        for group in groups:
            lead = self._lead(guide, [passage for passage, _ in group], language)
            blocks.append(f"{lead}\n\n" + "\n".join(self._item(citation, language) for _, citation in group))
        return "\n\n".join(blocks)

    @staticmethod
    def _group_key(guide: Guide, passage: Passage) -> tuple[bool, int | None]:
        section = guide.sections[passage.section]
        return (True, section.parent) if passage.is_title else (False, section.index)

    def _item(self, citation: Citation, language: Language) -> str:
        quote = self._catalogue.text(language, "quote", quote=escape_markdown(citation.quote))
        line = f"- {quote} [{citation.number}]"
        if citation.translation:
            shown = self._catalogue.text(language, "translation", text=escape_markdown(citation.translation))
            line += f"\n  {shown}"
        return line

    def _lead(self, guide: Guide, passages: Sequence[Passage], language: Language) -> str:
        first = passages[0]
        titles = [tidy_title(title) for title in first.titles]
        say = self._catalogue.text
        if first.is_title:
            if len(passages) == 1:
                return say(language, "lead_title")
            if titles:
                return say(language, "lead_titles_of", place=escape_markdown(titles[-1]), count=len(passages))
            return say(language, "lead_titles", count=len(passages))
        verdict = _VERDICT.match(first.text)
        if verdict and titles:
            myth = escape_markdown(strip_brackets(first.titles[-1]))
            return say(language, "lead_myth", verdict=verdict.group(1), myth=myth)
        if len(titles) >= 2 and len(titles[-1]) <= _SHORT_TITLE and not first.titles[-2].startswith("["):
            return say(language, "lead_facet", facet=escape_markdown(titles[-1]), form=escape_markdown(titles[-2]))
        place = " › ".join(escape_markdown(title) for title in titles) or escape_markdown(guide.title)
        return say(language, "lead_section", place=place)

    def _table(self, pairs: list[tuple[Passage, Citation]], language: Language) -> str | None:
        """Return a table of facets by forms when several sections share the titles of their parts."""
        cells: dict[str, dict[str, list[Citation]]] = {}
        for passage, citation in pairs:
            if passage.is_title or len(passage.titles) != 2 or passage.titles[0].startswith("["):
                return None
            form, facet = tidy_title(passage.titles[0]), tidy_title(passage.titles[1])
            cells.setdefault(facet, {}).setdefault(form, []).append(citation)
        forms = list(dict.fromkeys(form for row in cells.values() for form in row))
        if len(forms) < 2 or not any(len(row) > 1 for row in cells.values()):
            return None
        header = [self._catalogue.text(language, "table_corner"), *forms]
        lines = [
            self._catalogue.text(language, "lead_table"),
            "",
            "| " + " | ".join(escape_markdown(title) for title in header) + " |",
            "|" + " --- |" * len(header),
        ]
        for facet, row in cells.items():
            shown = ["<br>".join(self._cell(c, language) for c in row.get(form, [])) or "–" for form in forms]
            lines.append(f"| **{escape_markdown(facet)}** | " + " | ".join(shown) + " |")
        return "\n".join(lines)

    def _cell(self, citation: Citation, language: Language) -> str:
        quote = self._catalogue.text(language, "quote", quote=escape_markdown(citation.quote))
        translated = ""
        if citation.translation:
            text = escape_markdown(citation.translation)
            translated = " " + self._catalogue.text(language, "translation", text=text)
        return f"{quote} [{citation.number}]{translated}"
