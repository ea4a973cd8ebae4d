"""How often: token buckets in memory, one a client, the number of clients bounded."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

MOST_CLIENTS = 10_000


class Buckets:
    """Token buckets: a client may spend `burst` at once, then `a_minute` a minute; 0 a minute sets no limit."""

    def __init__(
        self,
        a_minute: float,
        burst: float | None = None,
        *,
        most: int = MOST_CLIENTS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make the buckets. `burst` is a minute's worth unless said; of clients seen last, `most` are remembered."""
        self._rate = a_minute / 60
        self._burst = max(1.0, burst if burst is not None else a_minute)
        self._most = most
        self._clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._levels)

    def take(self, client: str) -> float:
        """Spend one token and return 0, or return the seconds to wait for one, which spends nothing."""
        return self._spend(client, 1.0)

    def wait(self, client: str) -> float:
        """Return the seconds until a token can be spent; 0 when one can."""
        return self._spend(client, 0.0)

    def give_back(self, client: str) -> None:
        """Give back a token that was spent on what turned out right."""
        self._spend(client, -1.0)

    def _spend(self, client: str, cost: float) -> float:
        if self._rate <= 0:
            return 0.0
        with self._lock:
            now = self._clock()
            level, seen = self._levels.pop(client, (self._burst, now))
            level = min(self._burst, level + (now - seen) * self._rate)
            enough = level >= 1.0 - 1e-9  # A wait that was told is enough, whatever the sums of fractions say.
            # What is given back counts however little is left, and never makes more than there was at first.
            self._levels[client] = (min(self._burst, level - cost) if enough or cost < 0 else level, now)
            while len(self._levels) > self._most:
                self._levels.popitem(last=False)
            return 0.0 if enough else (1.0 - level) / self._rate


def client_key(address: str) -> str:
    """Return what an address counts as: itself, or its /64 network, which one IPv6 client has to itself."""
    try:
        parsed = ipaddress.ip_address(address.strip().partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
