"""« Vérifier », feedback and exports in a real browser, read back from where they went."""

from __future__ import annotations

import io
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from corpus import Guide
from tests.page.helpers import ABSENT, COMPARE, IN_VIEW, SUCCESS, ask, serving

pytestmark = [pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"), pytest.mark.browser]
WORDS = "Travailler la confiance par des premières actions de mutualisation."


def kept(records: Path, question: str) -> list[tuple[str, str]]:
    with sqlite3.connect(records) as database:
        rows = database.execute(
            "select verdict, comment from assistant_feedback where question = ?", (question,)
        ).fetchall()
    return [(str(verdict), str(comment)) for verdict, comment in rows]


def test_each_claim_stands_beside_the_words_that_bear_it(page: Page, guide: Guide) -> None:
    ask(page, COMPARE)
    page.click("[data-do=check]")
    dialog = page.locator("dialog#check")
    expect(dialog).to_be_visible()
    expect(page.locator("#check-title")).to_be_focused()
    rows = dialog.locator(".claims tbody tr")
    assert rows.count() == page.locator(".words a.marker").count()
    for row in rows.all():
        quote = row.locator(".quote").inner_text()
        assert quote in guide.text and quote in row.locator("td").first.inner_text()
        assert "Mot pour mot" in row.inner_text()
    assert dialog.locator(".scores tbody tr").count() >= 5
    expect(dialog.locator(".facts")).to_contain_text("%")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("[data-do=check]")).to_be_focused()


def test_a_source_in_the_check_view_opens_the_guide_at_its_words(page: Page) -> None:
    ask(page, SUCCESS)
    page.click("[data-do=check]")
    page.locator("dialog .claims a").nth(1).click()
    expect(page.locator("dialog#check")).to_be_hidden()
    page.wait_for_function(IN_VIEW, arg="mark.shown")
    expect(page.locator("mark.shown .number")).to_have_text("2")


def test_a_decline_can_be_checked_too(page: Page) -> None:
    ask(page, ABSENT)
    page.click("[data-do=check]")
    expect(page.locator("dialog#check")).to_contain_text("Ne pas répondre")
    expect(page.locator("dialog .scores")).to_be_visible()


def test_a_good_answer_is_kept_with_one_click(page: Page, records_file: Path) -> None:
    question = "Quels sont les avantages de la mutualisation ?"
    ask(page, question)
    page.click("[data-do=good]")
    expect(page.locator(".tools .said")).to_contain_text("enregistré")
    assert kept(records_file, question) == [("good", "")]


def test_a_problem_is_reported_with_its_reason_and_comment(page: Page, records_file: Path) -> None:
    question = "Quelles sont les idées reçues sur la coopération ?"
    ask(page, question)
    page.click("[data-do=check]")
    page.click("[data-do=report]")
    expect(page.locator(".why")).to_be_visible()
    page.check(".why input[value=incomplete]")
    page.fill(".why textarea", "Il manque <b>une</b> idée reçue 😀")
    page.click(".why [type=submit]")
    expect(page.locator(".tools .said")).to_contain_text("enregistré")
    expect(page.locator(".why")).to_be_hidden()
    assert kept(records_file, question) == [("incomplete", "Il manque <b>une</b> idée reçue 😀")]


def test_feedback_that_could_not_be_kept_is_told(browser_page_elsewhere: Callable[[], Page]) -> None:
    page = browser_page_elsewhere()
    ask(page, SUCCESS)
    page.click("[data-do=good]")
    expect(page.locator(".tools .said")).to_contain_text("n’a pas pu être enregistré")
    expect(page.locator("[data-do=good]")).to_have_attribute("aria-pressed", "false")


@pytest.fixture
def browser_page_elsewhere(open_page: Callable[..., Page], built: Path, tmp_path: Path) -> Iterator[Callable[[], Page]]:
    """A page whose server has a database that cannot be written."""
    blocked = tmp_path / "blocked"
    blocked.write_text("not a folder", encoding="utf-8")
    with serving(tmp_path, ASSISTANT_DATABASE_URL=f"sqlite:///{blocked / 'records.sqlite'}") as url:
        pages: list[Page] = []

        def opened() -> Page:
            pages.append(open_page(url))
            return pages[-1]

        yield opened
        for page in pages:
            page.context.close()


def test_a_kept_conversation_can_be_erased(open_page: Callable[..., Page], built: Path, tmp_path: Path) -> None:
    with serving(tmp_path, ASSISTANT_KEEP_CONVERSATIONS="30") as url:
        page = open_page(url)
        ask(page, SUCCESS)
        page.click(".privacy summary")
        expect(page.locator(".privacy")).to_contain_text("30 jours")
        with sqlite3.connect(tmp_path / "records.sqlite") as database:
            assert rows(database) == 1
            page.click("[data-do=erase]")
            expect(page.locator(".privacy .said")).to_contain_text("1")
            assert rows(database) == 0
        expect(page.locator(".exchange")).to_have_count(0)
        page.context.close()


def rows(database: sqlite3.Connection) -> int:
    return int(database.execute("select count(*) from assistant_exchange").fetchone()[0])


@pytest.mark.parametrize("form", ["markdown", "docx", "pdf"])
def test_an_answer_is_taken_along_and_read_back(page: Page, form: str) -> None:
    ask(page, SUCCESS)
    page.click(".tools .menu summary")
    with page.expect_download() as waited:
        page.click(f".tools [data-format={form}]")
    content = Path(waited.value.path()).read_bytes()
    assert waited.value.suggested_filename.endswith({"markdown": ".md", "docx": ".docx", "pdf": ".pdf"}[form])
    if form == "markdown":
        assert WORDS in content.decode("utf-8")
    elif form == "docx":
        assert WORDS in zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml").decode("utf-8")
    else:
        assert content.startswith(b"%PDF") and content.rstrip().endswith(b"%%EOF")


def test_the_whole_conversation_is_taken_along(page: Page) -> None:
    ask(page, SUCCESS)
    ask(page, "et les inconvénients ?")
    page.click("#head .menu summary")
    with page.expect_download() as waited:
        page.click("#head [data-format=markdown]")
    text = Path(waited.value.path()).read_text(encoding="utf-8")
    assert WORDS in text and "coûts de coordination" in text
