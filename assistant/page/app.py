"""The page as a Gradio application: one component that holds it, the events between script and desk.

The page's HTML is made on the server and escaped in one place; its script (`static/*.js`) never makes
HTML of anything that someone wrote. Gradio carries the requests, through its queue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.engine import Assistant
from assistant.messages import LANGUAGES
from assistant.page.conversation import Desk, Talk, answered
from assistant.page.messages import page_catalogue, script_messages
from assistant.page.serving.faults import told
from assistant.page.serving.passing import PassingSessions
from assistant.page.serving.replies import language_of, seconds_to_wait, spend_of, too_often
from assistant.page.shell import shell_html
from assistant.settings import AssistantSettings
from assistant.types import Language
from corpus import Guide

LONGEST_INPUT = 2000
STATIC = Path(__file__).parent / "static"
CSS = STATIC / "page.css"
# In this order: they share one scope, the function that Gradio makes of them.
SCRIPTS = ("page.js", "reader.js", "search.js", "talk.js", "start.js")
# The page's questions and the endpoint's take turns together: the setting is how many are answered at once.
QUESTIONS = "questions"
CHANNEL = "watch('value', () => window.dispatchEvent(new CustomEvent('page-reply', {detail: props.value})));"
REQUESTS = ("start", "ask", "feedback", "erase", "export")


def build_page(
    get_assistant: Callable[[], Assistant],
    guide: Guide,
    language: Language = "fr",
    *,
    settings: AssistantSettings | None = None,
    records: object | None = None,
) -> gr.Blocks:
    """Return the page. `get_assistant` is called when a question comes.

    `language` is what the page speaks unless its address (`?lang=`) or the reader's browser asks for the
    other. `records` are where feedback is kept; the page opens those of the settings when it needs them.
    """
    longest = settings.max_question if settings else LONGEST_INPUT
    logout = settings is not None and settings.auth_file is not None
    desk = Desk(get_assistant, guide, records)
    concurrency = settings.concurrency if settings else 4
    waiting = settings.queue_size if settings else 64
    with gr.Blocks(title=page_catalogue().text(language, "title"), analytics_enabled=False, fill_width=True) as page:
        talk = gr.State(Talk())
        whole = gr.HTML(
            {}, html_template="<!-- -->", js_on_load=script(), apply_default_css=False, padding=False, elem_id="whole",
            language=language,
            shells={each: shell_html(guide, each, longest, logout=logout) for each in LANGUAGES},
            words={each: script_messages(each) for each in LANGUAGES},
        )  # fmt: skip
        passing = PassingSessions(page)
        for name in REQUESTS:
            # A channel each: of two values that come at once, Gradio shows the script the last only.
            channel = gr.HTML({}, html_template="<!-- -->", js_on_load=CHANNEL, elem_id=f"reply-{name}")
            _connect(whole, name, getattr(desk, name), talk, channel)

        def ask(question: str, history: list[dict[str, Any]], request: gr.Request) -> dict[str, Any]:
            """Answer a question in the light of a history of role/content messages (may be empty)."""
            passing.note(request.session_hash)
            try:
                return get_assistant().ask(question, history if isinstance(history, list) else ()).to_dict()
            except Exception as error:  # Gradio would tell a program nothing, and the log no reference.
                problem = told(error, "The endpoint /ask", language_of(request.request.scope))
                raise gr.Error(problem, print_exception=False) from None

        gr.api(
            ask, api_name="ask", api_description="Answer a question from the guide, with exact citations.",
            concurrency_id=QUESTIONS,
        )  # fmt: skip
    page.queue(default_concurrency_limit=concurrency, max_size=waiting)
    return page


def script() -> str:
    """Return the page's script."""
    return "\n".join((STATIC / name).read_text(encoding="utf-8") for name in SCRIPTS)


def _connect(
    whole: gr.HTML, name: str, handle: Callable[[Mapping[str, Any], Talk], Any], talk: gr.State, channel: gr.HTML
) -> None:
    """Let the desk answer an event of the page's script; what never arrives is told to the script."""

    def run(state: Talk, event: gr.EventData, request: gr.Request) -> tuple[dict[str, Any], Talk]:
        wait = seconds_to_wait(request.request)
        state.spend = spend_of(request.request)
        return answered(too_often(wait) if wait else handle, event._data, state), state

    hidden: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    turn = QUESTIONS if name == "ask" else None
    sent = getattr(whole, name)(run, [talk], [channel, talk], trigger_mode="multiple", concurrency_id=turn, **hidden)
    failed = f"() => window.dispatchEvent(new CustomEvent('page-failed', {{detail: '{name}'}}))"
    sent.failure(None, js=failed, **hidden)
