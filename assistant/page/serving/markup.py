"""Gradio's page on its way to a reader: a nonce on its scripts, nothing evaluated, compressed."""

from __future__ import annotations

import asyncio
import gzip
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.page.serving.policy import new_nonce, with_nonce
from assistant.page.serving.replies import language_of

# What link previews would show: Gradio's name, and an image of another host.
_OF_GRADIO = re.compile(r'<meta\s+(?:property="og:|name="twitter:)[^>]*/>\s*')
_NOT_CODED = (b"accept-encoding", b"if-none-match", b"range")


class Markup:
    """Wraps the application; changes the page at `/` only."""

    def __init__(self, app: ASGIApp, first_script: str) -> None:
        """Put `first_script`, a path of this host, before the page's other scripts."""
        self._app = app
        self._first = first_script

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["path"] != "/":
            await self._app(scope, receive, send)
            return
        start: Message = {}
        body = bytearray()

        async def hold(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                body.extend(message.get("body", b""))

        plain = [(name, value) for name, value in scope["headers"] if name not in _NOT_CODED]
        await self._app({**scope, "headers": plain}, receive, hold)
        content = bytes(body)
        headers = MutableHeaders(raw=list(start["headers"]))
        if headers.get("content-type", "").startswith("text/html") and scope["method"] == "GET":
            content = self._changed(content, scope)
            headers["vary"] = "Accept-Encoding"
            if "gzip" in Headers(scope=scope).get("accept-encoding", ""):
                content = await asyncio.to_thread(gzip.compress, content, 5)
                headers["content-encoding"] = "gzip"
            headers["content-length"] = str(len(content))
        await send({**start, "headers": headers.raw})
        await send({"type": "http.response.body", "body": content})

    def _changed(self, content: bytes, scope: Scope) -> bytes:
        nonce = new_nonce()
        scope["state"]["nonce"] = nonce
        html = _OF_GRADIO.sub("", content.decode("utf-8"))
        html = html.replace('lang="en"', f'lang="{language_of(scope)}"', 1)
        html = html.replace("<script", f'<script src="{self._first}"></script><script', 1)
        return with_nonce(html, nonce).encode("utf-8")
