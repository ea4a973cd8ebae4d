"""The outermost layer: headers on every answer, no fault shown to a reader, streams that end with the server."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.page.serving.faults import told
from assistant.page.serving.policy import Policy
from assistant.page.serving.replies import language_of, refusal, said

# What Gradio's streams do when their reader goes away or their session is unknown; nothing to mend.
_EXPECTED = (HTTPException, asyncio.CancelledError, ConnectionError)


class Shield:
    """Wraps the application. `close` ends the streams that readers hold open."""

    def __init__(self, app: ASGIApp, policy: Policy) -> None:
        """Put the shield around an application."""
        self._app = app
        self._policy = policy
        self._running: set[asyncio.Task[None]] = set()
        self._closing = False

    def close(self) -> None:
        """End every answer that is still being given: the server stops. Call it in the event loop."""
        self._closing = True
        for task in self._running:
            task.cancel()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:  # Nothing here speaks over a web socket.
            await send({"type": "websocket.close", "code": 1008})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        guarded = _Guarded(scope, send, self._policy)
        # A task of its own: cancelling it ends Gradio's endless streams without cancelling uvicorn's.
        task = asyncio.ensure_future(self._app(scope, receive, guarded.send))
        self._running.add(task)
        try:
            await task
        except _EXPECTED as error:
            if isinstance(error, asyncio.CancelledError) and not self._closing:
                task.cancel()
                raise
            with suppress(ConnectionError):
                await guarded.end()
        except Exception as error:
            if isinstance(error.__cause__, _EXPECTED):  # Starlette's word for an exception after the first byte.
                await guarded.end()
            else:
                await guarded.fail(error)
        else:
            if guarded.hidden:
                await guarded.fail(None)
        finally:
            self._running.discard(task)


class _Guarded:
    """One answer on its way out: its headers are ours, and a failure's body never leaves."""

    def __init__(self, scope: Scope, send: Send, policy: Policy) -> None:
        self._scope = scope
        self._send = send
        self._policy = policy
        self._started = self._ended = self.hidden = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if message["status"] == 500:
                self.hidden = True
                return
            self._started = True
            self._dress(message)
        elif self.hidden:
            return
        elif message["type"] == "http.response.body" and not message.get("more_body"):
            self._ended = True
        await self._send(message)

    async def end(self) -> None:
        """End an answer that was cut short."""
        if self._started and not self._ended:
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
        elif not self._started:
            await self._reply(refusal(self._scope, 503, "not_ready"))

    async def fail(self, error: BaseException | None) -> None:
        """Tell that something broke, with a reference under which the log has the rest."""
        message = told(error, f"{self._scope['method']} {self._scope['path']!r}", language_of(self._scope))
        if self._started:
            await self.end()
        else:
            await self._reply(said(self._scope, 500, message))

    async def _reply(self, response: Response) -> None:
        message: Message = {
            "type": "http.response.start",
            "status": response.status_code,
            "headers": list(response.raw_headers),
        }
        self._started = True
        self._dress(message)
        await self._send(message)
        await self._send({"type": "http.response.body", "body": bytes(response.body)})
        self._ended = True

    def _dress(self, message: Message) -> None:
        headers = MutableHeaders(raw=list(message.get("headers", ())))
        for name in [name for name in headers if name.startswith("access-control-")] + ["server"]:
            del headers[name]  # No other site has business here: Gradio lets other ports of this machine in.
        page = headers.get("content-type", "").startswith("text/html")
        nonce = self._scope.get("state", {}).get("nonce", "")
        kept = message["status"] == 200 and self._scope["path"].startswith(("/assets/", "/page-code-"))
        for name, value in self._policy.headers(page=page, nonce=nonce, kept=kept).items():
            headers[name] = value
        message["headers"] = headers.raw
