"""The reader's verdict on an answer: two thumbs, and a form that asks what is wrong."""

from __future__ import annotations

from assistant.page.icons import icon
from assistant.page.messages import sayer
from assistant.types import AnswerKind, Language

# What a reader may say is wrong; `assistant.records` knows the same verdicts.
FAULTS = {
    "answer": (
        ("wrong", "fault_wrong"),
        ("incomplete", "fault_incomplete"),
        ("should_decline", "fault_should_decline"),
        ("source_wrong", "fault_source_wrong"),
    ),
    "decline": (("incomplete", "fault_should_answer"), ("wrong", "fault_misunderstood")),
}
LONGEST_COMMENT = 2000


def feedback_html(key: int, kind: AnswerKind, language: Language) -> str:
    """Return the thumbs and the form of an answer; `key` tells answers apart."""
    say = sayer(language)
    thumbs = "".join(
        f'<button type="button" class="plain" data-do="{action}" aria-label="{say(action)}" title="{say(action)}" '
        f"{state}>{icon(action)}</button>"
        for action, state in (
            ("good", 'aria-pressed="false"'),
            ("bad", f'aria-expanded="false" aria-controls="why-{key}"'),
        )
    )
    reasons = "".join(
        f'<li><input type="radio" name="verdict-{key}" id="verdict-{key}-{fault}" value="{fault}" required>'
        f'<label for="verdict-{key}-{fault}">{say(label)}</label></li>'
        for fault, label in FAULTS.get(kind, FAULTS["answer"])
    )
    return (
        f'<span class="thumbs">{thumbs}</span>'
        f'<form class="why" id="why-{key}" hidden><fieldset><legend>{say("why")}</legend>'
        f'<ul class="reasons">{reasons}</ul></fieldset>'
        f'<label class="comment-label" for="comment-{key}">{say("comment")}</label>'
        f'<textarea id="comment-{key}" rows="3" maxlength="{LONGEST_COMMENT}"></textarea>'
        f'<p class="note">{say("kept_note")}</p>'
        f'<p class="form-actions"><button type="submit" class="primary">{say("feedback_send")}</button>'
        f'<button type="button" class="quiet-button" data-do="cancel-feedback">{say("cancel")}</button></p></form>'
        f'<p class="said" role="status"></p>'
    )
