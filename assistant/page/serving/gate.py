"""The gate before the application: name, address, body, login, limits, in this order; then the request goes in."""

from __future__ import annotations

import math
from functools import partial

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.page.serving.bodies import MOST_BYTES, BodyError, read_body, read_object, replayed, written
from assistant.page.serving.hosts import Hosts
from assistant.page.serving.limits import Buckets, client_key
from assistant.page.serving.login import Door, PasswordDoor
from assistant.page.serving.questions import Questions
from assistant.page.serving.replies import SPEND, WAIT, refusal
from assistant.page.serving.routes import MCP, open_route
from assistant.settings import AssistantSettings

# What a page sends besides questions (examples, exports, feedback) is cheap, but not free.
REQUESTS_A_QUESTION = 8
# Answers that are made again for pages that were open when the server was started anew: one request may need
# twelve, so that they count apart.
AGAIN_A_QUESTION = 4
REFUSALS_TOLD = 10
_LENGTHS = frozenset({b"content-length", b"transfer-encoding", b"content-encoding"})
# Trusted from nobody: Gradio builds addresses of them.
_STRIPPED = frozenset(
    {b"x-forwarded-host", b"x-forwarded-prefix", b"x-forwarded-port", b"x-gradio-server", b"forwarded"}
)


class Gate:
    """Lets in what the page and its API need, and nothing else."""

    def __init__(
        self, app: ASGIApp, hosts: Hosts, door: Door, questions: Questions, settings: AssistantSettings
    ) -> None:
        """Put the gate before an application. The limits, and whether a proxy is trusted, are settings."""
        rate = settings.rate_limit
        self._app = app
        self._hosts = hosts
        self._door = door
        self._questions = questions
        self._tools = settings.mcp_server
        self._asked = Buckets(rate)
        self._sent = Buckets(rate * REQUESTS_A_QUESTION)
        self._again = Buckets(rate * AGAIN_A_QUESTION)
        self._told = Buckets(REFUSALS_TOLD if rate else 0)
        self._forwarded = bool(settings.auth_header)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let it in."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = {
            **scope,
            "state": scope.setdefault("state", {}),
            "headers": [(name, value) for name, value in scope["headers"] if name not in _STRIPPED],
        }
        try:
            response = await self._checked(scope, receive, send)
        except BodyError as error:
            response = refusal(scope, error.status, error.key, limit=MOST_BYTES // 1024)
        if response is not None:
            await response(scope, receive, send)

    async def _checked(self, scope: Scope, receive: Receive, send: Send) -> Response | None:
        """Return a refusal; None once the request has gone in and was answered."""
        method, path = scope["method"], scope["path"]
        if not self._hosts.allows(scope):
            return refusal(scope, 421, "wrong_host")
        if method not in ("GET", "HEAD") and not self._hosts.from_here(scope):
            return refusal(scope, 403, "other_site")
        kind = open_route(method, path)
        if kind == "none" or (kind == "mcp" and not self._tools):
            return refusal(scope, 404, "not_found")
        if kind == "method":
            return refusal(scope, 405, "wrong_method")
        client = self._client(scope)
        if kind == "login":
            if not isinstance(self._door, PasswordDoor):
                return refusal(scope, 404, "not_found")
            body = await read_body(scope, receive) if method == "POST" else b""
            return await self._door.answer(scope, body, client)
        name = await self._door.name_of(scope, client)
        if kind == "health":
            scope["state"]["stranger"] = name is None
        elif name is None:
            return self._door.turned_away(scope)
        if kind == "page" and path != "/":
            return RedirectResponse("/?lang=en", 307)
        if kind == "mcp":
            # Gradio's own server of this kind lies under its prefix, where such clients are set up to look.
            scope = {**scope, "path": MCP, "raw_path": MCP.encode()}
        if kind in ("body", "mcp"):
            return await self._let_body_in(scope, receive, send, f"name {name}" if name else client)
        await self._app(scope, receive, send)
        return None

    async def _let_body_in(self, scope: Scope, receive: Receive, send: Send, client: str) -> Response | None:
        path = scope["path"]
        body = read_object(scope, await read_body(scope, receive))
        if not self._questions.well_formed(path, body):
            # Not 422: Gradio's client expects a list of another kind of faults there.
            return refusal(scope, 400, "wrong_request")
        wait = self._sent.take(client)
        if wait:
            return refusal(scope, 429, "limited", wait)
        scope["state"][SPEND] = partial(self._again.take, client)
        if self._questions.asks(path, body):
            wait = self._asked.take(client)
            if wait and (not self._questions.from_page(path, body) or self._told.take(client)):
                return refusal(scope, 429, "limited", wait)
            if wait:
                scope["state"][WAIT] = math.ceil(wait)
        clean = written(body)
        full = _Full(send)
        await self._app(_resized(scope, len(clean)), replayed(clean, receive), full.send)
        return refusal(scope, 503, "busy", 5) if full.seen else None

    def _client(self, scope: Scope) -> str:
        address = (scope.get("client") or ("",))[0]
        if self._forwarded:
            # The last entry is the proxy's own; those before it are whatever the client sent.
            address = Headers(scope=scope).get("x-forwarded-for", address).rsplit(",", 1)[-1]
        return client_key(address)


class _Full:
    """Holds back what Gradio says when its queue is full: in English, and how it is set up."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.seen = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 503:
            self.seen = True
        if not self.seen:
            await self._send(message)


def _resized(scope: Scope, length: int) -> Scope:
    rest = [(name, value) for name, value in scope["headers"] if name not in _LENGTHS]
    return {**scope, "headers": [*rest, (b"content-length", str(length).encode())]}
