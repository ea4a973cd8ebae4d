"""What an answer is: plain data. Markdown for people, HTML and JSON are made at the doors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

AnswerKind = Literal["answer", "decline", "smalltalk"]
Language = Literal["fr", "en"]
Mode = Literal["extractive", "generative"]
Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Citation:
    """The guide's own words with their exact place: `guide.text[start:end] == quote`, always.

    `number` is 1-based; `guide` is the slug; `section` the titles path, outermost first, editorial
    titles in square brackets; `passage` the passage's id, which stays when the guide grows elsewhere.
    """

    number: int
    guide: str
    section: tuple[str, ...]
    quote: str
    start: int
    end: int
    passage: str = ""
    translation: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the citation as plain JSON types."""
        return {**asdict(self), "section": list(self.section)}


@dataclass(frozen=True, slots=True)
class Trace:
    """Why the answer is what it is, for the view « Vérifier » and for reports.

    `passages` holds, for each passage considered, its id, its score and the parts of that score;
    `timings_ms` the time of each step in milliseconds.
    """

    passages: tuple[dict[str, Any], ...] = ()
    reason: str = ""
    timings_ms: Mapping[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the trace as plain JSON types."""
        return {"passages": list(self.passages), "reason": self.reason, "timings_ms": dict(self.timings_ms)}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the assistant answers to one message; every claim in `text` carries a marker [n].

    `confidence` (0 to 1) is how likely the guide answers the question; `related` are the closest
    passages, offered as reading and never as support; `understood` is the standalone question that
    was searched.
    """

    kind: AnswerKind
    text: str
    citations: tuple[Citation, ...]
    related: tuple[Citation, ...]
    understood: str
    suggestions: tuple[str, ...]
    language: Language
    confidence: float
    mode: Mode
    trace: Trace = field(default_factory=Trace)

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as plain JSON types."""
        return {
            "kind": self.kind,
            "text": self.text,
            "citations": [citation.to_dict() for citation in self.citations],
            "related": [citation.to_dict() for citation in self.related],
            "understood": self.understood,
            "suggestions": list(self.suggestions),
            "language": self.language,
            "confidence": self.confidence,
            "mode": self.mode,
            "trace": self.trace.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message and its answer."""

    question: str
    answer: Answer
