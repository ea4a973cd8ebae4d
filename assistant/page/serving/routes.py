"""Which of Gradio's addresses are open. What is not named here does not exist: uploads, files, proxy, monitoring."""

from __future__ import annotations

import re
from typing import Literal

API = "/gradio_api"
MCP = "/mcp"
PageKind = Literal["page", "asset", "data", "body", "login", "health", "mcp"]

_EVENT = r"[0-9a-zA-Z_-]{1,64}"
_ROUTES: tuple[tuple[PageKind, str, str], ...] = (
    ("health", "GET HEAD", r"/health/?"),
    ("page", "GET HEAD", r"/"),
    ("page", "GET HEAD", r"/en/?"),
    ("login", "GET HEAD POST", r"/login/?"),
    ("login", "GET POST", r"/logout/?"),
    ("asset", "GET HEAD", r"/(?:assets|static|svelte)/(?!.*\.\.)[\w@./+-]+"),
    ("asset", "GET HEAD", r"/(?:theme\.css|favicon\.ico|robots\.txt|manifest\.json)"),
    ("asset", "GET HEAD", r"/page-code-[0-9a-f]{16}\.js"),
    ("data", "GET", r"/config/?"),
    ("data", "GET", rf"{API}/(?:info|startup-events|app_id|openapi\.json)/?"),
    ("data", "GET", rf"{API}/heartbeat/{_EVENT}"),
    ("data", "GET", rf"{API}/queue/data"),
    ("data", "GET", rf"{API}/call/(?:v2/)?ask/{_EVENT}"),
    ("body", "POST", rf"{API}/queue/join"),
    ("body", "POST", rf"{API}/call/(?:v2/)?ask/?"),
    ("body", "POST", rf"{API}/(?:cancel|reset)/?"),
    ("mcp", "POST", r"(?:/gradio_api)?/mcp/?"),
)
_OPEN = tuple((kind, methods.split(), re.compile(pattern)) for kind, methods, pattern in _ROUTES)


def open_route(method: str, path: str) -> PageKind | Literal["method", "none"]:
    """Return what kind of address a request is for; `method` when only its method is wrong."""
    known = False
    for kind, methods, pattern in _OPEN:
        if pattern.fullmatch(path):
            known = True
            if method in methods:
                return kind
    return "method" if known else "none"
