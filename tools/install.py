"""Installs what `pyproject.toml` lists into this environment; extras are named as arguments.

Torch goes first and alone: its pinned release is the CPU build, and a later resolution that met an open
range could pull several gigabytes of CUDA libraries instead.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def pip(*arguments: str) -> None:
    """Run pip in this environment; stop with its status when it fails."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    status = subprocess.run(command, check=False).returncode  # noqa: S603
    if status:
        sys.exit(f"Installing {' '.join(arguments[:3])}… failed. Check the network, then run the same command again.")


def main(extras: list[str]) -> None:
    """Install the project's dependencies and those of the extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted: list[str] = list(project["dependencies"])
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    pip(*(requirement for requirement in wanted if requirement.startswith("torch==")))
    pip(*wanted)


if __name__ == "__main__":
    main(sys.argv[1:])
