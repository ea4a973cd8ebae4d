"""From an answer to HTML and plain text, without a browser: what is escaped, marked, told apart."""

from __future__ import annotations

import re
import string
from dataclasses import replace

import pytest

from assistant import Assistant
from assistant.messages import LANGUAGES
from assistant.page.answers import following_html
from assistant.page.check import claims, level
from assistant.page.conversation import Desk, Talk, answered
from assistant.page.copying import copied, plain
from assistant.page.escape import safe, spaced, typographic, visible
from assistant.page.messages import page_catalogue, script_messages
from assistant.page.words import words_html
from assistant.types import Answer, Citation, Exchange
from corpus import Guide, normal_form


def made(text: str, *quotes: str, language: str = "fr") -> Answer:
    citations = tuple(
        Citation(n, "petit", ("Partie",), quote, 0, len(quote), "p-1") for n, quote in enumerate(quotes, 1)
    )
    return Answer("answer", text, citations, (), "q", (), language, 0.9, "extractive")  # type: ignore[arg-type]


def test_a_bracket_inside_the_guides_words_never_becomes_a_marker() -> None:
    html = words_html(made("- « voir la note \\[2\\] et \\*ceci\\* » [1]", "voir la note [2] et *ceci*"), 1, "fr")
    assert html.count('class="marker"') == 1
    assert "voir la note [2] et *ceci*" in html


def test_a_number_without_a_citation_stays_text() -> None:
    assert 'class="marker"' not in words_html(made("Un [7] seul", "x"), 1, "fr")


@pytest.mark.parametrize("quote", ["<b>gras</b> & co", "un `code` | deux", "a \"b\" 'c'", "fin\\", "_x_ **y** ~z~ #t"])
def test_the_guides_words_come_out_as_they_are(quote: str) -> None:
    from assistant.compose.extractive import escape_markdown

    html = words_html(made(f"- « {escape_markdown(quote)} » [1]", quote), 1, "fr")
    assert f'<span class="quote" lang="fr">{safe(quote)}</span>' in html


def test_markup_in_an_answer_is_no_markup_in_the_page() -> None:
    html = words_html(made("<script>x</script> [a](https://b.example) ![c](d) <https://e.example>"), 1, "fr")
    assert "<script" not in html and "<a" not in html and "<img" not in html


HIDDEN = ("\u202e", "\u2066", "\u200b", "\ufeff", "\u00ad", "\u115f", "\u2028", "\ue000", "\x07", "\x85", "\U000e0041")


@pytest.mark.parametrize("written", ["&#{0};", "&#x{0:x};", "&#X{0:X};", "&#0{0};"])
@pytest.mark.parametrize("hidden", HIDDEN, ids=ascii)
def test_a_character_that_hides_does_not_come_back_by_its_number(hidden: str, written: str) -> None:
    reference = written.format(ord(hidden))
    html = words_html(
        made(f"a {reference} b\n\n- `{reference}` **{reference}**\n\n| a |\n|---|\n| {reference} |"), 1, "fr"
    )
    assert hidden not in html
    assert html.count(safe(reference)) == 4, "what was written is shown as it was written"


@pytest.mark.parametrize("name", ["&rlm;", "&lrm;", "&zwj;", "&ZeroWidthSpace;", "&shy;", "&InvisibleTimes;", "&lt;"])
def test_a_character_does_not_come_back_by_its_name(name: str) -> None:
    assert f"a {safe(name)} b" in words_html(made(f"a {name} b"), 1, "fr")


def test_a_quote_cannot_be_forged_with_the_signs_that_stand_for_one() -> None:
    html = words_html(made("&#xe000;1&#xe002; et &#xE001;1&#57346;", "les mots du guide"), 1, "fr")
    assert 'class="quote"' not in html and 'class="marker"' not in html


@pytest.mark.parametrize("quote", ["R&D; &amp; co", "&#8238;abc", "&nbsp;", "&lt;b&gt;", "&#x202e;"])
def test_the_guides_own_references_come_out_as_they_are(quote: str) -> None:
    from assistant.compose.extractive import escape_markdown

    html = words_html(made(f"- « {escape_markdown(quote)} » [1]", quote), 1, "fr")
    assert f'<span class="quote" lang="fr">{safe(quote)}</span>' in html
    assert safe(quote) in words_html(made(escape_markdown(quote)), 1, "fr"), "nor where they are no quote"


def test_no_french_sign_falls_alone_onto_the_next_line() -> None:
    assert spaced("« mot » : oui ? non !") == "«\u00a0mot\u00a0»\u00a0: oui\u202f? non\u202f!"
    assert typographic("Qu'est-ce qu'un GME ?") == "Qu’est-ce qu’un GME\u202f?"
    assert normal_form(typographic("Qu'est-ce : « a » ?")) == normal_form("Qu'est-ce : « a » ?")


def test_questions_to_ask_next_speak_the_answers_language_on_a_page_of_another() -> None:
    html = following_html(["Qu'est-ce que l'empathie ?"], "fr", "en")
    assert f"<h3>{page_catalogue().text('en', 'next')}</h3>" in html
    assert '<ul class="offers" lang="fr">' in html
    assert "Qu’est-ce que l’empathie\u202f?" in html


@pytest.mark.parametrize(
    "unseen", ["\u202e", "\u200b", "\u2066", "\ufeff", "\x00", "\x85", "\ud800", "\u00ad", "\U000e0041"]
)
def test_characters_that_hide_or_turn_are_dropped(unseen: str) -> None:
    assert visible(f"a{unseen}b") == "ab"


def test_a_table_carries_its_headings_in_each_cell(assistant: Assistant) -> None:
    answer = assistant.ask("Compare les avantages et les inconvénients des trois formes de coopération")
    html = words_html(answer, 1, "fr")
    assert '<th scope="col"' in html and '<th scope="row"' in html and "data-label=" in html
    assert html.count('class="marker"') == len(re.findall(r"(?<!\\)\[\d+\]", answer.text))


@pytest.mark.parametrize(
    "question",
    ["Quels sont les facteurs clés de succès de la mutualisation ?", "Quelles idées reçues sur la coopération ?",
     "Compare les avantages et les inconvénients des trois formes", "What are the obstacles to cooperation?"],
)  # fmt: skip
def test_every_marked_claim_of_the_assistant_is_exact(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    cited = [claim for claim in claims(answer, assistant.guide) if claim.citations]
    assert {c.number for claim in cited for c in claim.citations} == {c.number for c in answer.citations}
    assert all(claim.exact for claim in cited)


def test_a_reworded_claim_is_told_from_an_exact_one(assistant: Assistant) -> None:
    answer = assistant.ask("Quels sont les facteurs clés de succès de la mutualisation ?")
    changed = replace(answer, text="- La confiance se travaille. [1]\n- Un système d’évaluation aide. [2]")
    assert [claim.exact for claim in claims(changed, assistant.guide)] == [False, False]


@pytest.mark.parametrize(("share", "name"), [(0.99, "sure"), (0.75, "likely"), (0.5, "unsure"), (0.0, "unlikely")])
def test_confidence_has_a_name(share: float, name: str) -> None:
    assert level(share) == name


def test_plain_text_has_no_markup(assistant: Assistant) -> None:
    answer = assistant.ask("Compare les avantages et les inconvénients des trois formes de coopération")
    text = copied(Exchange("Compare <tout>", answer), assistant.guide)
    assert "**" not in text and "<br>" not in text and "\\" not in text and "---" not in text
    assert all(citation.quote in text for citation in answer.citations)
    assert plain("a \\[1\\] **b** [1]") == "a [1] b [1]"


@pytest.mark.parametrize("request_", [None, 3, "x", [], {}, {"question": None}, {"keep": "all"}, {"keep": [None, {}]},
                                      {"question": ["x"], "key": "1", "serial": "y", "language": 7}])  # fmt: skip
@pytest.mark.parametrize("name", ["start", "ask", "feedback", "export"])
def test_a_forged_request_gets_a_reply(assistant: Assistant, guide: Guide, name: str, request_: object) -> None:
    desk = Desk(lambda: assistant, guide)
    reply = answered(getattr(desk, name), request_, Talk())
    assert reply["serial"] == 0 and len(reply) > 1


def test_an_assistant_that_is_not_open_is_told_in_a_sentence(guide: Guide) -> None:
    def closed() -> Assistant:
        from assistant.errors import ServerError

        raise ServerError("The assistant is not open yet.")

    reply = answered(Desk(closed, guide).ask, {"question": "x", "serial": 4, "language": "en"}, Talk())
    assert reply == {"serial": 4, "error": page_catalogue().text("en", "unready")}


def test_a_message_of_the_script_has_its_variables_in_both_languages() -> None:
    french, english = (script_messages(language) for language in LANGUAGES)
    assert french.keys() == english.keys()
    for key, text in french.items():
        names = [{name for _, name, _, _ in string.Formatter().parse(one) if name} for one in (text, english[key])]
        assert names[0] == names[1]
