"""The reader panel in a real browser: exact words in view, the way back, search, links, citations."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from corpus import Guide
from tests.page.helpers import COMPARE, IN_VIEW, PHONE, SUCCESS, ask

pytestmark = [pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"), pytest.mark.browser]


def words_of(page: Page, selector: str) -> str:
    return str(
        page.eval_on_selector(
            selector, "m => [...m.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join('')"
        )
    )


def test_a_marker_leads_to_the_exact_words_in_view(page: Page, guide: Guide) -> None:
    ask(page, COMPARE)
    marker = page.locator(".words a.marker").nth(3)
    number = marker.inner_text()
    tip = page.locator(f"#tip-1-{number}")
    quote = guide.text[int(tip.get_attribute("data-start") or 0) : int(tip.get_attribute("data-end") or 0)]
    marker.click()
    page.wait_for_function(IN_VIEW, arg="mark.shown")
    assert words_of(page, "mark.shown") == quote
    assert page.locator("mark.shown .number").inner_text() == number
    assert page.evaluate("() => document.activeElement.classList.contains('passage')")
    assert page.url.endswith(str(marker.get_attribute("href")))
    page.click("[data-do=back]")
    expect(marker).to_be_focused()


def test_every_citation_of_the_answer_is_marked_and_can_be_stepped_through(page: Page) -> None:
    ask(page, COMPARE)
    page.locator(".words a.marker").first.click()
    cited = page.locator("#reader mark").count()
    assert cited == page.locator(".words a.marker").count()
    expect(page.locator("#cited")).to_have_text(f"1 sur {cited}")
    page.click("[data-do=cited-next]")
    expect(page.locator("#cited")).to_have_text(f"2 sur {cited}")
    page.wait_for_function(IN_VIEW, arg="mark.shown")
    page.click("[data-do=cited-previous]")
    page.click("[data-do=cited-previous]")
    expect(page.locator("#cited")).to_have_text(f"{cited} sur {cited}")


def test_the_marks_of_one_answer_give_way_to_those_of_another(page: Page) -> None:
    ask(page, SUCCESS)
    ask(page, COMPARE)
    page.locator(".exchange").nth(1).locator("a.marker").first.click()
    page.locator(".exchange").nth(0).locator("a.marker").first.click()
    expect(page.locator("#reader mark")).to_have_count(2)
    text = page.locator(".guide .passage").all_inner_texts()
    assert not [words for words in text if words != words.strip()]


def test_the_quote_shows_over_its_marker_and_escape_hides_it(page: Page) -> None:
    ask(page, SUCCESS)
    marker = page.locator("a.marker").first
    tip = page.locator(f"#{marker.get_attribute('aria-describedby')}")
    marker.hover()
    expect(tip).to_be_visible()
    expect(tip).to_have_attribute("role", "tooltip")
    tip.hover()
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    page.focus("#question")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Escape")


def test_the_search_ignores_case_and_accents(page: Page) -> None:
    page.click("[data-do=open-reader] >> nth=0")
    page.fill("#find", "ECONOMIQUE")
    expect(page.locator("#found")).to_contain_text("1 sur")
    count = int(page.locator("#found").inner_text().rsplit(" ", 1)[1])
    assert count > 3
    page.press("#find", "Enter")
    expect(page.locator("#found")).to_have_text(f"2 sur {count}")
    page.press("#find", "Shift+Enter")
    page.press("#find", "Shift+Enter")
    expect(page.locator("#found")).to_have_text(f"{count} sur {count}")
    page.wait_for_function(IN_VIEW, arg=".here")
    page.fill("#find", "l'impact")
    expect(page.locator("#found")).to_contain_text("1 sur")
    page.fill("#find", "zzz")
    expect(page.locator("#found")).to_have_text("Aucun résultat")
    page.press("#find", "Escape")
    assert page.input_value("#find") == ""
    expect(page.locator("#reader")).to_be_visible()


def test_a_shared_link_opens_the_guide_at_its_passage(open_page: Callable[..., Page], guide: Guide) -> None:
    passage = [one for one in guide.passages if not one.is_title][-3]
    page = open_page(f"/#{passage.id}")
    page.wait_for_function(IN_VIEW, arg=f"#{passage.id}")
    assert page.locator(f"#{passage.id}").inner_text() == passage.text
    page.click("[data-do=share]")
    expect(page.locator("[data-do=share]")).to_have_text("Lien copié")
    assert str(page.evaluate("() => navigator.clipboard.readText()")).endswith(f"/#{passage.id}")


def test_an_unknown_link_opens_nothing(open_page: Callable[..., Page]) -> None:
    page = open_page("/#p-00000000%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E")
    expect(page.locator("#reader")).to_be_hidden()
    expect(page.locator("#question")).to_be_focused()


def test_the_contents_lead_to_each_part(page: Page) -> None:
    page.click("[data-do=open-reader] >> nth=0")
    page.click(".contents summary")
    links = page.locator(".contents a")
    assert links.count() > 20
    links.nth(12).click()
    page.wait_for_function(IN_VIEW, arg=".here")


def test_on_a_phone_the_guide_is_a_sheet_that_keeps_the_focus(open_page: Callable[..., Page]) -> None:
    page = open_page(viewport=PHONE, has_touch=True, is_mobile=True)
    ask(page, SUCCESS)
    page.locator("a.marker").first.tap()
    page.wait_for_function(IN_VIEW, arg="mark.shown")
    expect(page.locator("#reader")).to_have_attribute("aria-modal", "true")
    assert page.evaluate("() => document.querySelector('#main').inert")
    page.click("[data-do=back]")
    expect(page.locator("#reader")).to_be_hidden()
    expect(page.locator("a.marker").first).to_be_focused()
