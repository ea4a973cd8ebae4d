"""The report: one file, nothing loaded, everything escaped, and usable in a real browser by keyboard."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from eval.full import measure_everything
from eval.report.cards import badness, make_cards
from eval.report.charts import decision_chart, interval_bars, latency_bars, reliability_chart
from eval.report.page import render

EVIL = '<script>alert("x")</script><img src=x onerror=alert(1)> & "quotes"'


@pytest.fixture
def page(make_small: Callable[..., Any], dataset: Path) -> str:
    with dataset.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"id": "evil<i>", "question": EVIL, "gold": [EVIL], "style": EVIL}) + "\n")
    small = make_small(use_history=False)
    return render(measure_everything(small, [dataset], baselines=False), small.guide)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Tags()
    parser.feed(page)
    return parser.found


def test_the_page_loads_nothing(page: str) -> None:
    for tag, attributes in tags(page):
        assert tag not in {"iframe", "object", "embed", "img"}
        assert "src" not in attributes
        if tag == "link":
            assert attributes["href"] == "data:,"
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest", page)


def test_what_was_asked_is_shown_and_never_becomes_markup(page: str) -> None:
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert [tag for tag, _ in tags(page)].count("script") == 1


def test_every_turn_has_its_card_and_the_worst_come_first(page: str) -> None:
    cards = [attributes for tag, attributes in tags(page) if tag == "details"]
    assert len(cards) == 41
    failures = [card["data-failure"] for card in cards]
    assert failures[0]
    assert failures[-1] == ""
    assert failures == sorted(failures, key=lambda failure: not failure)
    ids = [card["id"] for card in cards]
    assert len(set(ids)) == len(ids)
    links = {str(a["href"]) for tag, a in tags(page) if tag == "a" and str(a.get("href", "")).startswith("#q-")}
    assert links <= {f"#{name}" for name in ids}
    assert 5 <= len(links) <= 10


def test_charts_have_names_and_escape_theirs() -> None:
    value = {"mean": 0.5, "low": 0.4, "high": 0.6, "n": 3}
    charts = [
        interval_bars([(EVIL, value), ("none", {"mean": None})], EVIL),
        decision_chart([{"answered": 1, "declined": 0}], {"answered": value, "declined": value}),
        reliability_chart([{"confidence": 0.5, "share": 0.4, "n": 3}]),
        latency_bars([{"stage": EVIL, "median": 1.0, "p95": 2.0}]),
    ]
    for chart in charts:
        found = tags(chart)
        assert found[0][0] == "svg"
        assert found[0][1]["role"] == "img"
        assert found[0][1]["aria-label"]
        assert not {"script", "img"} & {tag for tag, _ in found}


def test_sure_and_wrong_is_worse_than_unsure_and_wrong(make_small: Callable[..., Any], dataset: Path) -> None:
    small = make_small(threshold=-1.0)
    full = measure_everything(small, [dataset], baselines=False)
    cards = make_cards(full.exchanges, full.run.scores, small.guide)
    values = [badness(card.score) for card in cards]
    assert values == sorted(values, reverse=True)
    assert cards[0].score.failure == "answered wrongly"


@pytest.mark.browser
def test_the_report_works_in_a_browser_by_keyboard(page: str, browser: Any, tmp_path: Path) -> None:
    from playwright.sync_api import expect

    path = tmp_path / "report.html"
    path.write_text(page, encoding="utf-8")
    shown = browser.new_page()
    said: list[str] = []
    asked: list[str] = []
    shown.on("console", lambda message: said.append(message.text))
    shown.on("pageerror", lambda error: said.append(str(error)))
    shown.on("request", lambda request: asked.append(request.url))
    shown.goto(path.as_uri())
    shown.keyboard.press("Tab")
    assert shown.evaluate("document.activeElement.className") == "skip"
    shown.keyboard.press("/")
    shown.keyboard.type("ÉPLUCHURES compost")
    visible = "[...document.querySelectorAll('details.card')].filter(card => !card.hidden)"
    number = shown.evaluate(f"{visible}.length")
    assert 0 < number < 41
    assert shown.inner_text("#count") == f"{number} of 41 turns shown"
    shown.focus("select[name=failure]")
    shown.keyboard.type("decl")
    assert shown.evaluate(f"{visible}.every(card => card.dataset.failure === 'declined wrongly')")
    shown.focus("button[type=reset]")
    shown.keyboard.press("Enter")
    expect(shown.locator("details.card:not([hidden])")).to_have_count(41)
    shown.focus("ol.worst a")
    shown.keyboard.press("Enter")
    first = shown.locator("details.card").first
    expect(first).to_have_attribute("open", "")
    assert shown.evaluate("document.activeElement.tagName") == "SUMMARY"
    shown.keyboard.press("Enter")
    expect(first).not_to_have_attribute("open", "")
    for scheme in ("light", "dark"):
        shown.emulate_media(color_scheme=scheme)
        assert shown.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert said == []
    assert all(url.startswith(("file:", "data:")) for url in asked)
