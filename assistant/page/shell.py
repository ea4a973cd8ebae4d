"""The frame of the page in a language: head, first screen, input, reader, dialog. The script fills it."""

from __future__ import annotations

from assistant.page.answers import export_menu
from assistant.page.escape import safe
from assistant.page.icons import icon
from assistant.page.messages import page_catalogue, sayer
from assistant.page.reader import reader_html
from assistant.types import Language
from corpus import Guide


def shell_html(guide: Guide, language: Language, longest: int, *, logout: bool = False) -> str:
    """Return the page's frame. `longest` is how many characters a question may have; `logout` offers to leave."""
    return (
        f'<div id="page" lang="{language}"><a class="skip" href="#question">{sayer(language)("skip")}</a>'
        f'{_head_html(guide, language, logout)}<div id="columns"><main id="main" tabindex="-1">'
        f"{_welcome_html(guide, language)}"
        f'<div id="talk"></div>{_composer_html(language, longest)}<div id="privacy"></div></main>'
        f"{reader_html(guide, language)}</div>{_dialog_html(language)}"
        '<p class="unseen" id="announce" role="status" aria-live="polite"></p></div>'
    )


def _head_html(guide: Guide, language: Language, logout: bool) -> str:
    say = sayer(language)
    leave = f'<a class="switch" href="/logout?lang={language}">{say("logout")}</a>' if logout else ""
    other = "en" if language == "fr" else "fr"
    return (
        f'<header id="head" class="head"><h1>{say("title")}</h1>'
        f'<p class="printed" lang="{safe(guide.language)}">{safe(guide.title)}</p><div class="head-tools">'
        f'<span class="talk-tools" hidden><button type="button" class="quiet-button" data-do="new">{icon("new")}'
        f"<span>{say('new')}</span></button>{export_menu(language)}"
        f'<button type="button" class="quiet-button" data-do="print">{icon("print")}<span>{say("print")}</span>'
        f'</button></span><button type="button" class="quiet-button" data-do="open-reader" aria-controls="reader" '
        f'aria-expanded="false">{icon("book")}<span>{say("read_guide")}</span></button>'
        f'<a class="switch" href="?lang={other}" lang="{other}" hreflang="{other}" title="{say("other_language")}">'
        f'<span class="long">{say("other_language")}</span><span class="short">{other.upper()}</span></a>'
        f"{leave}</div></header>"
    )


def _welcome_html(guide: Guide, language: Language) -> str:
    say = sayer(language)
    return (
        f'<section class="welcome" aria-labelledby="lede"><p class="lede" id="lede">{say("lede")}</p>'
        f'<div class="origin">{icon("book")}<div><p class="origin-label">{say("from")}</p>'
        f'<p class="origin-title" lang="{safe(guide.language)}"><a href="#reader" data-do="open-reader">'
        f'{safe(guide.title)}</a></p><p class="origin-source" lang="{safe(guide.language)}">{safe(guide.source)}</p>'
        f'</div></div><div class="starters"><div class="starters-head"><h2>{say("examples")}</h2>'
        f'<button type="button" class="quiet-button" data-do="more">{icon("more")}<span>{say("more")}</span></button>'
        f'</div><div id="starters"><p class="note">{say("examples_coming")}</p></div></div></section>'
    )


def _composer_html(language: Language, longest: int) -> str:
    say = sayer(language)
    return (
        '<form id="composer" autocomplete="off"><p id="editing" hidden>'
        f"{icon('edit')}<span>{say('editing')}</span>"
        f'<button type="button" class="quiet-button" data-do="cancel-edit">{say("cancel")}</button></p>'
        f'<div class="box"><div class="box-head"><label for="question">{say("input")}</label>'
        f'<p id="hint">{say("hint")}</p><p id="count" hidden></p></div>'
        f'<textarea id="question" rows="1" maxlength="{longest}" aria-describedby="hint count" '
        f'placeholder="{say("placeholder")}"></textarea><div><button type="button" id="stop" data-do="stop" hidden>'
        f"{icon('stop')}<span>{say('stop')}</span></button>"
        f'<button type="submit" id="send">{icon("send")}<span>{say("send")}</span></button></div></div></form>'
    )


def privacy_html(language: Language, days: int) -> str:
    """Return the privacy note; `days` is for how long conversations are kept, 0 where they are not."""
    say = sayer(language)
    kept = say("privacy_kept", days=days) if days else say("privacy_not_kept")
    erase = (
        f'<p><button type="button" class="quiet-button" data-do="erase">{say("erase")}</button> '
        '<span class="said" role="status"></span></p>'
        if days
        else ""
    )
    return (
        f'<details class="privacy"><summary>{say("privacy_kept_title" if days else "privacy_title")}</summary>'
        f"<p>{say('privacy_machine')} {kept} {say('privacy_feedback')}</p>{erase}</details>"
    )


def _dialog_html(language: Language) -> str:
    label = sayer(language)("close")
    return (
        '<dialog id="check" aria-labelledby="check-title"><div class="dialog-bar">'
        f'<button type="button" class="plain" data-do="close-check" aria-label="{label}" title="{label}">'
        f'{icon("close")}</button></div><div class="dialog-body"></div></dialog>'
    )


def waiting_html(language: Language, problem: str = "") -> str:
    """Return the page that stands in while the assistant is being opened, or tells why it cannot be."""
    say = page_catalogue().text
    title = say(language, "failed_title" if problem else "waiting_title")
    text = problem or say(language, "waiting")
    turning = "" if problem else '<p class="bar" aria-hidden="true"><span></span></p>'
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><meta http-equiv="refresh" content="3">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{safe(title)}</title>'
        "<style>:root{color-scheme:light dark;--ink:#1d2733;--paper:#faf9f5;--line:#ddd8cc;--accent:#0b6b62}"
        "@media(prefers-color-scheme:dark){:root{--ink:#e8ebee;--paper:#14191d;--line:#3a444d;--accent:#6fd0c4}}"
        "body{font:1.15rem/1.6 system-ui,'Segoe UI','Liberation Sans',sans-serif;max-width:34rem;margin:22vh auto;"
        "padding:0 1.5rem;color:var(--ink);background:var(--paper)}h1{font-size:1.6rem;letter-spacing:-.01em}"
        ".bar{height:4px;border-radius:2px;background:var(--line);overflow:hidden}.bar span{display:block;height:100%;"
        "width:35%;border-radius:2px;background:var(--accent);animation:m 1.6s ease-in-out infinite alternate}"
        "@keyframes m{to{margin-left:65%}}@media(prefers-reduced-motion:reduce){.bar span{animation:none}}"
        "</style></head>"
        f'<body><main><h1>{safe(title)}</h1><p role="status">{safe(text)}</p>{turning}</main></body></html>'
    )
