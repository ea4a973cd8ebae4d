"""The assistant: understand the turn → search → decide → compose → verify → `Answer`.

Each step is a LangChain `Runnable` over one small state, so that a turn can be traced, batched and
reused; what each step decides lives in the module of its name.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from assistant.compose.base import Composer, cite
from assistant.compose.extractive import ExtractiveComposer
from assistant.decide import Outcome, decide
from assistant.dialogue import Topics, message_text
from assistant.dialogue.history import Topic, last_topic
from assistant.language import detect_language
from assistant.messages import load_catalogue
from assistant.settings import AssistantSettings, assistant_settings
from assistant.suggestions import Suggester
from assistant.types import Answer, Citation, Language, Message, Trace
from assistant.understand import Understood, refuse_unreadable, understand
from assistant.verify import verify
from corpus import Passage, writable
from index.progress import Progress, silent
from index.search import SearchIndex, SearchResult
from index.status import training_state

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

    from index.retriever import GuideRetriever

log = logging.getLogger(__name__)
TRACED_PASSAGES = 8
REMEMBERED = 2000
MOST_REPLAYED = 4
Clock = Callable[[], float]


@dataclass(frozen=True)
class Turn:
    """One message on its way to an answer; each step fills in what it found."""

    question: str
    history: tuple[Message, ...] = ()
    language: Language = "fr"
    understood: Understood | None = None
    outcome: Outcome | None = None
    answer: Answer | None = None
    timings: Mapping[str, float] = field(default_factory=dict)


class Assistant:
    """Answers questions from one guide with verified citations. Safe to share between threads."""

    def __init__(self, index: SearchIndex, settings: AssistantSettings, composer: Composer | None = None) -> None:
        """Make an assistant of an open index; see `open` for the usual way."""
        self.index = index
        self.guide = index.guide
        self.settings = settings
        self._catalogue = load_catalogue()
        self._composer = composer or ExtractiveComposer(self._catalogue)
        self._suggester = Suggester(index.layout, index.translations)
        self._topics = Topics(index.guide, index.translations)
        self._memory = threading.Lock()
        self._standalone: OrderedDict[str, str] = OrderedDict()
        self._chain: Runnable[Turn, Turn] | None = None

    @classmethod
    def open(
        cls,
        settings: AssistantSettings | None = None,
        progress: Progress = silent,
        notify: Callable[[str], None] = log.warning,
    ) -> Assistant:
        """Open the assistant with settings from the environment; build or refresh the index when needed.

        `notify` is told in a sentence when the index is built or refreshed.

        Raises:
            SettingsError, CorpusError, SearchIndexError: what a maintainer must mend, and how.
        """
        settings = settings or assistant_settings()
        return cls(SearchIndex.open(settings, progress, notify), settings)

    def ask(self, question: str, history: Sequence[Message] | None = None) -> Answer:
        """Answer one message in the light of the conversation so far.

        Never raises for what a user typed: empty, over-long or unreadable input gets a clear decline.

        Raises:
            SearchIndexError: the store stopped answering.
            UnverifiedAnswerError: a fault of the program.
        """
        heard = tuple(message for message in history or () if isinstance(message, Mapping))
        turn = Turn(writable(str(question)), heard)
        done = self.chain.invoke(turn)
        if done.answer is None:  # The last step always sets it; this tells the type checker.
            raise AssertionError("the chain ended without an answer")
        timings = {name: round(value, 3) for name, value in done.timings.items()}
        return replace(done.answer, trace=replace(done.answer.trace, timings_ms=timings))

    @property
    def chain(self) -> Runnable[Turn, Turn]:
        """Return the steps as one LangChain runnable from `Turn` to `Turn`."""
        if self._chain is None:
            from langchain_core.runnables import RunnableLambda

            self._chain = (
                RunnableLambda(self._timed("understand", self._understand))
                | RunnableLambda(self._timed("decide", self._decide))
                | RunnableLambda(self._timed("compose", self._compose))
                | RunnableLambda(self._timed("verify", self._verify))
            ).with_config(run_name="assistant")
        return self._chain

    def as_retriever(self, k: int = 10) -> GuideRetriever:
        """Return the search as a LangChain retriever of `k` documents."""
        from index.retriever import GuideRetriever

        return GuideRetriever(index=self.index, k=k)

    def starters(self, language: Language, count: int = 6, turn: int = 0) -> tuple[str, ...]:
        """Return questions to start with, each on another part of the guide; `turn` rotates them."""
        return self._suggester.starters(language, count, turn)

    def status(self) -> dict[str, Any]:
        """Return what answers, as plain JSON types: guide, index, model and training."""
        manifest = self.index.manifest
        return {
            "guide": self.guide.slug,
            "title": self.guide.title,
            "index": manifest.fingerprint,
            "built_at": manifest.built_at,
            "passages": manifest.passages,
            "edition": self.guide.digest,
            "bank_questions": manifest.questions,
            "model": manifest.model,
            "training": training_state(self.settings, self.index.trained),
        }

    @staticmethod
    def _timed(name: str, step: Callable[[Turn], Turn]) -> Callable[[Turn], Turn]:
        def run(turn: Turn) -> Turn:
            start = time.perf_counter()
            done = step(turn)
            return replace(done, timings={**done.timings, name: (time.perf_counter() - start) * 1000})

        return run

    def _understand(self, turn: Turn) -> Turn:
        spoken = [message_text(m) for m in turn.history if m.get("role") == "user"]
        before = detect_language(spoken[-1], "fr") if spoken else "fr"
        language = detect_language(turn.question, before)
        turn = replace(turn, language=language)
        if refuse_unreadable(turn.question, self.settings.max_question):
            return turn
        topic = self._topic(turn.history)
        understood = understand(turn.question, topic, self._topics, self.index)
        self._remember(turn.history, turn.question, understood.question)
        return replace(turn, understood=understood)

    def _topic(self, history: Sequence[Message], depth: int = MOST_REPLAYED) -> Topic | None:
        """Return what the last answered exchange was about, its question made to stand alone.

        How an earlier message was understood follows from what stood before it: it is read again where
        it is not remembered (another process may have answered it).
        """
        topic = last_topic(history, self.guide)
        if topic is None or not topic.question.strip() or depth == 0:
            return topic
        # A history is what a client says it is: what it says was asked is no longer than a question may be.
        topic = replace(topic, question=topic.question[: self.settings.max_question])
        earlier = history[: topic.before]
        key = _turn_key(earlier, topic.question)
        known = self._standalone.get(key)
        if known is None:
            known = understand(topic.question, self._topic(earlier, depth - 1), self._topics, self.index).question
            self._remember(earlier, topic.question, known)
        return replace(topic, question=known)

    def _remember(self, history: Sequence[Message], question: str, standalone: str) -> None:
        """Keep how a message was understood, for the turns after it; the oldest go first."""
        with self._memory:
            self._standalone[_turn_key(history, question)] = standalone
            while len(self._standalone) > REMEMBERED:
                self._standalone.popitem(last=False)

    def _decide(self, turn: Turn) -> Turn:
        if turn.understood is None:
            return replace(turn, outcome=refuse_unreadable(turn.question, self.settings.max_question))
        return replace(turn, outcome=decide(turn.question, turn.understood, self.index))

    def _compose(self, turn: Turn) -> Turn:
        outcome = turn.outcome
        if outcome is None:
            raise AssertionError("a turn is decided before it is composed")
        result = turn.understood.result if turn.understood else None
        asked = [turn.question, *(message_text(m) for m in turn.history if m.get("role") == "user")]
        citations: tuple[Citation, ...] = ()
        related: tuple[Citation, ...] = ()
        near: Sequence[Passage] = ()
        if outcome.kind == "answer":
            near = outcome.passages[: self.settings.max_citations]
            composed = self._composer.compose(self.guide, near, turn.language, self.index.translations)
            text, citations = composed.text, composed.citations
        else:
            text = self._say(outcome.message, turn)
            if outcome.kind == "decline" and result is not None and outcome.show_related:
                near = [hit.passage for hit in result.hits if not hit.passage.is_title][: self.settings.related]
                related = cite(self.guide, near, self.index.translations if turn.language == "en" else {})
        suggestions = self._suggester.next_questions(near, asked, turn.language)
        if not suggestions:
            suggestions = self.starters(turn.language, 3)
        answer = Answer(
            kind=outcome.kind,
            text=text,
            citations=citations,
            related=related,
            understood=turn.understood.question if turn.understood else turn.question,
            suggestions=suggestions[: 3 if outcome.kind == "answer" else 2],
            language=turn.language,
            confidence=outcome.confidence,
            mode=self._composer.mode,
        )
        return replace(turn, answer=answer)

    def _verify(self, turn: Turn) -> Turn:
        if turn.answer is None:
            raise AssertionError("a turn is composed before it is verified")
        trace = Trace(
            passages=_traced(turn.understood.result) if turn.understood else (),
            reason=turn.outcome.reason if turn.outcome else "",
        )
        return replace(turn, answer=verify(replace(turn.answer, trace=trace), self.guide))

    def _say(self, message: str, turn: Turn) -> str:
        values = {"title": self.guide.title, "count": len(turn.question), "limit": self.settings.max_question}
        return self._catalogue.text(turn.language, message, **values)


def _turn_key(history: Sequence[Message], question: str) -> str:
    """Return what tells a message in its conversation from others: a digest, so that no text is kept."""
    state = hashlib.sha256()
    for message in history:
        state.update(f"{message.get('role')}\x1f{message_text(message)}\x1e".encode("utf-8", "replace"))
    state.update(question.encode("utf-8", "replace"))
    return state.hexdigest()


def _traced(result: SearchResult) -> tuple[dict[str, Any], ...]:
    chosen = {passage.id for passage in result.selected}
    return tuple(
        {
            "id": hit.passage.id,
            "score": round(hit.score, 4),
            "selected": hit.passage.id in chosen,
            "parts": {name: round(value, 4) for name, value in hit.parts.items()},
        }
        for hit in result.hits[:TRACED_PASSAGES]
    )
