"""Under which names the page answers, and which other sites may send it requests: none."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Hosts:
    """The names that a request may ask for.

    A page on 127.0.0.1 is reached by any site whose name its owner points there (DNS rebinding): the
    browser then takes both for one site. Only the name tells them apart.
    """

    def __init__(self, host: str, allowed: str, *, guarded: bool) -> None:
        """Allow the names of a listening address and those `allowed` (comma-separated).

        Any name is allowed where a login keeps strangers out (`guarded`; its cookie is bound to the name),
        and on an address that is open to the network, unless names are listed.
        """
        listed = {name.strip().lower() for name in allowed.split(",") if name.strip()}
        self._names = listed | LOOPBACK | {host.lower()}
        self._any = not listed and (guarded or not is_loopback(host))

    def allows(self, scope: Scope) -> bool:
        """Tell whether a request asks for a name of ours."""
        values = Headers(scope=scope).getlist("host")
        if len(values) != 1:
            return False
        name = name_in(values[0])
        return bool(name) and (self._any or name in self._names)

    def from_here(self, scope: Scope) -> bool:
        """Tell whether a request comes from our own page or from a program, not from another site."""
        headers = Headers(scope=scope)
        if headers.get("sec-fetch-site") == "cross-site":
            return False
        origin = headers.get("origin")
        if origin is None:
            return True
        try:
            # The name and port, not the scheme: a proxy in front may have taken https off.
            place = urlsplit(origin).netloc.lower()
        except ValueError:
            return False
        return bool(place) and place == headers.get("host", "").lower()


def is_loopback(host: str) -> bool:
    """Tell whether an address is reached from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def name_in(host: str) -> str:
    """Return the name in a `Host` header, without its port; empty when it is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".").lower()
    except ValueError:
        return ""
