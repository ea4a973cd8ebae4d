"""The house: one direction of dependence, a light answering path, nothing that ties it to one machine."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ORDER = ("corpus", "index", "assistant", "eval")
LONGEST_FILE = 350


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("package", ORDER)
def test_an_installed_package_holds_its_data(package: str) -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    folder = ROOT / package
    held = {path for pattern in settings["package-data"].get(package, []) for path in folder.glob(pattern)}
    written_by_runs = {"__pycache__", "reports"}
    data = {path for path in folder.rglob("*.*") if path.is_file() and not written_by_runs & set(path.parts)}
    assert {path for path in data - held if path.suffix not in (".py", ".md")} == set()


@pytest.mark.parametrize("package", ORDER)
def test_a_package_knows_nothing_of_what_is_to_its_right(package: str) -> None:
    forbidden = set(ORDER[ORDER.index(package) + 1 :]) | {"tests"}
    for path in modules(package):
        assert not imported(path) & forbidden, path


@pytest.mark.parametrize("package", ORDER)
def test_files_stay_short_and_never_print(package: str) -> None:
    for path in modules(package):
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= LONGEST_FILE, path
        calls = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
        assert all(call.func.id != "print" for call in calls if isinstance(call.func, ast.Name)), path


def test_answering_imports_neither_torch_nor_training_libraries(built: Path) -> None:
    code = (
        "import json, sys; from assistant import Assistant; "
        "answer = Assistant.open().ask('Quels sont les avantages de la mutualisation ?'); "
        "assert answer.citations; print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    loaded = {name.split(".")[0] for name in json.loads(done.stdout.strip().splitlines()[-1])}
    assert not loaded & {"torch", "sentence_transformers", "transformers", "sklearn", "peft", "onnx", "gradio"}


def test_no_file_names_a_machine_or_a_registry() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    fragments = ("/" + "work/", "/" + "root/", "/" + "opt/pypi", "py" + "pi.org/simple", "index" + "-url")
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".json", ".yml", ".txt", ".html", ".css", ".js"} or path.name in {
            "Makefile",
            "run",
        }:
            text = path.read_text(encoding="utf-8")
            assert not [fragment for fragment in fragments if fragment in text], name
