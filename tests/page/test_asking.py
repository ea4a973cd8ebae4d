"""Asking in a real browser: questions, answers, follow-ups, declines, stopping, trying again, editing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.page.helpers import ABSENT, COMPARE, SUCCESS, ask

pytestmark = [pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"), pytest.mark.browser]
WORDS = "Travailler la confiance par des premières actions de mutualisation."


def test_the_first_screen_says_what_it_is_and_waits_for_a_question(page: Page) -> None:
    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator(".lede")).to_be_visible()
    expect(page.locator(".origin-title a")).to_contain_text("Outil SIAE")
    expect(page.locator(".origin-source")).to_contain_text("Centre de ressources DLA Financement")
    expect(page.locator("#starters .offer")).to_have_count(6)
    expect(page.locator("#question")).to_be_focused()
    page.click(".privacy summary")
    expect(page.locator(".privacy")).to_contain_text("ne quitte cette machine")


def test_the_examples_change_when_asked_to(page: Page) -> None:
    first = page.locator("#starters .offer").all_inner_texts()
    page.click("[data-do=more]")
    expect(page.locator("#starters .offer").first).not_to_have_text(first[0])


def test_an_example_is_asked_with_a_click(page: Page) -> None:
    question = page.locator("#starters .offer").first.inner_text()
    page.locator("#starters .offer").first.click()
    page.locator(".answered.answer").wait_for()
    expect(page.locator(".asked h2")).to_contain_text(question)
    expect(page.locator("#question")).to_be_focused()


def test_an_answer_quotes_the_guide_and_keeps_its_sources_beside_it(page: Page) -> None:
    ask(page, SUCCESS)
    ask(page, COMPARE)
    assert page.locator(".exchange").nth(0).locator(".words .quote").first.inner_text() == WORDS
    assert page.locator(".exchange").nth(0).locator(".sources .source").count() == 2
    assert page.locator(".exchange").nth(1).locator(".sources .source").count() > 2
    expect(page.locator(".exchange").nth(1).locator("table")).to_be_visible()
    expect(page.locator(".words .quote").first).to_have_attribute("lang", "fr")


def test_a_follow_up_tells_how_it_was_understood(page: Page) -> None:
    ask(page, SUCCESS)
    expect(page.locator(".understood")).to_have_count(0)
    ask(page, "et les inconvénients ?")
    expect(page.locator(".understood")).to_contain_text("Question comprise")
    expect(page.locator(".exchange").nth(1).locator(".quote").first).to_contain_text("coûts de coordination")


def test_questions_offered_next_never_come_twice(page: Page) -> None:
    offered: list[str] = []
    ask(page, SUCCESS)
    for _ in range(3):
        shown = page.locator(".following .offer").all_inner_texts()
        assert 2 <= len(shown) <= 3
        offered += shown
        before = page.locator(".exchange[data-key]").count()
        page.locator(".following .offer").first.click()
        page.locator(".exchange[data-key]").nth(before).wait_for()
    assert len(offered) == len(set(offered))


def test_a_decline_looks_different_and_leads_on(page: Page) -> None:
    ask(page, ABSENT)
    expect(page.locator(".answered.decline")).to_have_count(1)
    expect(page.locator(".decline .related li")).not_to_have_count(0)
    expect(page.locator(".following .offer")).to_have_count(2)
    page.locator(".decline .related a").first.click()
    expect(page.locator("#reader")).to_be_visible()
    expect(page.locator("#reader mark")).to_have_count(0)


def test_a_small_talk_is_answered_without_sources(page: Page) -> None:
    ask(page, "Bonjour")
    expect(page.locator(".answered.smalltalk")).to_have_count(1)
    expect(page.locator(".tools, .sources")).to_have_count(0)


def test_shift_and_enter_begin_a_new_line(page: Page) -> None:
    page.fill("#question", "Peut-on imposer")
    page.press("#question", "Shift+Enter")
    page.keyboard.type("la coopération ?")
    page.press("#question", "Enter")
    page.locator(".answered.answer").wait_for()
    assert "\n" in page.locator(".asked h2").inner_text()


def test_the_counter_shows_near_the_limit_and_the_input_ends_there(page: Page) -> None:
    expect(page.locator("#count")).to_be_hidden()
    page.fill("#question", "a" * 1700)
    expect(page.locator("#count")).to_be_visible()
    page.focus("#question")
    page.keyboard.insert_text("b" * 900)
    assert len(page.input_value("#question")) == 2000
    expect(page.locator("#count")).to_have_class("full")


def test_the_last_question_can_be_edited_and_its_answer_is_replaced(page: Page) -> None:
    ask(page, ABSENT)
    page.click("[data-do=edit]")
    assert page.input_value("#question") == ABSENT
    page.keyboard.press("Escape")
    expect(page.locator("#editing")).to_be_hidden()
    page.click("[data-do=edit]")
    page.fill("#question", SUCCESS)
    page.press("#question", "Enter")
    page.locator(".answered.answer").wait_for()
    expect(page.locator(".exchange")).to_have_count(1)


def test_an_answer_is_copied_with_its_sources(page: Page) -> None:
    ask(page, SUCCESS)
    page.click(".tools [data-do=copy]")
    expect(page.locator(".tools [data-do=copy]")).to_have_text("Copié")
    text = page.evaluate("() => navigator.clipboard.readText()")
    assert WORDS in text and "[1]" in text and "Sources" in text and "\\" not in text


def test_a_new_conversation_clears_the_page(page: Page) -> None:
    ask(page, SUCCESS)
    page.click("[data-do=new]")
    expect(page.locator(".exchange")).to_have_count(0)
    expect(page.locator(".welcome")).to_be_visible()
    ask(page, "et les inconvénients ?")
    expect(page.locator(".understood")).to_have_count(0)


def test_a_slow_answer_shows_progress_and_can_be_stopped(open_page: Callable[..., Page]) -> None:
    page = open_page()
    held: list[Route] = []
    page.route("**/queue/join*", lambda route: held.append(route))  # noqa: PLW0108
    page.fill("#question", SUCCESS)
    page.press("#question", "Enter")
    expect(page.locator(".pending h2")).to_have_text(SUCCESS)
    expect(page.locator(".searching")).to_be_visible()
    expect(page.locator("#announce")).to_have_text("Recherche dans le guide…")
    page.click("#stop")
    expect(page.locator(".pending")).to_have_count(0)
    assert page.input_value("#question") == SUCCESS
    page.unroute("**/queue/join*")
    ask(page, "Peut-on imposer la coopération ?")
    expect(page.locator(".exchange")).to_have_count(1)
    expect(page.locator(".asked h2")).to_contain_text("imposer")


def test_what_does_not_arrive_can_be_tried_again(open_page: Callable[..., Page]) -> None:
    page = open_page(quiet=False)
    page.route("**/queue/join*", lambda route: route.abort())
    page.fill("#question", SUCCESS)
    page.press("#question", "Enter")
    page.locator(".answered.error").wait_for()
    page.unroute("**/queue/join*")
    page.locator(".answered.error button").click()
    page.locator(".answered.answer").wait_for()
    expect(page.locator(".answered.error")).to_have_count(0)
