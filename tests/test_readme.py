"""The README: its commands run, its exchange is real, its tables are those of the code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from assistant.docs import README, with_tables

ROOT = Path(__file__).resolve().parent.parent
TEXT = README.read_text(encoding="utf-8")


def plain(text: str) -> str:
    """Return a text with the guide's no-break spaces as plain ones, which a README shows better."""
    return re.sub(r"[\u00a0\u202f]", " ", text).strip()


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_the_generated_tables_are_current() -> None:
    assert with_tables(TEXT) == TEXT, "run `make docs`"


def test_the_exchange_shown_is_what_the_assistant_answers(built: Path) -> None:
    shown = re.search(r"```console\n\$ python -m assistant ask \"(.+?)\"\n(.+?)```", TEXT, re.DOTALL)
    assert shown is not None
    done = run([sys.executable, "-m", "assistant", "ask", shown.group(1)])
    assert plain(done.stdout).startswith(plain(shown.group(2))), done.stdout


def test_the_two_commands_come_first_and_are_targets_of_the_makefile() -> None:
    block = re.search(r"```sh\n(.+?)```", TEXT, re.DOTALL)
    assert block is not None
    commands = [line.split("#")[0].strip() for line in block.group(1).splitlines()]
    assert commands == ["make chat", "make test"]
    for command in [*commands, *re.findall(r"`(make [a-z]+)`", TEXT)]:
        planned = run([*command.split(), "--dry-run"])
        assert planned.returncode == 0, planned.stderr


def test_the_program_shown_runs(built: Path) -> None:
    program = re.search(r"```python\n(.+?)```", TEXT, re.DOTALL)
    assert program is not None
    done = run([sys.executable, "-c", program.group(1) + "\nassert answer.citations"])
    assert done.returncode == 0, done.stderr


def test_every_module_command_and_linked_file_exists() -> None:
    for module, name in re.findall(r"`python -m (assistant|index|corpus|eval) ([a-z]+)", TEXT):
        assert run([sys.executable, "-m", module, name, "--help"]).returncode == 0, (module, name)
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (ROOT / target).is_file(), target
