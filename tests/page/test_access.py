"""Accessibility in a real browser: axe-core on every state, the keyboard alone, languages, zoom, print."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.page.helpers import ABSENT, COMPARE, IN_VIEW, PHONE, SUCCESS, ask, fits, serious

pytestmark = [pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"), pytest.mark.browser]


def first(page: Page) -> None:
    page.click(".privacy summary")


def answer(page: Page) -> None:
    ask(page, SUCCESS)
    ask(page, COMPARE)


def tooltip(page: Page) -> None:
    ask(page, SUCCESS)
    page.locator("a.marker").first.hover()


def decline(page: Page) -> None:
    ask(page, ABSENT)


def reader(page: Page) -> None:
    ask(page, SUCCESS)
    page.locator("a.marker").first.click()
    page.click(".contents summary")
    page.fill("#find", "confiance")
    page.wait_for_timeout(300)


def check(page: Page) -> None:
    ask(page, SUCCESS)
    page.click("[data-do=check]")


def feedback(page: Page) -> None:
    ask(page, ABSENT)
    page.click("[data-do=bad]")


def exporting(page: Page) -> None:
    ask(page, SUCCESS)
    page.click(".tools .menu summary")


def editing(page: Page) -> None:
    ask(page, SUCCESS)
    page.click("[data-do=edit]")


STATES = (first, answer, tooltip, decline, reader, check, feedback, exporting, editing)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_axe_finds_nothing_serious(open_page: Callable[..., Page], state: Callable[[Page], None]) -> None:
    page = open_page()
    state(page)
    assert serious(page) == []
    if state in (tooltip, exporting, editing):
        return  # They look as the answer does.
    page.evaluate("() => document.body.classList.add('dark')")
    page.wait_for_timeout(400)  # Gradio fades from one ground to the other.
    assert serious(page) == []


@pytest.mark.parametrize("state", [first, answer, reader, check], ids=lambda state: state.__name__)
def test_axe_finds_nothing_serious_on_a_phone_in_english(
    open_page: Callable[..., Page], state: Callable[[Page], None]
) -> None:
    page = open_page(viewport=PHONE, locale="en-GB")
    state(page)
    assert serious(page) == []
    assert fits(page)


def test_a_whole_exchange_goes_by_keyboard(page: Page) -> None:
    page.keyboard.type("Peut-on imposer la coopération ?")
    page.keyboard.press("Enter")
    page.locator(".answered.answer").wait_for()
    expect(page.locator("#question")).to_be_focused()
    reach(page, ".marker", "Shift+Tab")
    expect(page.locator(".tip:visible")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".tip:visible")).to_have_count(0)
    page.keyboard.press("Enter")
    page.wait_for_function(IN_VIEW, arg="mark.shown")
    page.keyboard.press("Escape")
    expect(page.locator("#reader")).to_be_hidden()
    assert page.evaluate("() => document.activeElement.matches('.marker')")
    reach(page, "[data-do=check]", "Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#check")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("[data-do=check]")).to_be_focused()
    reach(page, "[data-do=bad]", "Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator("[data-do=bad]")).to_be_focused()
    reach(page, ".following .offer", "Tab")
    page.keyboard.press("Enter")
    page.locator(".exchange[data-key]").nth(1).wait_for()
    expect(page.locator("#question")).to_be_focused()


def reach(page: Page, selector: str, key: str, most: int = 30) -> None:
    for _ in range(most):
        page.keyboard.press(key)
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached with {key}")


def test_every_stop_of_the_keyboard_shows_where_it_is(page: Page) -> None:
    ask(page, SUCCESS)
    page.focus("[data-do=new]")
    for _ in range(14):
        page.keyboard.press("Tab")
        shown = page.evaluate(
            "() => { const e = document.activeElement, s = getComputedStyle(e);"
            " const b = getComputedStyle(e.closest('.box') || e);"
            " return [e.outerHTML.slice(0, 80), s.outlineStyle !== 'none' || b.boxShadow !== 'none',"
            " e.getBoundingClientRect().width > 0]; }"
        )
        assert shown[1] and shown[2], shown[0]


def test_the_skip_link_leads_to_the_question(page: Page) -> None:
    page.focus(".skip")
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#question")).to_be_focused()


def test_an_answer_is_announced_once(page: Page) -> None:
    page.evaluate(
        "() => { window.said = []; const region = document.querySelector('#announce');"
        " new MutationObserver(() => { if (region.textContent) window.said.push(region.textContent); })"
        ".observe(region, { childList: true }); }"
    )
    ask(page, SUCCESS)
    page.wait_for_timeout(300)
    said = [text for text in page.evaluate("() => window.said") if not text.startswith("Recherche")]
    assert len(said) == 1 and "confiance" in said[0] and "[1]" not in said[0]
    assert page.locator("#page [aria-live], #page [role=log], #page [role=alert]").count() == 1


def test_landmarks_and_headings_are_in_order(page: Page) -> None:
    ask(page, SUCCESS)
    page.locator("a.marker").first.click()
    assert page.locator("main:not([role])").count() == 1
    levels = page.eval_on_selector_all(
        "h1, h2, h3, h4, h5, h6", "all => all.filter(h => h.checkVisibility()).map(h => Number(h.tagName[1]))"
    )
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize(
    ("path", "locale", "language"),
    [
        ("/", "fr-FR", "fr"),
        ("/", "en-GB", "en"),
        ("/", "de-DE", "fr"),
        ("/?lang=en", "fr-FR", "en"),
        ("/?lang=fr", "en-GB", "fr"),
        ("/?lang=%3Cscript%3E", "fr-FR", "fr"),
    ],
)
def test_the_address_or_the_browser_chooses_the_language(
    open_page: Callable[..., Page], path: str, locale: str, language: str
) -> None:
    page = open_page(path, locale=locale)
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("h1")).to_have_text({"fr": "Interroger le guide", "en": "Ask the guide"}[language])
    assert page.title() == page.locator("h1").inner_text()


def test_the_switch_changes_the_language(page: Page) -> None:
    page.click(".switch")
    expect(page.locator("h1")).to_have_text("Ask the guide")
    page.locator("#starters .offer").nth(5).wait_for()
    ask(page, "What are the advantages of pooling resources?")
    expect(page.locator(".words")).to_have_attribute("lang", "en")
    expect(page.locator(".words .quote").first).to_have_attribute("lang", "fr")
    expect(page.locator(".words em").first).to_contain_text("nofficial translation")


def test_nothing_sticks_out_at_any_width(page: Page) -> None:
    def widths_that_do_not_fit() -> list[int]:
        narrow = []
        for width in (320, 360, 768, 1024, 1600):
            page.set_viewport_size({"width": width, "height": 740})
            narrow += [] if fits(page) else [width]
        return narrow

    assert widths_that_do_not_fit() == []
    ask(page, COMPARE)
    assert widths_that_do_not_fit() == []
    page.locator("a.marker").first.click()
    page.wait_for_function(IN_VIEW, arg="mark.shown")
    assert widths_that_do_not_fit() == []


def test_zoomed_in_the_question_and_the_answer_do_not_cover_each_other(open_page: Callable[..., Page]) -> None:
    page = open_page(viewport={"width": 640, "height": 430}, device_scale_factor=2)
    ask(page, SUCCESS)
    assert fits(page)
    assert page.eval_on_selector("#composer", "box => getComputedStyle(box).position") == "static"


def test_nothing_moves_for_those_who_asked_for_that(open_page: Callable[..., Page]) -> None:
    page = open_page(reduced_motion="reduce")
    ask(page, SUCCESS)
    page.locator("a.marker").first.click()
    assert page.evaluate(IN_VIEW, "mark.shown")


def test_print_shows_the_conversation_and_no_controls(page: Page) -> None:
    ask(page, SUCCESS)
    page.locator("a.marker").first.click()
    page.emulate_media(media="print")
    for shown in (".asked h2", ".words", ".sources", "h1"):
        expect(page.locator(shown).first).to_be_visible()
    for hidden in ("#composer", ".tools", ".following", "#reader", ".head-tools"):
        expect(page.locator(hidden).first).to_be_hidden()
