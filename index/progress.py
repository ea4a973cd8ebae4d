"""How long work tells how far it is: one small protocol, so that doors choose how to show it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives the steps of a long piece of work."""

    def __call__(self, step: str, done: int, total: int) -> None:
        """Say that `done` of `total` units of `step` are done; `total` 0 when it is unknown."""


def silent(step: str, done: int, total: int) -> None:
    """Show nothing."""
