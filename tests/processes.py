"""The one way in which tests end a program that they started."""

from __future__ import annotations

import signal
import subprocess
from typing import Any

PATIENCE = 20


def stop(process: subprocess.Popen[Any]) -> None:
    """End a program as Ctrl-C does, or for good when it does not listen; one that has ended already stays so."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
