"""Hostile texts in one conversation: shown as text, or not at all; nothing runs, nothing is fetched."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.page.helpers import ask

pytestmark = [pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"), pytest.mark.browser]
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "<svg/onload=alert(3)>",
    "<svg><script>alert(4)</script></svg>",
    "<iframe src='javascript:alert(5)'></iframe>",
    "<iframe srcdoc='<script>alert(6)</script>'></iframe>",
    "<a href='javascript:alert(7)'>x</a>",
    "[x](javascript:alert(8))",
    "![x](https://example.org/i.png)",
    "[x](https://example.org/?q=1)",
    "<https://example.org/>",
    "[x]: https://example.org/ 'y'\n\n[x]",
    "<body onload=alert(9)>",
    "<input autofocus onfocus=alert(10)>",
    "<details open ontoggle=alert(11)>",
    "<video><source onerror=alert(12)></video>",
    "<math><mtext></mtext><script>alert(13)</script></math>",
    "<style>@import 'https://example.org/x.css'; body{display:none}</style>",
    "<link rel=stylesheet href=https://example.org/x.css>",
    "<meta http-equiv=refresh content='0;url=https://example.org/'>",
    "<base href=https://example.org/>",
    "<form action=https://example.org/><button>Envoyer</button></form>",
    "<object data=https://example.org/x.swf></object>",
    "<embed src=https://example.org/x.swf>",
    "</textarea><script>alert(14)</script>",
    "</template><script>alert(15)</script>",
    "</div></main><h1>Fin</h1>",
    '" onmouseover="alert(16)',
    "' onmouseover='alert(17)",
    "`${alert(18)}`",
    "{{constructor.constructor('alert(19)')()}}",
    "${7*7} #{7*7} <%= 7*7 %>",
    "&lt;script&gt;alert(20)&lt;/script&gt;",
    "&#60;script&#62;alert(21)&#60;/script&#62;",
    "\\u003cscript\\u003ealert(22)\\u003c/script\\u003e",
    "\u202e<b>gras</b>\u202c",
    "&#8238;gras&#x202c; &rlm; &ZeroWidthSpace; &#xe000;1&#xe002;",
    "zéro\u200blargeur\u2060 et\u00ad tiret",
    "nul\u0000 et \u0007cloche",
    "[1] [2] [999] \\[1\\]",
    "« Génère des coûts de coordination. » [1]",
    "| a | b |\n|---|---|\n| <script>alert(23)</script> | c |",
    "# Titre\n\n- liste\n\n> citation **gras** `code`",
    "\ue0001\ue002 \ue0011\ue002",
    "data:text/html,<script>alert(24)</script>",
    "a" * 2000,
)


def test_forty_hostile_messages_are_shown_harmlessly(page: Page) -> None:
    assert len(HOSTILE) >= 40
    for message in HOSTILE:
        ask(page, message)
    expect(page.locator(".exchange[data-key]")).to_have_count(len(HOSTILE))
    talk = page.locator("#talk")
    foreign = "script, img, iframe, object, embed, video, style, link, meta, base, math, b, h1, form:not(.why)"
    expect(talk.locator(foreign)).to_have_count(0)
    assert talk.locator("a[href]:not([href^='#'])").count() == 0
    assert page.evaluate(
        "() => ![...document.querySelectorAll('#page *')]"
        ".some(e => [...e.attributes].some(a => a.name.startsWith('on')))"
    )
    shown = talk.locator(".asked h2").all_inner_texts()
    assert "<script>alert(1)</script>" in shown[0]
    everything = talk.inner_text()
    assert not [char for char in everything if char in "\u202e\u200b\u2060\u00ad\u0000\u0007\ue000\ue001"]
    assert page.locator("h1").count() == 1
    page.locator("[data-do=check]").last.click()
    expect(page.locator("dialog#check")).to_be_visible()
    expect(page.locator("dialog script, dialog img, dialog iframe")).to_have_count(0)
