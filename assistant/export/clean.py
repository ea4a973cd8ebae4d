"""From any text to one that can be shown and stored anywhere: nothing unseen, nothing unwritable."""

from __future__ import annotations

import re

REPLACEMENT = "\ufffd"
_LINE_ENDS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# XML 1.0 knows no control characters, and lone surrogates cannot be encoded at all.
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
# Characters that show nothing (Unicode's Default_Ignorable) or turn the writing direction. The soft
# hyphen is left out: it is harmless, and a guide may hold it.
_UNSEEN = re.compile(
    r"[\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_UNWRITABLE = re.compile(
    "[\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff\U000f0000-\U0010ffff"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 15))
    + "]"
)
_SPACES = re.compile(r"[ \n]+")


def clean(text: str) -> str:
    """Return a text without unseen characters; what cannot be written is replaced by U+FFFD.

    Line ends become line feeds and tabs become spaces; all that is seen stays as it is, narrow and
    no-break spaces included. Cleaning twice changes nothing more.
    """
    text = _LINE_ENDS.sub("\n", text).replace("\t", " ")
    return _UNWRITABLE.sub(REPLACEMENT, _UNSEEN.sub("", _CONTROLS.sub("", text)))


def one_line(text: str) -> str:
    """Return a clean text on one line, runs of plain spaces and line ends made one space."""
    return _SPACES.sub(" ", clean(text)).strip(" ")
