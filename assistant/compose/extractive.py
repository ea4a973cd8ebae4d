"""The composer that adds nothing: the guide's words, introduced by where they stand.

The form follows what was selected: verdict first for a received idea, a list for a facet, a table where
the same facets of several sections meet, titles for an enumeration.
"""

from __future__ import annotations

import re
from collections import Counter
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
_ESCAPED = re.compile(r"\\([\\`*_\[\]<>|#~&])")
# A passage that is itself a quotation and its source: « … » Dictionnaire Larousse.
_DEFINITION = re.compile(r"^«\s[^»]+»\s*\w", re.DOTALL)
Pair = tuple[Passage, Citation]


def escape_markdown(text: str) -> str:
    """Return a text whose characters mean themselves in Markdown."""
    return _MARKUP.sub(r"\\\1", text)


def unescape_markdown(text: str) -> str:
    """Return a text as it was before `escape_markdown`."""
    return _ESCAPED.sub(r"\1", text)


def tidy_title(title: str) -> str:
    """Return a title as it stands in a sentence: no brackets, number or final colon."""
    return re.sub(r"^\d+\s*-\s*", "", strip_brackets(title)).rstrip(" :\u00a0\u202f")


class _Names:
    """The names of a guide's parts as an answer calls them: translated where a translation is at hand."""

    def __init__(self, guide: Guide, translations: Mapping[str, str]) -> None:
        self.guide = guide
        counts = Counter(tidy_title(section.title) for section in guide.sections)
        self._facets = {section.index for section in guide.sections if counts[tidy_title(section.title)] > 1}
        self._translated = {
            section.index: tidy_title(translations[title.id])
            for section in guide.sections
            if translations and (title := guide.title_passage(section.index)) and translations.get(title.id)
        }

    def path(self, passage: Passage) -> list[str]:
        """Return the names of the parts around a passage, outermost first; a title's own is left out."""
        parts = [part for part in self.guide.around(passage.section) if part.parent is not None]
        if passage.is_title:
            parts = parts[1:]
        return [self._translated.get(part.index, tidy_title(part.title)) for part in reversed(parts)]

    def last(self, passage: Passage) -> str:
        """Return the name of the part that a passage stands in."""
        return self.path(passage)[-1]

    def is_facet(self, passage: Passage) -> bool:
        """Tell whether a passage stands in a facet: a part whose title several parts share."""
        return not passage.is_title and passage.section in self._facets and len(passage.titles) > 1

    def form_of(self, passage: Passage) -> str:
        """Return the name of the part whose facet a passage stands in."""
        return self.path(passage)[-2]

    def group_key(self, passage: Passage) -> tuple[bool, int | None]:
        """Return what passages have in common that are introduced together."""
        section = self.guide.sections[passage.section]
        return (True, section.parent) if passage.is_title else (False, section.index)

    def part_key(self, passage: Passage) -> tuple[bool, int | None]:
        """Return what facets of one part have in common; for other passages, their own group."""
        if self.is_facet(passage):
            return (False, self.guide.sections[passage.section].parent)
        return self.group_key(passage)


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
        used = translations if language != guide.language else {}
        citations = cite(guide, passages, used)
        pairs = list(zip(passages, citations, strict=True))
        names = _Names(guide, used)
        table = self._table(pairs, names, language)
        text = table if table is not None else self._groups(names, pairs, language)
        return Composed(text, citations)

    def _groups(self, names: _Names, pairs: list[Pair], language: Language) -> str:
        """Introduce passages by where they stand: each part once, its facets under it."""
        parts = [(key, list(group)) for key, group in groupby(pairs, key=lambda pair: names.part_key(pair[0]))]
        blocks = []
        if len(parts) > 1 and not _VERDICT.match(pairs[0][0].text):
            blocks.append(self._catalogue.text(language, "lead_several"))
        for _, group in parts:
            facets = [list(facet) for _, facet in groupby(group, key=lambda pair: names.group_key(pair[0]))]
            if len(facets) == 1:
                lead = self._lead(names, [passage for passage, _ in group], language)
                blocks.append(f"{lead}\n\n{self._items(group, language)}")
                continue
            form = escape_markdown(names.form_of(group[0][0]))
            blocks.append(self._catalogue.text(language, "lead_form", form=form))
            for facet in facets:
                label = escape_markdown(names.last(facet[0][0]))
                label = self._catalogue.text(language, "label_facet", facet=label)
                blocks.append(f"{label}\n\n{self._items(facet, language)}")
        return "\n\n".join(blocks)

    def _items(self, group: Sequence[Pair], language: Language) -> str:
        return "\n".join(self._item(citation, language) for _, citation in group)

    def _item(self, citation: Citation, language: Language) -> str:
        line = f"- {self._quoted(citation.quote, language)} [{citation.number}]"
        if citation.translation:
            shown = self._catalogue.text(language, "translation", text=escape_markdown(citation.translation))
            line += f"\n  {shown}"
        return line

    def _quoted(self, quote: str, language: Language) -> str:
        return self._catalogue.text(language, "quote", quote=escape_markdown(quote))

    def _lead(self, names: _Names, passages: Sequence[Passage], language: Language) -> str:
        first = passages[0]
        say = self._catalogue.text
        titles = names.path(first)
        if first.is_title:
            if len(passages) == 1:
                return say(language, "lead_title")
            if titles:
                return say(language, "lead_titles_of", place=escape_markdown(titles[-1]), count=len(passages))
            return say(language, "lead_titles", count=len(passages))
        verdict = _VERDICT.match(first.text)
        if verdict and titles:
            return say(language, "lead_myth", verdict=verdict.group(1), myth=escape_markdown(titles[-1]))
        if titles and _DEFINITION.match(first.text):
            if len(passages) == 1:
                return say(language, "lead_definition", term=escape_markdown(titles[-1]))
            return say(language, "lead_form", form=escape_markdown(titles[-1]))
        if names.is_facet(first):
            return say(language, "lead_facet", facet=escape_markdown(titles[-1]), form=escape_markdown(titles[-2]))
        place = " › ".join(escape_markdown(title) for title in titles) or escape_markdown(names.guide.title)
        return say(language, "lead_section", place=place)

    def _table(self, pairs: list[Pair], names: _Names, language: Language) -> str | None:
        """Return a table of facets by forms when several sections share the titles of their parts."""
        cells: dict[str, dict[str, list[Citation]]] = {}
        for passage, citation in pairs:
            if passage.is_title or len(passage.titles) != 2 or passage.titles[0].startswith("["):
                return None
            form, facet = names.path(passage)
            cells.setdefault(facet, {}).setdefault(form, []).append(citation)
        forms = list(dict.fromkeys(form for row in cells.values() for form in row))
        # A part that shares no facet with another has nothing to be compared by.
        if len(forms) < 2 or not all(any(form in row and len(row) > 1 for row in cells.values()) for form in forms):
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
        quote = self._quoted(citation.quote, language)
        translated = ""
        if citation.translation:
            text = escape_markdown(citation.translation)
            translated = " " + self._catalogue.text(language, "translation", text=text)
        return f"{quote} [{citation.number}]{translated}"
