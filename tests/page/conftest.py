"""What the page's tests share: one real server, one browser, pages that note what they should not do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.page.helpers import DESKTOP, serving

CHROMIUM = "/usr/bin/chromium"


@dataclass
class Noted:
    """What a page did that it should not: requests to other hosts, errors of its scripts, dialogs."""

    away: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def records_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("page") / "records.sqlite"


@pytest.fixture(scope="session")
def server(built: Path, records_file: Path) -> Iterator[str]:
    with serving(records_file.parent) as url:
        yield url


@pytest.fixture
def open_page(browser: Browser, server: str) -> Iterator[Callable[..., Page]]:
    """Open the page, in French on a desktop unless told otherwise; nothing may go wrong or go away from it."""
    noted = Noted()
    contexts = []

    def opened(path: str = "/", *, quiet: bool = True, **options: Any) -> Page:
        context = browser.new_context(
            # Playwright's `wait_for_function` evaluates text, which the page's policy forbids (see tests/server).
            bypass_csp=True,
            **{"viewport": DESKTOP, "locale": "fr-FR", "permissions": ["clipboard-read", "clipboard-write"], **options},
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("request", lambda r: note_away(r.url))
        page.on("pageerror", lambda error: noted.wrong.append(str(error)))
        page.on("dialog", lambda dialog: noted.wrong.append(f"dialog {dialog.message}"))
        if quiet:
            page.on("console", lambda m: noted.wrong.append(m.text) if m.type == "error" else None)
        page.goto(path if path.startswith("http") else f"{server}{path}")
        page.locator("#starters .offer").nth(5).wait_for(state="attached")
        return page

    def note_away(url: str) -> None:
        if not url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            noted.away.append(url)

    yield opened
    for context in contexts:
        context.close()
    assert noted.away == []
    assert noted.wrong == []


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    return open_page()
