"""Answers that the gate itself gives: a sentence in the reader's language, as JSON or as a small page."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Scope

from assistant.messages import load_catalogue
from assistant.page.escape import safe
from assistant.types import Language

# Where the page asks too often, the seconds to wait travel through the queue: its desk tells them in its language.
WAIT = "wait"
# What the answers that are made again for an open page are counted with; it returns the seconds to wait.
SPEND = "spend"
Spend = Callable[[], float]
CATALOGUE = Path(__file__).parent / "catalogue"


def text(language: Language, key: str, **values: object) -> str:
    """Return one of the gate's messages."""
    return load_catalogue(CATALOGUE).text(language, key, **values)


def language_of(scope: Scope) -> Language:
    """Return the reader's language: what the address asks for, else what the browser prefers, else French."""
    try:
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1"), max_num_fields=100).get("lang", [""])[0]
    except ValueError:  # More fields than that.
        asked = ""
    if asked in ("fr", "en"):
        return "en" if asked == "en" else "fr"
    for part in Headers(scope=scope).get("accept-language", "").lower().split(","):
        if part.strip()[:2] in ("fr", "en"):
            return "en" if part.strip().startswith("en") else "fr"
    return "fr"


def wants_page(scope: Scope) -> bool:
    """Tell whether a person's browser asks, not a program."""
    return scope["method"] in ("GET", "HEAD", "POST") and "text/html" in Headers(scope=scope).get("accept", "")


def refusal(scope: Scope, status: int, key: str, wait: float = 0.0, **values: object) -> Response:
    """Return a refusal. `wait` is told as `Retry-After`, in whole seconds."""
    language = language_of(scope)
    if wait:
        values["seconds"] = math.ceil(wait)
    response = said(scope, status, text(language, key, **values))
    if wait:
        response.headers["Retry-After"] = str(math.ceil(wait))
    return response


def said(scope: Scope, status: int, message: str) -> Response:
    """Return a message of the reader's language as an answer."""
    language = language_of(scope)
    headers = {"Content-Language": language}
    if wants_page(scope):
        return HTMLResponse(small_page(language, message, f"<p>{safe(message)}</p>"), status, headers)
    # `detail` is the key under which Gradio's clients look for a message.
    return JSONResponse({"detail": message}, status, headers)


def seconds_to_wait(request: Request) -> int:
    """Return the seconds that the gate wants whoever sent a request to wait; 0 for none."""
    return int(getattr(request.state, WAIT, 0))


def free() -> float:
    """Let any number of answers be made again."""
    return 0.0


def spend_of(request: Request) -> Spend:
    """Return what counts the answers that are made again for whoever sent a request."""
    spend: Spend = getattr(request.state, SPEND, free)
    return spend


def too_often(seconds: int) -> Callable[[Mapping[str, Any], object], dict[str, str]]:
    """Return what answers a request of the page in the desk's place: how long to wait, in its language."""

    def answer(request: Mapping[str, Any], _talk: object) -> dict[str, str]:
        language: Language = "en" if request.get("language") == "en" else "fr"
        return {"error": text(language, "limited", seconds=seconds)}

    return answer


def small_page(language: Language, title: str, body: str) -> str:
    """Return a page without scripts. `body` is HTML."""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{safe(title)}</title><style>'
        ":root{color-scheme:light dark;--ink:#1d2733;--paper:#faf9f5;--line:#767c84;--accent:#0b6b62;--on:#fff;"
        "--wrong:#a3222a}@media(prefers-color-scheme:dark){:root{--ink:#e8ebee;--paper:#14191d;--accent:#6fd0c4;"
        "--on:#10201e;--wrong:#ff9a9a}}"
        "body{font:1.1rem/1.6 system-ui,'Segoe UI','Liberation Sans',sans-serif;max-width:26rem;margin:14vh auto;"
        "padding:0 1.5rem;color:var(--ink);background:var(--paper)}h1{font-size:1.6rem;letter-spacing:-.01em}"
        "label{display:block;margin-top:1rem;font-weight:600}input{font:inherit;box-sizing:border-box;width:100%;"
        "padding:.5rem .7rem;border:1px solid var(--line);border-radius:.4rem;color:inherit;background:transparent}"
        "button{font:inherit;font-weight:600;margin-top:1.4rem;padding:.55rem 1.3rem;border:0;border-radius:.4rem;"
        "color:var(--on);background:var(--accent);cursor:pointer}a{color:var(--accent)}"
        ":focus-visible{outline:3px solid var(--accent);outline-offset:2px}.wrong{color:var(--wrong);font-weight:600}"
        f"</style></head><body><main>{body}</main></body></html>"
    )
