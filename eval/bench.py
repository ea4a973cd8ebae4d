"""Times and memory, as a user meets them: `make bench`. Medians, because machines are noisy."""

from __future__ import annotations

import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from assistant import Assistant
from assistant.settings import assistant_settings
from corpus import load_bank
from corpus.bank import BANK_FILE
from index.build import build_index

QUESTION = "Quels sont les avantages de la mutualisation ?"
RUNS = 5
console = Console(highlight=False)


def seconds(work: Callable[[], object]) -> float:
    """Return how long a piece of work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def command_line() -> tuple[list[float], float]:
    """Return the wall times of `python -m assistant ask` and its peak memory in MB."""
    command = [sys.executable, "-m", "assistant", "ask", QUESTION]
    times = [seconds(lambda: subprocess.run(command, check=True, capture_output=True)) for _ in range(RUNS)]  # noqa: S603
    return times, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main() -> None:
    """Measure and print one table: command line, opening, asking, building."""
    settings = assistant_settings()
    build_index(settings)
    times, memory = command_line()
    opening = [seconds(lambda: Assistant.open(settings)) for _ in range(RUNS)]
    assistant = Assistant.open(settings)
    questions = [question.question for question in load_bank(settings.guide, settings.guides_dir).questions[::15]]
    asking = sorted(1000 * seconds(lambda text=text: assistant.ask(text)) for text in questions)  # type: ignore[misc]
    with tempfile.TemporaryDirectory() as folder:
        guides = Path(folder) / "guides"
        shutil.copytree(settings.guides_dir / settings.guide, guides / settings.guide)
        fresh = settings.model_copy(update={"data_dir": Path(folder) / "data", "guides_dir": guides})
        first = seconds(lambda: build_index(fresh))
        with (guides / settings.guide / BANK_FILE).open("a", encoding="utf-8") as bank:
            bank.write('{"question": "Quel est le prix du vélo ?", "kind": "far", "lang": "fr"}\n')
        again = seconds(lambda: build_index(fresh))
        whole = seconds(lambda: build_index(fresh, force=True))
    table = Table("what", "measured", "wanted")
    table.add_row("ask on the command line, median wall time", f"{statistics.median(times):.2f} s", "2.5 s")
    table.add_row("ask on the command line, peak memory", f"{memory:.0f} MB", "450 MB")
    table.add_row("opening a current index, median", f"{statistics.median(opening):.2f} s", "1 s")
    table.add_row("ask() median", f"{statistics.median(asking):.1f} ms", "30 ms")
    table.add_row("ask() 95th percentile", f"{asking[int(len(asking) * 0.95)]:.1f} ms", "60 ms")
    table.add_row("first build (model and index)", f"{first:.0f} s", "120 s")
    table.add_row("later build (the bank grew)", f"{again:.0f} s", "30 s")
    table.add_row("index built again from nothing", f"{whole:.0f} s", "30 s")
    console.print(table)


if __name__ == "__main__":
    main()
