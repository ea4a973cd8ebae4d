"""Reading an answer's Markdown, for the page and for exports: the text is data, no markup of its own survives."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt

# The line of dashes between a table's head and its body.
TABLE_RULE = re.compile(r"^[|:\s-]+$", re.MULTILINE)

# Links, images and HTML stay the characters they are. So does `&#8238;`: read as a reference, it would bring
# back a character that is dropped before, or forge a private one.
_NEVER = ("link", "image", "autolink", "html_inline", "html_block", "reference", "entity")


def answer_parser(*without: str) -> MarkdownIt:
    """Return a parser of answers without links, images, HTML and references, and without the rules named."""
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
    return parser.disable([*_NEVER, *without])
