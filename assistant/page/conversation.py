"""What the page asks for and gets: questions, feedback, erasing, taking along. Plain data in and out.

A request is what the page's script sends, so anything may stand in it; a reply is what it shows. The
exchanges of a reader live in `Talk`, on the server, for as long as her page is open; those that the
server lost meanwhile are made again of what the page sends along.
"""

from __future__ import annotations

import itertools
import logging
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from assistant.engine import Assistant
from assistant.errors import AssistantError, RecordsError
from assistant.page.again import mark_of, shown_in
from assistant.page.answers import exchange_html, question_buttons, understood_otherwise
from assistant.page.copying import announced, copied
from assistant.page.messages import page_catalogue
from assistant.page.serving.faults import told
from assistant.page.serving.replies import Spend, free, too_often
from assistant.page.shell import privacy_html
from assistant.page.taking import export_reply
from assistant.types import Exchange, Language
from corpus import Guide, normal_form
from index.errors import SearchIndexError

log = logging.getLogger(__name__)
STARTERS = 6
NEXT = {"answer": 3, "decline": 2, "smalltalk": 2}
MOST_EXCHANGES = 200
# As many conversations as the page remembers the keys of.
MOST_KEYS = 50
Reply = dict[str, Any]


class Talk:
    """The exchanges of one open page by their keys, and the questions that were offered in it.

    `changed` are those whose answer was made again and is not the one that the page shows. `spend` tells
    how many seconds to wait before another answer may be made again.
    """

    def __init__(self) -> None:
        self.exchanges: dict[int, Exchange] = {}
        self.changed: set[int] = set()
        self.offered: set[str] = set()
        self.spend: Spend = free

    def keep(self, keys: object) -> None:
        """Forget the exchanges that the page no longer shows."""
        kept = {key for key in keys if isinstance(key, int)} if isinstance(keys, list) else set()
        self.exchanges = {key: exchange for key, exchange in self.exchanges.items() if key in kept}
        self.changed &= kept
        if not self.exchanges:
            self.offered = set()

    def shown(self, keys: object) -> dict[int, Exchange]:
        """Return the exchanges of some keys as the page shows them, in the order in which they were asked."""
        wanted = {key for key in keys if isinstance(key, int)} if isinstance(keys, list) else set()
        return {key: self.exchanges[key] for key in sorted(wanted & self.exchanges.keys() - self.changed)}

    def before(self, key: int | None = None) -> list[Exchange]:
        """Return the exchanges before a key, or all, in the order in which they were asked."""
        return [exchange for other, exchange in sorted(self.exchanges.items()) if key is None or other < key]


class Desk:
    """Answers the requests of every page that is open. Safe to share between threads."""

    def __init__(self, get_assistant: Callable[[], Assistant], guide: Guide, records: object | None = None) -> None:
        """Make a desk. `get_assistant` is called for each request: it raises while the assistant is not open."""
        self._assistant = get_assistant
        self._guide = guide
        self._records: Any = records
        self._turns = itertools.count()

    def start(self, request: Mapping[str, Any], _talk: Talk) -> Reply:
        """Return six questions to start with, others each time, and the privacy note."""
        language = _language(request)
        assistant = self._assistant()
        turn = request.get("turn")
        turn = turn if isinstance(turn, int) and 0 <= turn < 10_000 else next(self._turns)
        questions = assistant.starters(language, STARTERS, turn)
        days = assistant.settings.keep_conversations
        return {
            "starters": question_buttons(questions, language),
            "privacy": privacy_html(language, days),
            "keeps": days > 0,
            "turn": turn,
        }

    def ask(self, request: Mapping[str, Any], talk: Talk) -> Reply:
        """Answer a question in the light of the exchanges that the page still shows."""
        language = _language(request)
        assistant = self._assistant()
        question = str(request.get("question", ""))[: assistant.settings.max_question + 1]
        talk.keep(request.get("keep"))
        if wait := self._make_again(request, talk):
            return too_often(wait)(request, talk)
        if len(talk.exchanges) >= MOST_EXCHANGES:
            talk.exchanges.pop(min(talk.exchanges))
        answer = assistant.ask(question, history_of(talk.before()))
        exchange = Exchange(question, answer)
        key = max(talk.exchanges, default=0) + 1
        if isinstance(wanted := request.get("key"), int) and wanted >= key:
            key = wanted
        following = self._following(exchange, talk)
        talk.exchanges[key] = exchange
        self._keep(request, exchange)
        return {
            "key": key,
            "mark": mark_of(answer),
            "html": exchange_html(exchange, key, self._guide, following, language),
            "announce": announced(answer, language),
            "copy": copied(exchange, self._guide),
        }

    def feedback(self, request: Mapping[str, Any], talk: Talk) -> Reply:
        """Keep a reader's verdict; acknowledge it once it is kept."""
        language = _language(request)
        say = page_catalogue().text
        key = request.get("key")
        if wait := self._make_again(request, talk):
            return too_often(wait)(request, talk)
        exchange = talk.shown([key]).get(key) if isinstance(key, int) else None
        if exchange is None:
            return {"error": say(language, "feedback_gone")}
        before = [other.question for other in talk.before(key)]
        try:
            self._open_records().add_feedback(
                exchange,
                str(request.get("verdict", "")),
                str(request.get("comment", "")),
                status=self._assistant().status(),
                history=before if understood_otherwise(exchange) else (),
                conversation=str(request.get("conversation", ""))[:100],
            )
        except RecordsError as error:
            log.warning("Feedback could not be kept: %s", error)
            return {"error": say(language, "feedback_failed")}
        return {"said": say(language, "feedback_kept")}

    def erase(self, request: Mapping[str, Any], talk: Talk) -> Reply:
        """Erase the conversations whose keys the page holds, where conversations are kept."""
        language = _language(request)
        say = page_catalogue().text
        keys = request.get("conversations")
        talk.keep([])
        try:
            records = self._open_records()
            mine = keys[:MOST_KEYS] if isinstance(keys, list) else []
            erased = sum(records.erase_conversation(str(key)[:100]) for key in mine)
        except RecordsError as error:
            log.warning("A conversation could not be erased: %s", error)
            return {"error": say(language, "erase_failed")}
        return {"said": say(language, "erased", count=erased)}

    def export(self, request: Mapping[str, Any], talk: Talk) -> Reply:
        """Return an answer or the conversation as a file, in the reply itself: nothing is written.

        `left_out` are the keys of those that the file does not hold: the page may ask for them again.
        """
        keys = request.get("keys")
        if wait := self._make_again(request, talk, changed=True):
            return too_often(wait)(request, talk)
        exchanges = talk.shown(keys)
        language = _language(request)
        if not exchanges:
            return {"error": page_catalogue().text(language, "export_gone")}
        version = str(self._assistant().status()["index"])
        reply = export_reply(str(request.get("format", "")), list(exchanges.values()), self._guide, language, version)
        wanted = keys if isinstance(keys, list) else []
        return {**reply, "left_out": [key for key in wanted if isinstance(key, int) and key not in exchanges]}

    def _make_again(self, request: Mapping[str, Any], talk: Talk, *, changed: bool = False) -> int:
        """Make again what the page shows and `talk` does not hold; return the seconds to wait for more, or 0.

        `changed` tries those once more that came out otherwise: what stood before them may have lacked then.
        """
        assistant = self._assistant()
        for shown in shown_in(request, assistant.settings.max_question):
            known = shown.key in talk.exchanges and not (changed and shown.key in talk.changed)
            if known or len(talk.exchanges) >= MOST_EXCHANGES:
                continue
            if wait := talk.spend():
                return math.ceil(wait)
            answer = assistant.ask(shown.question, history_of(talk.before(shown.key)))
            exchange = Exchange(shown.question, answer)
            self._following(exchange, talk)  # Offered then, so that it is not offered again.
            talk.exchanges[shown.key] = exchange
            (talk.changed.discard if mark_of(answer) == shown.mark else talk.changed.add)(shown.key)
        return 0

    def _following(self, exchange: Exchange, talk: Talk) -> list[str]:
        """Return what to ask next: nothing that was asked or offered in this conversation."""
        known = {normal_form(other.question) for other in talk.exchanges.values()} | talk.offered
        known.add(normal_form(exchange.question))
        answer = exchange.answer
        starters = (question for turn in (7, 8, 9) for question in self._starters(answer.language, turn))
        chosen: list[str] = []
        for question in (*answer.suggestions, *starters):
            if normal_form(question) not in known and len(chosen) < NEXT[answer.kind]:
                chosen.append(question)
                known.add(normal_form(question))
        talk.offered |= {normal_form(question) for question in chosen}
        return chosen

    def _starters(self, language: Language, turn: int) -> Sequence[str]:
        return self._assistant().starters(language, STARTERS, turn)

    def _keep(self, request: Mapping[str, Any], exchange: Exchange) -> None:
        if self._assistant().settings.keep_conversations <= 0:
            return
        try:
            self._open_records().keep_exchange(str(request.get("conversation", ""))[:100], exchange)
        except RecordsError as error:
            # The reader's answer does not depend on what the maintainer keeps.
            log.warning("An exchange could not be kept: %s", error)

    def _open_records(self) -> Any:
        if self._records is None:
            from assistant.records import Records

            self._records = Records.open(self._assistant().settings)
        return self._records


def answered(handle: Callable[[Mapping[str, Any], Talk], Reply], request: object, talk: Talk) -> Reply:
    """Return the reply to a request; what fails is told to the reader in a sentence, to the log in full."""
    data: Mapping[str, Any] = request if isinstance(request, Mapping) else {}
    serial = data.get("serial")
    head = {"serial": serial if isinstance(serial, int) else 0}
    try:
        return {**head, **handle(data, talk)}
    except (AssistantError, SearchIndexError) as error:
        log.warning("A request could not be answered: %s", error)
        return {**head, "error": page_catalogue().text(_language(data), "unready")}
    except Exception as error:
        return {**head, "error": told(error, "A request of the page", _language(data))}


def history_of(exchanges: Sequence[Exchange]) -> list[dict[str, str]]:
    """Return the conversation as role/content messages."""
    messages = []
    for exchange in exchanges:
        messages.append({"role": "user", "content": exchange.question})
        messages.append({"role": "assistant", "content": exchange.answer.text})
    return messages


def _language(request: Mapping[str, Any]) -> Language:
    return "en" if request.get("language") == "en" else "fr"
