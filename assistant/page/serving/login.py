"""Who is there: by our own login page and session cookie, by HTTP Basic, or by a trusted proxy's header."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import math
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import Scope

from assistant.page.escape import safe
from assistant.page.serving.limits import Buckets
from assistant.page.serving.passwords import LONGEST, Passwords
from assistant.page.serving.replies import language_of, refusal, small_page, text, wants_page
from assistant.types import Language

COOKIE = "guide-assistant-session"
IDLE_SECONDS = 12 * 3600
MOST_SESSIONS = 10_000
LONGEST_FORM = 8 * 1024


class Door(Protocol):
    """Tells who sends a request; None lets nobody in."""

    async def name_of(self, scope: Scope, client: str) -> str | None:
        """Return the name of who sends a request, empty where names are not asked, None for a stranger."""

    def turned_away(self, scope: Scope) -> Response:
        """Return what a stranger is told."""


class OpenDoor:
    """Everyone comes in; nobody has a name."""

    async def name_of(self, scope: Scope, client: str) -> str | None:
        """Return the empty name."""
        return ""

    def turned_away(self, scope: Scope) -> Response:
        """Return a refusal; never asked for."""
        return refusal(scope, 401, "login_needed")


class ProxyDoor:
    """A reverse proxy in front has checked who it is, and says so in a header."""

    def __init__(self, header: str) -> None:
        """Trust a header."""
        self._header = header

    async def name_of(self, scope: Scope, client: str) -> str | None:
        """Return what the header says; None without it, or where it is there twice."""
        values = Headers(scope=scope).getlist(self._header)
        return values[0].strip()[:200] or None if len(values) == 1 else None

    def turned_away(self, scope: Scope) -> Response:
        """Tell to come by the proxy."""
        return refusal(scope, 401, "login_by_proxy")


@dataclass
class _Session:
    name: str
    hashed: str
    seen: float


class PasswordDoor:
    """Names and passwords of a file; a session cookie for browsers, HTTP Basic for programs."""

    def __init__(self, passwords: Passwords, clock: Callable[[], float] = time.monotonic) -> None:
        """Guard with these passwords."""
        self._passwords = passwords
        self._clock = clock
        self._sessions: OrderedDict[str, _Session] = OrderedDict()
        # Ten wrong passwords at once, then one every ten seconds from an address, every three for a name:
        # too slow to guess, and a stranger cannot keep the name's owner out for long.
        self._from_client = Buckets(6, 10, clock=clock)
        self._for_name = Buckets(20, 30, clock=clock)
        self._basic: OrderedDict[bytes, _Session] = OrderedDict()
        self._key = secrets.token_bytes(32)

    async def name_of(self, scope: Scope, client: str) -> str | None:
        """Return the name of the session or of the HTTP Basic credentials."""
        request = Request(scope)
        session = self._sessions.get(_digest(request.cookies.get(COOKIE, "")))
        if session is not None and self._alive(session):
            session.seen = self._clock()
            return session.name
        kind, _, sent = request.headers.get("authorization", "").partition(" ")
        return await self._basic_name(sent, client) if kind.lower() == "basic" else None

    def turned_away(self, scope: Scope) -> Response:
        """Send people to the login page; tell programs that they must log in."""
        if scope["method"] in ("GET", "HEAD") and wants_page(scope):
            return RedirectResponse(f"/login?lang={language_of(scope)}", 303)
        response = refusal(scope, 401, "login_needed")
        if "sec-fetch-mode" not in Headers(scope=scope):  # A browser would put up a dialog of its own.
            response.headers["www-authenticate"] = 'Basic realm="guide-assistant", charset="UTF-8"'
        return response

    async def answer(self, scope: Scope, body: bytes, client: str) -> Response:
        """Answer /login and /logout."""
        if scope["path"].startswith("/logout"):
            return self._log_out(scope)
        if scope["method"] != "POST":
            if await self.name_of(scope, client):
                return RedirectResponse("/", 303)
            return login_page(language_of(scope))
        return await self._log_in(scope, body, client)

    async def _log_in(self, scope: Scope, body: bytes, client: str) -> Response:
        try:
            form = parse_qs(body[:LONGEST_FORM].decode("utf-8"), max_num_fields=10, keep_blank_values=True)
        except ValueError:
            return refusal(scope, 400, "wrong_request")
        name, password = form.get("username", [""])[0], form.get("password", [""])[0]
        language = language_of(scope)
        wait = self._wait(client, name)
        if wait:
            message = text(language, "login_often", seconds=math.ceil(wait))
            return self._wrong(scope, 429, message, name, {"Retry-After": str(math.ceil(wait))})
        if not await self._fits(name, password, client):
            # 403, not 401: the browser's own login dialog stays away.
            return self._wrong(scope, 403, text(language, "login_wrong"), name, {})
        token = secrets.token_urlsafe(32)
        self._sessions[_digest(token)] = _Session(name, self._passwords.hash_of(name), self._clock())
        while len(self._sessions) > MOST_SESSIONS:
            self._sessions.popitem(last=False)
        page = wants_page(scope)
        response: Response = RedirectResponse(f"/?lang={language}", 303) if page else JSONResponse({"success": True})
        response.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=_by_https(scope), path="/")
        return response

    def _log_out(self, scope: Scope) -> Response:
        self._sessions.pop(_digest(Request(scope).cookies.get(COOKIE, "")), None)
        language = language_of(scope)
        response = login_page(language, told=text(language, "logout_done"))
        response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=_by_https(scope), path="/")
        return response

    def _wrong(self, scope: Scope, status: int, message: str, name: str, headers: dict[str, str]) -> Response:
        if wants_page(scope):
            return login_page(language_of(scope), status, problem=message, name=name[:64], headers=headers)
        return JSONResponse({"detail": message}, status, headers)

    def _wait(self, client: str, name: str) -> float:
        return max(self._from_client.wait(client), self._for_name.wait(name[:64]))

    async def _fits(self, name: str, password: str, client: str) -> bool:
        # Spent before the slow check: of many guesses at once all would pass on one token.
        if self._from_client.take(client) or self._for_name.take(name[:64]):
            return False
        if not name or not password or len(password) > LONGEST:
            return False
        if not await asyncio.to_thread(self._passwords.fits, name, password.encode("utf-8", "replace").decode()):
            return False
        self._from_client.give_back(client)
        self._for_name.give_back(name[:64])
        return True

    async def _basic_name(self, sent: str, client: str) -> str | None:
        try:
            name, colon, password = base64.b64decode(sent, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        # Programs send their password with every request; Argon2 is meant to be slow, so that it is asked once.
        digest = hmac.digest(self._key, sent.encode(), "sha256")
        known = self._basic.get(digest)
        if known is not None and self._alive(known):
            return known.name
        if not colon or self._wait(client, name) or not await self._fits(name, password, client):
            return None
        self._basic[digest] = _Session(name, self._passwords.hash_of(name), self._clock())
        while len(self._basic) > MOST_SESSIONS:
            self._basic.popitem(last=False)
        return name

    def _alive(self, session: _Session) -> bool:
        """Tell whether a session lasts: used not long ago, its name and password still those of the file."""
        same = hmac.compare_digest(self._passwords.hash_of(session.name), session.hashed)
        return same and self._clock() - session.seen < IDLE_SECONDS


def login_page(
    language: Language,
    status: int = 200,
    *,
    problem: str = "",
    told: str = "",
    name: str = "",
    headers: dict[str, str] | None = None,
) -> Response:
    """Return the login page, with what went wrong or was done."""
    other = "en" if language == "fr" else "fr"

    def say(key: str) -> str:
        return safe(text(language, key))

    faulty = ' aria-invalid="true" aria-describedby="problem"' if problem else ""
    body = (
        f"<h1>{say('login_title')}</h1>"
        + (f'<p role="status">{safe(told)}</p>' if told else f"<p>{say('login_lede')}</p>")
        + (f'<p id="problem" class="wrong" role="alert">{safe(problem)}</p>' if problem else "")
        + f'<form method="post" action="/login?lang={language}">'
        f'<label for="username">{say("login_name")}</label><input id="username" name="username" value="{safe(name)}" '
        f'autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="64" required{faulty}>'
        f'<label for="password">{say("login_password")}</label><input id="password" name="password" type="password" '
        f'autocomplete="current-password" maxlength="{LONGEST}" required{faulty}>'
        f'<button type="submit">{say("login_send")}</button></form>'
        f'<p><a href="/login?lang={other}" lang="{other}" hreflang="{other}">{say("login_language")}</a></p>'
    )
    return HTMLResponse(small_page(language, text(language, "login_title"), body), status, headers)


def _digest(token: str) -> str:
    # Looked up by digest: how long a look-up takes tells nothing of the tokens that are kept.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _by_https(scope: Scope) -> bool:
    return scope.get("scheme") == "https" or Headers(scope=scope).get("x-forwarded-proto", "") == "https"
