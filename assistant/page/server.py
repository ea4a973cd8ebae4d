"""Serving the page: health from the first second, headers on every answer, one page a language."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Callable
from typing import Any

import gradio as gr
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from assistant.engine import Assistant
from assistant.errors import ServerError
from assistant.page.app import CSS, build_page
from assistant.page.view import waiting_html
from assistant.types import Language
from corpus import Guide

log = logging.getLogger(__name__)
# Gradio's own scripts are inline and evaluate templates; everything else stays on this host.
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; "
        "base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
FONTS = ("system-ui", "Segoe UI", "Liberation Sans", "sans-serif")


class PageServer:
    """The page's web application, and the assistant that is being opened behind it."""

    def __init__(self, open_assistant: Callable[[], Assistant], guide: Guide) -> None:
        """Make the application; `start_opening` opens the assistant in a thread of its own."""
        self._open = open_assistant
        self._assistant: Assistant | None = None
        self._problem: Exception | None = None
        self._opened = threading.Event()
        self.app = self._application(guide)

    def assistant(self) -> Assistant:
        """Return the open assistant. Raises `ServerError` before it is open."""
        if self._assistant is None:
            raise ServerError("The assistant is not open yet. Ask again when /health answers 200.")
        return self._assistant

    def start_opening(self) -> None:
        """Open the assistant without holding up the server."""
        threading.Thread(target=self._opening, name="open-assistant", daemon=True).start()

    def wait_open(self) -> None:
        """Wait for the assistant; raise what kept it from opening."""
        self._opened.wait()
        if self._problem is not None:
            raise self._problem

    def _opening(self) -> None:
        try:
            assistant = self._open()
            assistant.ask("Bonjour")  # The first question of a process pays for lazy imports; not a reader's.
            self._assistant = assistant
        except Exception as error:  # Raised again by `wait_open`, in the thread that can report it.
            self._problem = error
        finally:
            self._opened.set()

    def _application(self, guide: Guide) -> FastAPI:
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

        @app.get("/health")
        def health() -> Response:
            if self._assistant is None:
                return JSONResponse({"status": "failed" if self._problem else "starting"}, 503)
            return JSONResponse({"status": "ok", **self._assistant.status()})

        @app.middleware("http")
        async def guard(request: Request, call_next: Callable[[Request], Any]) -> Response:
            pages = request.url.path in ("/", "/en", "/en/")
            if pages and self._assistant is None:
                language: Language = "en" if request.url.path.startswith("/en") else "fr"
                response: Response = HTMLResponse(waiting_html(language, str(self._problem or "")), 503)
            else:
                response = await call_next(request)
            for name, value in SECURITY_HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        theme = gr.themes.Base(font=FONTS, font_mono=("Liberation Mono", "monospace"), primary_hue="teal")
        languages: tuple[tuple[Language, str], ...] = (("en", "/en"), ("fr", "/"))
        for language, path in languages:
            page = build_page(self.assistant, guide, language)
            gr.mount_gradio_app(
                app, page, path=path, footer_links=[], run_history=False, allowed_paths=[], max_file_size=0,
                show_error=False, theme=theme, css_paths=[CSS], ssr_mode=False,
                js=f"() => {{ document.documentElement.lang = '{language}'; }}",
            )  # fmt: skip
        return app


def free_socket(host: str, port: int) -> socket.socket:
    """Return a socket bound to an address. Raises `ServerError` when it is taken or not ours."""
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise ServerError(
            f"Cannot listen on {host}:{port} ({error.strerror}). Stop what uses that port, or choose another "
            "with --port (0 takes a free one)."
        ) from error
    return bound


def serve(
    open_assistant: Callable[[], Assistant], guide: Guide, host: str, port: int, ready: Callable[[str], None]
) -> None:
    """Serve the page until stopped. `ready` is told the address once questions can be answered.

    Raises:
        ServerError: the address cannot be listened on.
        SearchIndexError, CorpusError: the assistant cannot be opened.
    """
    bound = free_socket(host, port)
    if host not in ("127.0.0.1", "::1", "localhost"):
        log.warning("The page listens on %s without login: anyone who reaches this address can ask.", host)
    page = PageServer(open_assistant, guide)
    config = uvicorn.Config(page.app, log_level="warning", timeout_graceful_shutdown=3)
    server = uvicorn.Server(config)
    problem: list[Exception] = []

    def announce() -> None:
        try:
            page.wait_open()
            shown = f"[{host}]" if ":" in host else host
            ready(f"http://{shown}:{bound.getsockname()[1]}")
        except Exception as error:  # Handed to the main thread, which stops the server and raises it.
            problem.append(error)
            server.should_exit = True

    page.start_opening()
    threading.Thread(target=announce, name="announce", daemon=True).start()
    asyncio.run(server.serve(sockets=[bound]))
    if problem:
        raise problem[0]
