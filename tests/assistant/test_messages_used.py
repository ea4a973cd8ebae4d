"""Every message of the catalogues is said somewhere: by its key, or by a key that the code puts together."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from assistant.messages import load_catalogue

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "assistant"
FOLDERS = sorted(path.parent for path in PACKAGE.rglob("catalogue/fr.json"))
# The page's script gets these under their short names, and says them as `words.name` or `say("name", …)`.
SCRIPT = "js_"


@cache
def code(folder: Path) -> tuple[frozenset[str], frozenset[str]]:
    """Return the texts that stand in a folder's code, and the beginnings to which it joins something."""
    nodes = [node for path in folder.rglob("*.py") for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return frozenset(texts), frozenset(beginning for node in nodes for beginning in joined(node))


def joined(node: ast.AST) -> Iterator[str]:
    """Yield the constant beginning of f"beginning_{…}" and of "beginning_" + …."""
    first: ast.AST | None = None
    if isinstance(node, ast.JoinedStr) and len(node.values) > 1:
        first = node.values[0]
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        first = node.left
    if isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value.endswith("_"):
        yield first.value


@cache
def ends() -> frozenset[str]:
    """Return what may be joined to a beginning: a text of the packages, its signs and spaces as underscores."""
    texts = (text for package in ("assistant", "index", "corpus") for text in code(ROOT / package)[0])
    return frozenset(re.sub(r"[^a-z]+", "_", text.lower()).strip("_") for text in texts if len(text) < 80)


@cache
def script() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.js")))


def said(key: str, folder: Path) -> bool:
    """Tell whether the code beside a catalogue says one of its keys."""
    if key.startswith(SCRIPT):
        short = re.escape(key.removeprefix(SCRIPT))
        return re.search(rf'\bwords\.{short}\b|\bsay\([^)]*"{short}"', script()) is not None
    texts, beginnings = code(folder.parent)
    return key in texts or any(key.startswith(one) and key.removeprefix(one) in ends() for one in beginnings)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(PACKAGE)))
def test_every_message_is_said_somewhere(folder: Path) -> None:
    assert [key for key in load_catalogue(folder).all_of("fr") if not said(key, folder)] == []


@pytest.mark.parametrize("key", ["decline_never", "reply_never", "js_never", "never"])
def test_a_message_that_nothing_says_is_noticed(key: str) -> None:
    assert not said(key, PACKAGE / "catalogue") and not said(key, PACKAGE / "page" / "catalogue")
