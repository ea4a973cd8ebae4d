"""The page's parts and what happens between them (Gradio). How things look is in `view` and `static`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.engine import Assistant
from assistant.page.view import (
    conversation_html,
    guide_html,
    header_html,
    page_catalogue,
    sources_html,
)
from assistant.types import Exchange, Language
from corpus import Guide

STARTERS = 6
NEXT = 3
LONGEST_INPUT = 2000
CSS = Path(__file__).parent / "static" / "page.css"
OTHER_PAGE = {"fr": "/en/", "en": "/"}


def build_page(get_assistant: Callable[[], Assistant], guide: Guide, language: Language = "fr") -> gr.Blocks:
    """Return the page in a language. `get_assistant` is called when a question comes."""
    say = partial(page_catalogue().text, language)
    with gr.Blocks(title=say("title"), analytics_enabled=False, fill_width=True) as page:
        exchanges = gr.State([])
        gr.HTML(header_html(guide, language, OTHER_PAGE[language]), js_on_load=None)
        with gr.Row(elem_id="columns"):
            with gr.Column(scale=6, elem_id="talk"):
                conversation = gr.HTML(conversation_html([], language), js_on_load=None, elem_id="conversation")
                offers_title = gr.HTML(f"<h2>{say('examples')}</h2>", js_on_load=None, elem_id="offers-title")
                with gr.Row(elem_id="offers"):
                    offers = [gr.Button("", visible=False, elem_classes="offer", size="sm") for _ in range(STARTERS)]
                question = gr.Textbox(
                    label=say("input"), placeholder=say("placeholder"), max_length=LONGEST_INPUT, lines=2,
                    autofocus=True, elem_id="question", submit_btn=False,
                )  # fmt: skip
                with gr.Row(elem_id="actions"):
                    send = gr.Button(say("send"), variant="primary", elem_id="send")
                    clear = gr.Button(say("clear"), variant="secondary", elem_id="clear")
            with gr.Column(scale=5, elem_id="proof"):
                sources = gr.HTML(sources_html(None, language), js_on_load=None, elem_id="sources")
                gr.HTML(f"<h2>{say('guide')}</h2>", js_on_load=None)
                shown_guide = gr.HTML(guide_html(guide, (), language), js_on_load=None, elem_id="guide")
        views = [exchanges, conversation, sources, shown_guide, offers_title, question, *offers]

        def show(done: Sequence[Exchange]) -> list[Any]:
            answer = done[-1].answer if done else None
            assistant = get_assistant()
            offered = answer.suggestions if answer else assistant.starters(language, STARTERS)
            heading = say("next" if answer else "examples")
            buttons = [gr.Button(text, visible=True) for text in offered[: NEXT if answer else STARTERS]]
            buttons += [gr.Button("", visible=False)] * (STARTERS - len(buttons))
            return [
                list(done),
                conversation_html(done, language),
                sources_html(answer, language),
                guide_html(guide, answer.citations if answer else (), language),
                f"<h2>{heading}</h2>",
                "",
                *buttons,
            ]

        def answer_message(text: str, done: list[Exchange]) -> list[Any]:
            if not text.strip():
                return [gr.skip()] * len(views)
            return show([*done, Exchange(text, get_assistant().ask(text, history_of(done)))])

        def start() -> list[Any]:
            return show([])

        hidden: dict[str, Any] = {"api_visibility": "private", "show_progress": "minimal"}
        page.load(start, None, views, **hidden)
        for event in (question.submit, send.click):
            event(answer_message, [question, exchanges], views, **hidden)
        for button in offers:
            button.click(answer_message, [button, exchanges], views, **hidden)
        clear.click(start, None, views, **hidden)

        def ask(question: str, history: list[dict[str, Any]]) -> dict[str, Any]:
            """Answer a question in the light of a history of role/content messages (may be empty)."""
            return get_assistant().ask(question, history or ()).to_dict()

        gr.api(ask, api_name="ask", api_description="Answer a question from the guide, with exact citations.")
    page.queue(default_concurrency_limit=4, max_size=64)
    return page


def history_of(exchanges: Sequence[Exchange]) -> list[dict[str, str]]:
    """Return the conversation as role/content messages."""
    messages = []
    for exchange in exchanges:
        messages.append({"role": "user", "content": exchange.question})
        messages.append({"role": "assistant", "content": exchange.answer.text})
    return messages
