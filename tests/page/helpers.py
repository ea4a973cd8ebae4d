"""What the page's tests do again and again: serve the page, ask, look at what is seen."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.processes import stop

ROOT = Path(__file__).resolve().parents[2]
SUCCESS = "Quels sont les facteurs clés de succès de la mutualisation ?"
COMPARE = "Compare les avantages et les inconvénients des trois formes de coopération"
ABSENT = "Quel est le montant de l’adhésion annuelle au réseau Inser’Eco93 ?"
DESKTOP, PHONE = {"width": 1280, "height": 860}, {"width": 360, "height": 740}


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:
            return int(answer.status) == 200
    except (urllib.error.HTTPError, OSError):
        return False


@contextmanager
def serving(folder: Path, port: int = 0, **variables: str) -> Iterator[str]:
    """Serve the page by the command line on a free port, with feedback in a folder of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = port or probe.getsockname()[1]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ASSISTANT_")},
        "PYTHONPATH": str(ROOT),
        "ASSISTANT_DATA_DIR": str(ROOT / ".cache" / "tests"),
        "ASSISTANT_DATABASE_URL": f"sqlite:///{folder / 'records.sqlite'}",
        "ASSISTANT_RATE_LIMIT": "0",
        **variables,
    }
    url = f"http://127.0.0.1:{port}"
    with (folder / "log.txt").open("w", encoding="utf-8") as log:
        started = subprocess.Popen(
            [sys.executable, "-m", "assistant", "chat", "--port", str(port)],
            env=environment, cwd=folder, stdout=log, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        try:
            deadline = time.monotonic() + 180
            while not answers(url):
                told = (folder / "log.txt").read_text(encoding="utf-8")
                assert started.poll() is None and time.monotonic() < deadline, told
                time.sleep(0.05)
            yield url
        finally:
            stop(started)


def ask(page: Page, question: str) -> None:
    """Type a question, send it with Enter, wait for its answer."""
    before = page.locator(".exchange[data-key]").count()
    page.fill("#question", question)
    page.press("#question", "Enter")
    page.locator(".exchange[data-key]").nth(before).wait_for()


def serious(page: Page) -> list[str]:
    """Return what axe-core finds serious or critical on a page as it stands."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['help']} {[node['html'][:160] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def fits(page: Page) -> bool:
    """Tell whether nothing sticks out to the side."""
    return bool(page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"))


IN_VIEW = """
(selector) => {
  const found = document.querySelector(selector);
  if (!found) return false;
  const place = found.getBoundingClientRect();
  const seen = document.elementFromPoint(place.left + 3, place.top + 3);
  return place.top >= 0 && place.bottom <= innerHeight && place.right <= innerWidth && found.contains(seen);
}
"""
