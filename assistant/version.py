"""Which version of the assistant this is."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PROJECT = "guide-assistant"


@lru_cache(maxsize=1)
def assistant_version() -> str:
    """Return the version of the installed package or of this checkout; `unknown` where neither says."""
    try:
        return version(PROJECT)
    except PackageNotFoundError:
        pass
    try:
        described = (Path(__file__).resolve().parent.parent / "pyproject.toml").read_text(encoding="utf-8")
        return str(tomllib.loads(described)["project"]["version"])
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        return "unknown"
