"""What the evaluation asks of an assistant: its public interface, as protocols. Nothing else is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from corpus import Guide, Passage
from eval.errors import EvaluationError
from index.progress import Progress, silent

if TYPE_CHECKING:
    from assistant.types import Answer


__all__ = ["Assistant", "Index", "Progress", "index_of", "open_assistant", "silent"]


class FoundPassage(Protocol):
    """A passage that a search returned."""

    @property
    def passage(self) -> Passage:
        """The passage."""
        ...

    @property
    def score(self) -> float:
        """Its score; higher is better."""
        ...


class Found(Protocol):
    """What a search returned."""

    @property
    def hits(self) -> Sequence[FoundPassage]:
        """The passages, best first."""
        ...


class Index(Protocol):
    """The search of a guide."""

    def search(self, question: str, limit: int = 10, parts: Any = None) -> Found:
        """Rank the guide's passages for a question."""
        ...


class Assistant(Protocol):
    """What answers: the contract's `Assistant`, or anything that behaves like it."""

    @property
    def guide(self) -> Guide:
        """The guide that it answers from."""
        ...

    def ask(self, question: str, history: Sequence[Mapping[str, Any]] = ()) -> Answer:
        """Answer one message."""
        ...


def open_assistant() -> Assistant:
    """Open the assistant as its settings in the environment say.

    Raises:
        EvaluationError: it cannot be opened; the message holds its own reason.
    """
    from assistant.errors import AssistantError
    from corpus import CorpusError
    from index.errors import SearchIndexError

    try:
        from assistant import Assistant as Real

        opened: Assistant = Real.open()
    except (AssistantError, CorpusError, SearchIndexError) as error:
        raise EvaluationError(f"The assistant cannot be opened, so nothing was measured. {error}") from error
    return opened


def index_of(assistant: Assistant) -> Index | None:
    """Return the search behind an assistant, None when it shows none."""
    index: Index | None = getattr(assistant, "index", None)
    return index
