"""The page's scripts as a file, so that the browser need not be allowed to evaluate text.

Gradio compiles what a page brings along (`js_on_load`, the `js=` of events, templates) from text in the
browser, which takes 'unsafe-eval'. All of that text is known here: `code.js` brings it as functions, and
puts them where Gradio would compile. Text that is not known stays text, and the browser refuses it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
from fastapi.responses import Response

_SHIM = Path(__file__).with_name("code.js")
_FRONTEND = Path(gr.__file__).parent / "templates" / "frontend" / "assets"
# How this release of Gradio wraps what it compiles; another release may do it otherwise.
_ON_LOAD = "element, trigger, props, server, upload, watch"
_WRAPPERS = {
    "HTML-*.js": "Function(`element`,`trigger`,`props`,`server`,`upload`,`watch`,",
    "Blocks-*.js": "`return (\\n${",
}


class CodeFile:
    """The scripts of a page, compiled by the browser as any other file; its address changes with them."""

    def __init__(self, page: gr.Blocks) -> None:
        """Gather the scripts of a page."""
        functions = [(text, f"function ({_ON_LOAD}) {{\n{text}\n}}") for text in _on_load_scripts(page)]
        for script in dict.fromkeys(_event_scripts(page)):
            body = f"return (\n{script.strip().rstrip(';')}\n);"
            functions.append((body, f"async function () {{\n{body}\n}}"))
        lines = "\n".join(f"  known.set({json.dumps(key(text))}, {code});" for text, code in functions)
        whole = _SHIM.read_text(encoding="utf-8").replace("  /* functions */", lines)
        self._content = whole.encode("utf-8")
        self.path = f"/page-code-{hashlib.sha256(self._content).hexdigest()[:16]}.js"

    def answer(self) -> Response:
        """Answer with the file."""
        return Response(self._content, media_type="text/javascript; charset=utf-8")


def gradio_is_known() -> bool:
    """Tell whether the installed Gradio compiles scripts in the way that this file knows."""
    return all(
        any(snippet in path.read_text(encoding="utf-8") for path in _FRONTEND.glob(pattern))
        for pattern, snippet in _WRAPPERS.items()
    )


def _on_load_scripts(page: gr.Blocks) -> Iterator[str]:
    for block in page.blocks.values():
        script = getattr(block, "js_on_load", None)
        if isinstance(script, str) and script:
            yield script


def _event_scripts(page: gr.Blocks) -> Iterator[str]:
    for function in page.fns.values():
        if isinstance(function.js, str):
            yield function.js


def key(text: str) -> str:
    """Return what `keyOf` in code.js makes of a text: its length in UTF-16 units, and FNV-1a over them."""
    units = text.encode("utf-16-le")
    mixed = 0x811C9DC5
    for low, high in zip(units[::2], units[1::2], strict=True):
        mixed = ((mixed ^ (low | high << 8)) * 0x01000193) & 0xFFFFFFFF
    return f"{len(units) // 2}:{mixed}"
