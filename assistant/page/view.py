"""The page's HTML as other modules and tests reach it; each part is made in a module of its own."""

from __future__ import annotations

from assistant.page.answers import exchange_html
from assistant.page.escape import safe
from assistant.page.messages import CATALOGUE_FOLDER, page_catalogue
from assistant.page.reader import guide_html
from assistant.page.shell import shell_html, waiting_html

__all__ = ["CATALOGUE_FOLDER", "exchange_html", "guide_html", "page_catalogue", "safe", "shell_html", "waiting_html"]
