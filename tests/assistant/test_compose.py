"""Composing: the form that fits what was selected, the guide's words and nothing else; the check before it is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from assistant import Answer, Assistant, Citation
from assistant.compose.base import Composed
from assistant.compose.extractive import ExtractiveComposer
from assistant.types import Language
from assistant.verify import UnverifiedAnswerError, verify
from corpus import Guide, Passage, load_translations, parse_guide
from corpus.edition import BUNDLED_GUIDES
from corpus.translation import TRANSLATION_FILE

SUCCESS = "Quels sont les facteurs clés de succès de la mutualisation ?"
PIE = "Quelle est la recette de la tarte aux pommes ?"
FRONT = "---\nslug: essai\ntitle: Essai\nlanguage: fr\nsource: ici\n---\n\n# Essai\n"
HARMLESS = {"p", "ul", "li", "strong", "em", "table", "thead", "tbody", "tr", "th", "td", "br"}
HOSTILE_WORDS = (
    "Un *mot*, un _autre_, un `code`, ~~barré~~",
    "<script>alert(1)</script> <b>gras</b> <br>",
    "[lien](javascript:alert(1)) ![image](https://example.org/x.png)",
    "Voir la note [1] et [2], puis [99]",
    "une | deux | trois",
    "antislash \\ final \\",
    "\\[3\\] déjà protégé \\*ainsi\\*",
    "{title} {0} ${7*7} {{ }} %s",
    "<https://example.org> et https://example.org",
    "AT&amp;T &copy; &lt;b&gt; &#42;",
    "« guillemets » et “quotes” [4]",
)


def parts_of(guide: Guide, form: str, facet: str) -> list[Passage]:
    """The passages of a facet of a form."""
    found = [
        p for p in guide.passages
        if not p.is_title and len(p.titles) == 2 and form in p.titles[0] and p.titles[1].startswith(facet)
    ]  # fmt: skip
    assert found, (form, facet)
    return found


def under(guide: Guide, title: str) -> list[Passage]:
    """The passages right under a title."""
    found = [p for p in guide.passages if not p.is_title and p.titles and p.titles[-1].startswith(title)]
    assert found, title
    return found


def compose(guide: Guide, passages: Sequence[Passage], language: Language = "fr") -> Composed:
    """Compose, and prove that what came out cites exactly the passages that went in."""
    composed = ExtractiveComposer().compose(guide, passages, language)
    assert {(c.start, c.end, c.quote) for c in composed.citations} == {(p.start, p.end, p.text) for p in passages}
    answer = Answer("answer", composed.text, composed.citations, (), "?", (), language, 1.0, "extractive")
    assert verify(answer, guide) is answer
    return composed


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(markdown: str) -> _Reader:
    """What a Markdown renderer that allows everything would show: its elements and its text."""
    reader = _Reader()
    reader.feed(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(markdown))
    return reader


def test_a_facet_is_a_list_led_by_facet_and_form(guide: Guide) -> None:
    composed = compose(guide, parts_of(guide, "Faire avec", "Facteurs"))
    lead, *lines = [line for line in composed.text.splitlines() if line.strip()]
    assert "Facteurs clé de succès" in lead and "Faire avec" in lead
    assert len(lines) == 2
    for number, (line, citation) in enumerate(zip(lines, composed.citations, strict=True), start=1):
        assert line.startswith("- ") and line.endswith(f"[{number}]") and citation.quote in line


@pytest.mark.parametrize(
    ("idea", "verdict"),
    [("La coopération peut être imposée", "FAUX"), ("La coopération coûte chère", "VRAI et FAUX")],
)
def test_a_received_idea_opens_with_the_verdict_and_names_the_idea(guide: Guide, idea: str, verdict: str) -> None:
    text = compose(guide, under(guide, idea)).text
    opening = text.replace("*", "").split("«", maxsplit=1)[0]
    assert opening.startswith(verdict)
    assert not opening.removeprefix(verdict).startswith(" et")
    assert idea in text.splitlines()[0]


def test_the_verdict_comes_before_what_else_is_said(guide: Guide) -> None:
    composed = compose(guide, [*under(guide, "La volonté"), *under(guide, "La coopération peut être imposée")])
    assert composed.text.replace("*", "").startswith("FAUX")
    assert composed.citations[0].quote.startswith("FAUX")


def test_an_enumeration_lists_titles_and_counts_them(guide: Guide) -> None:
    titles = [passage for passage in guide.passages if passage.is_title and re.match(r"[123]-", passage.text)]
    composed = compose(guide, titles)
    assert [citation.quote for citation in composed.citations] == [title.text for title in titles]
    assert "3" in composed.text.splitlines()[0]
    assert composed.text.count("\n- ") == 3


def test_one_facet_of_three_forms_is_a_table_of_three_columns(guide: Guide) -> None:
    forms = ("Faire ensemble", "Faire avec", "Faire corps")
    composed = compose(guide, [p for form in forms for p in parts_of(guide, form, "Inconvénients")])
    rows = [line for line in composed.text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    header, _, row = cells
    assert [form in title for form, title in zip(forms, header[1:], strict=True)] == [True] * 3
    assert "Inconvénients" in row[0]
    for number, (cell, citation) in enumerate(zip(row[1:], composed.citations, strict=True), start=1):
        assert citation.quote in cell and f"[{number}]" in cell


def test_a_table_has_one_row_for_each_facet_and_says_where_a_form_has_nothing(guide: Guide) -> None:
    chosen = [
        *parts_of(guide, "Faire avec", "Avantages"),
        *parts_of(guide, "Faire avec", "Inconvénients"),
        *parts_of(guide, "Faire corps", "Avantages"),
    ]
    rows = [line for line in compose(guide, chosen).text.splitlines() if line.startswith("|")][2:]
    assert ["Avantages" in rows[0], "Inconvénients" in rows[1]] == [True, True]
    empty = rows[1].strip("|").split("|")[2].strip()
    assert empty and "«" not in empty


def test_passages_that_have_nothing_to_compare_are_no_table(guide: Guide) -> None:
    chosen = [*parts_of(guide, "Faire avec", "Avantages"), *under(guide, "La volonté")]
    assert "|" not in compose(guide, chosen).text


def test_a_part_that_shares_no_facet_is_told_beside_no_table(guide: Guide) -> None:
    forms = ("Faire ensemble", "Faire avec", "Faire corps")
    chosen = [p for form in forms for p in parts_of(guide, form, "Avantages")]
    felt = [p for p in guide.passages if p.text.startswith("Les avantages de la coopération")]
    assert "|" not in compose(guide, [*chosen, *felt]).text


def test_a_quality_is_its_definition_and_what_it_is_for(guide: Guide) -> None:
    composed = compose(guide, under(guide, "L’empathie"))
    assert "L’empathie" in composed.text.split("«", maxsplit=1)[0] + composed.text.splitlines()[0]
    assert ["Dictionnaire Larousse" in c.quote for c in composed.citations] == [True, False]


def test_an_english_frame_shows_a_marked_translation_after_each_french_quote(guide: Guide) -> None:
    passages = parts_of(guide, "Faire avec", "Facteurs")
    translations = load_translations(guide, BUNDLED_GUIDES / guide.slug / TRANSLATION_FILE)
    composed = ExtractiveComposer().compose(guide, passages, "en", translations)
    for citation in composed.citations:
        assert citation.translation == translations[citation.passage]
        assert composed.text.index(citation.quote) < composed.text.index(citation.translation)
    assert composed.text.lower().count("unofficial translation") == len(passages)


def test_a_french_frame_shows_no_translation(guide: Guide) -> None:
    passages = parts_of(guide, "Faire avec", "Facteurs")
    composed = ExtractiveComposer().compose(guide, passages, "fr", {p.id: "translated" for p in passages})
    assert "translat" not in composed.text.lower()
    assert all(not citation.translation for citation in composed.citations)


def test_a_passage_given_twice_is_cited_once(guide: Guide) -> None:
    passages = parts_of(guide, "Faire avec", "Facteurs")
    assert len(compose(guide, [*passages, *passages]).citations) == len(passages)


def test_nothing_to_cite_is_no_answer(guide: Guide) -> None:
    with pytest.raises(ValueError, match="passage"):
        ExtractiveComposer().compose(guide, [], "fr")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_passage_of_the_guide_can_be_composed(guide: Guide, language: Language) -> None:
    for passage in guide.passages:
        compose(guide, [passage], language)
    compose(guide, guide.passages, language)


@pytest.mark.parametrize("words", HOSTILE_WORDS)
def test_markup_in_a_guide_is_shown_as_its_words(words: str) -> None:
    guide = parse_guide(f"{FRONT}\n## Partie\n\n### De {words}\n\nUn {words}\n\n- Et {words}\n")
    passages = [passage for passage in guide.passages if not passage.is_title]
    assert [passage.text for passage in passages] == [f"Un {words}", f"Et {words}"]
    reader = shown(compose(guide, passages).text)
    assert reader.tags <= HARMLESS
    assert reader.text.count(words) == 3, "the title once, each passage once"


def test_markup_in_a_guide_breaks_no_table() -> None:
    words = "a | b [2] <br> *c*"
    text = f"{FRONT}\n## Forme | une\n\n### Avantages\n\n{words}\n\n## Forme | deux\n\n### Avantages\n\n{words}\n"
    guide = parse_guide(text)
    reader = shown(compose(guide, [p for p in guide.passages if not p.is_title]).text)
    assert {"table", "th", "td"} <= reader.tags <= HARMLESS - {"br", "ul", "li"}
    assert reader.text.count(words) == 2
    assert "Forme | une" in reader.text and "Forme | deux" in reader.text


@limits(max_examples=150, deadline=None)
@given(words=st.text(st.sampled_from("aé 12[](){}<>*_`~|\\#!:-.«»“”\"'/="), min_size=1, max_size=40))
def test_any_words_of_a_guide_are_shown_unchanged(words: str) -> None:
    guide = parse_guide(f"{FRONT}\n## Partie\n\n- mot {words}\n")
    passage = guide.passages[-1]
    reader = shown(compose(guide, [passage]).text)
    assert reader.tags <= HARMLESS
    assert passage.text.replace("  ", " ") in reader.text.replace("  ", " ")


def replaced(answer: Answer, position: int, **values: object) -> tuple[Citation, ...]:
    """The answer's citations with one of them changed."""
    citations = list(answer.citations)
    citations[position] = replace(citations[position], **values)  # type: ignore[arg-type]
    return tuple(citations)


FAULTS: dict[str, Callable[[Answer], Answer]] = {
    "offset one too far": lambda a: replace(
        a, citations=replaced(a, 0, start=a.citations[0].start + 1, end=a.citations[0].end + 1)
    ),
    "end too early": lambda a: replace(a, citations=replaced(a, 1, end=a.citations[1].end - 1)),
    "place of another quote": lambda a: replace(
        a, citations=replaced(a, 0, start=a.citations[1].start, end=a.citations[1].end)
    ),
    "negative place": lambda a: replace(a, citations=replaced(a, 0, start=-5, end=-1)),
    "one letter changed": lambda a: replace(
        a, citations=replaced(a, 0, quote=a.citations[0].quote.replace("confiance", "méfiance"))
    ),
    "typographic apostrophe made straight": lambda a: replace(
        a, citations=replaced(a, 1, quote=a.citations[1].quote.replace("’", "'"))
    ),
    "related reading not exact": lambda a: replace(a, related=(replace(a.citations[0], quote="Autre chose."),)),
    "marker missing": lambda a: replace(a, text=a.text.replace("[2]", "")),
    "marker without citation": lambda a: replace(a, text=f"{a.text}\n- Et plus encore. [3]"),
    "all markers missing": lambda a: replace(a, text="Voir le guide."),
    "citation missing": lambda a: replace(a, citations=a.citations[:1]),
    "numbers in disorder": lambda a: replace(a, citations=a.citations[::-1]),
    "numbers from zero": lambda a: replace(
        a, text=a.text.replace("[1]", "[0]").replace("[2]", "[1]"),
        citations=tuple(replace(c, number=c.number - 1) for c in a.citations),
    ),
    "number twice": lambda a: replace(a, citations=(a.citations[0], replace(a.citations[1], number=1))),
    "decline that cites": lambda a: replace(a, kind="decline"),
    "small talk that cites": lambda a: replace(a, kind="smalltalk"),
    "answer without any source": lambda a: replace(a, text="La coopération est utile.", citations=()),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_planted_fault_is_never_shown(assistant: Assistant, fault: Callable[[Answer], Answer]) -> None:
    broken = fault(assistant.ask(SUCCESS))
    with pytest.raises(UnverifiedAnswerError) as raised:
        verify(broken, assistant.guide)
    assert len(str(raised.value)) > 20, "the error says what is wrong"


@pytest.mark.parametrize("question", [SUCCESS, PIE, "Bonjour", "", "Can cooperation be imposed?"])
def test_a_sound_answer_passes_the_check_unchanged(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert verify(answer, assistant.guide) is answer


def test_a_composer_that_makes_words_up_is_stopped_before_its_answer_is_shown(assistant: Assistant) -> None:
    class Inventive(ExtractiveComposer):
        def compose(self, *args: object, **values: object) -> Composed:
            composed = super().compose(*args, **values)  # type: ignore[arg-type]
            return Composed(f"{composed.text}\n- « Coopérer est obligatoire. » [9]", composed.citations)

    inventive = Assistant(assistant.index, assistant.settings, Inventive())
    assert inventive.ask(PIE).kind == "decline"
    with pytest.raises(UnverifiedAnswerError):
        inventive.ask(SUCCESS)
