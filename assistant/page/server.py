"""Serving the page: health from the first second, the gate before everything else, a quiet end."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import socket
import threading
from collections.abc import AsyncIterator, Callable
from types import FrameType
from typing import Any

import gradio as gr
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp

from assistant.engine import Assistant
from assistant.errors import ServerError
from assistant.page.app import CSS, build_page
from assistant.page.serving.code import CodeFile, gradio_is_known
from assistant.page.serving.gate import Gate
from assistant.page.serving.hosts import Hosts, is_loopback
from assistant.page.serving.login import Door, OpenDoor, PasswordDoor, ProxyDoor
from assistant.page.serving.markup import Markup
from assistant.page.serving.passwords import Passwords
from assistant.page.serving.policy import Policy
from assistant.page.serving.questions import Questions
from assistant.page.serving.replies import language_of, text
from assistant.page.serving.shield import Shield
from assistant.page.shell import waiting_html
from assistant.settings import AssistantSettings
from assistant.version import assistant_version
from corpus import Guide

log = logging.getLogger(__name__)
FONTS = ("system-ui", "Segoe UI", "Liberation Sans", "sans-serif")
# Each open page holds one connection, each question one more for a moment.
MOST_CONNECTIONS = 1000
# Conversations that are held for open pages; those seen longest ago are let go first.
MOST_TALKS = 1000
SECONDS_TO_END = 3


class PageServer:
    """The page's web application, and the assistant that is being opened behind it."""

    def __init__(self, open_assistant: Callable[[], Assistant], guide: Guide, settings: AssistantSettings) -> None:
        """Make the application; `start_opening` opens the assistant in a thread of its own.

        Raises:
            LoginError, ServerError: the settings ask for what cannot be served.
        """
        silence_telemetry()
        self._open = open_assistant
        self._settings = settings
        self._assistant: Assistant | None = None
        self._problem: Exception | None = None
        self._opened = threading.Event()
        door = door_of(settings)
        page = self._page(guide)
        code = CodeFile(page)
        inner: ASGIApp = Markup(self._application(guide, page, code), code.path)
        hosts = Hosts(settings.host, settings.allowed_hosts, guarded=not isinstance(door, OpenDoor))
        gate = Gate(inner, hosts, door, Questions(page.fns), settings)
        evaluates = not gradio_is_known()
        if evaluates:
            log.warning("This release of Gradio needs 'unsafe-eval': the page is served with a weaker policy.")
        self.app = Shield(gate, Policy(settings.frame_ancestors, evaluates=evaluates))

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

    def _page(self, guide: Guide) -> gr.Blocks:
        page = build_page(self.assistant, guide, "fr", settings=self._settings)
        page.state_session_capacity = MOST_TALKS
        return page

    def _application(self, guide: Guide, page: gr.Blocks, code: CodeFile) -> FastAPI:
        tools = None
        if self._settings.mcp_server:
            from assistant.page.serving.mcp import mcp_server

            tools = mcp_server(self.assistant, guide.title, self._settings.concurrency)
            tools.settings.streamable_http_path = "/mcp"
            tools_app = tools.streamable_http_app()

        @contextlib.asynccontextmanager
        async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
            async with tools.session_manager.run() if tools else contextlib.nullcontext():
                yield

        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
        app.add_api_route("/health", self._health, methods=["GET", "HEAD"])
        app.add_api_route(code.path, code.answer, methods=["GET", "HEAD"])
        if tools:
            for route in tools_app.routes:
                app.router.routes.append(route)

        @app.middleware("http")
        async def guard(request: Request, call_next: Callable[[Request], Any]) -> Response:
            if request.url.path == "/" and self._assistant is None:
                language = language_of(request.scope)
                problem = text(language, "not_ready") if self._problem else ""
                return HTMLResponse(waiting_html(language, problem), 503, {"Retry-After": "3"})
            response: Response = await call_next(request)
            return response

        theme = gr.themes.Base(font=FONTS, font_mono=("Liberation Mono", "monospace"), primary_hue="teal")
        gr.mount_gradio_app(
            app, page, path="/", footer_links=[], run_history=False, allowed_paths=[], max_file_size=0,
            show_error=False, enable_monitoring=False, mcp_server=False, pwa=False, theme=theme, css_paths=[CSS],
            ssr_mode=False,
        )  # fmt: skip
        for component in page.config["components"]:
            component["props"].pop("delete_callback", None)  # A place in memory, which is nobody's business.
        return app

    def _health(self, request: Request) -> Response:
        ready = self._assistant is not None
        told: dict[str, Any] = {"status": "ok" if ready else "failed" if self._problem else "starting"}
        if self._assistant is not None and not request.state.stranger:
            told |= {"version": assistant_version(), **self._assistant.status()}
        return JSONResponse(told, 200 if ready else 503)


def door_of(settings: AssistantSettings) -> Door:
    """Return who lets readers in. Raises `LoginError` when the file of logins cannot be used."""
    if settings.auth_file and settings.auth_header:
        raise ServerError("ASSISTANT_AUTH_FILE and ASSISTANT_AUTH_HEADER are two ways to log in. Set one of them.")
    if settings.auth_file:
        return PasswordDoor(Passwords(settings.auth_file))
    return ProxyDoor(settings.auth_header) if settings.auth_header else OpenDoor()


def exposure_warning(settings: AssistantSettings) -> str:
    """Return what a maintainer must know of the address that the page listens on; empty when all is well."""
    if is_loopback(settings.host):
        return ""
    if settings.auth_header:
        return (
            f"The page listens on {settings.host} and trusts the header {settings.auth_header}: whoever reaches this "
            "address past the proxy can name anyone. Listen on 127.0.0.1, or let only the proxy through."
        )
    if settings.auth_file:
        return (
            f"The page listens on {settings.host} without https: passwords can be read on the way. Put a reverse "
            "proxy with https in front (docs/deploying.md)."
        )
    return (
        f"The page listens on {settings.host} without login: anyone who reaches this address can ask. "
        "Set ASSISTANT_AUTH_FILE (docs/deploying.md), or listen on 127.0.0.1."
    )


def silence_telemetry() -> None:
    """Keep the libraries from telling anyone that they run or what they are asked, whatever the environment says.

    Gradio's queue also keeps the last 10,000 events, and a table of them is worked out after every answer: it
    recorded who asked when, and grew with every question.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"
    os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(10**9)
    for tracing in ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING", "LANGCHAIN_TRACING_V2"):
        os.environ[tracing] = "false"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["ANONYMIZED_TELEMETRY"] = "False"


def free_socket(host: str, port: int) -> socket.socket:
    """Return a socket bound to an address. Raises `ServerError` when it is taken or not ours."""
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        taken = "Stop what uses that port, or choose another with --port (0 takes a free one)."
        other = "Choose an address of this machine with --host, and a port above 1023 with --port."
        raise ServerError(
            f"Cannot listen on {host}:{port} ({error.strerror}). {taken if error.errno == errno.EADDRINUSE else other}"
        ) from error
    return bound


class _QuietServer(uvicorn.Server):
    """Ends readers' open streams when it is told to stop, instead of waiting for readers who stay."""

    def __init__(self, config: uvicorn.Config, close: Callable[[], None]) -> None:
        super().__init__(config)
        self._close = close

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._close()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # Uvicorn would raise the signal again once it has ended, which shows a traceback for Ctrl-C.
        self.should_exit = True


def serve(
    open_assistant: Callable[[], Assistant],
    guide: Guide,
    settings: AssistantSettings,
    ready: Callable[[str], None],
    warn: Callable[[str], None] = log.warning,
) -> None:
    """Serve the page until stopped. `ready` is told the address once questions can be answered.

    Raises:
        LoginError, ServerError: the page cannot be served as it is set up, or its address is taken.
        SearchIndexError, CorpusError: the assistant cannot be opened.
    """
    bound = free_socket(settings.host, settings.port)
    warning = exposure_warning(settings)
    if warning:
        warn(warning)
    page = PageServer(open_assistant, guide, settings)
    config = uvicorn.Config(
        page.app, log_level="warning", server_header=False, access_log=False, proxy_headers=False, ws="none",
        lifespan="on", limit_concurrency=MOST_CONNECTIONS, timeout_graceful_shutdown=SECONDS_TO_END,
        http="h11",  # Unlike httptools it bounds the length of headers.
        h11_max_incomplete_event_size=32 * 1024,
    )  # fmt: skip
    server = _QuietServer(config, page.app.close)
    problem: list[Exception] = []

    def announce() -> None:
        try:
            page.wait_open()
            shown = f"[{settings.host}]" if ":" in settings.host else settings.host
            ready(f"http://{shown}:{bound.getsockname()[1]}")
        except Exception as error:  # Handed to the main thread, which stops the server and raises it.
            problem.append(error)
            server.should_exit = True

    page.start_opening()
    threading.Thread(target=announce, name="announce", daemon=True).start()
    asyncio.run(server.serve(sockets=[bound]))
    if problem:
        raise problem[0]
