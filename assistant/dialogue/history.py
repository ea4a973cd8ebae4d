"""What was said so far: messages as text, the last exchange that cited the guide. No search here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from assistant.dialogue.cues import cues_of
from assistant.types import Message
from corpus import Guide, Passage, normal_form, writable


@dataclass(frozen=True, slots=True)
class Topic:
    """What the last answered exchange was about.

    `question` is the standalone question that was searched for it, `cited` the passages of its answer in
    the order in which they stood, `listed` the last list of titles that an exchange before it gave (« et la
    troisième ? » may still point into it). Where its question asked for one more (« un autre ? »), `earlier` is
    what the answers that it goes on from cited. `before` is the number of history messages up to its question,
    `fresh` whether nothing was said after it.
    """

    question: str
    cited: tuple[Passage, ...]
    listed: tuple[Passage, ...] = ()
    before: int = 0
    fresh: bool = True
    earlier: tuple[Passage, ...] = ()

    @property
    def told(self) -> tuple[Passage, ...]:
        """Return all that was cited so far of what goes on."""
        return (*self.cited, *self.earlier)


def message_text(message: Message) -> str:
    """Return the words of a history message, whether its content is text or a list of blocks."""
    content = message.get("content", "")
    if isinstance(content, str):
        return writable(content)
    if isinstance(content, Sequence):
        parts = [block.get("text", "") if isinstance(block, dict) else str(block) for block in content]
        return writable("\n".join(str(part) for part in parts))
    return ""


def last_topic(history: Sequence[Message], guide: Guide) -> Topic | None:
    """Find the last exchange whose answer cited the guide; a declined turn leaves the topic standing."""
    topic: Topic | None = None
    more = False
    for position in range(len(history) - 1, -1, -1):
        if history[position].get("role") != "assistant":
            continue
        cited = quoted_passages(message_text(history[position]), guide)
        if not cited:
            continue
        before = next((i for i in range(position - 1, -1, -1) if history[i].get("role") == "user"), -1)
        asked = message_text(history[before]) if before >= 0 else ""
        if topic is None:
            topic = Topic(asked, cited, (), max(before, 0), position == len(history) - 1)
            more = cues_of(asked).others
            continue
        if more:
            topic = replace(topic, earlier=(*topic.earlier, *cited))
            more = cues_of(asked).others
        if not topic.listed and is_list_of_titles(cited):
            topic = replace(topic, listed=cited)
        if topic.listed and not more:
            break
    return topic


def is_list_of_titles(cited: Sequence[Passage]) -> bool:
    """Tell whether an answer gave a list of the guide's titles."""
    return len(cited) > 1 and sum(passage.is_title for passage in cited) > len(cited) / 2


def quoted_passages(text: str, guide: Guide) -> tuple[Passage, ...]:
    """Return the passages that an earlier answer quotes, in the order in which they stand in it."""
    shown = normal_form(text.replace("\\", ""))
    found: list[tuple[int, Passage]] = []
    for passage in guide.passages:
        words = _compared(passage.text)
        for opening, closing in (("« ", " »"), ("“", "”")):
            at = shown.find(f"{opening}{words}{closing} [")
            if at >= 0:
                found.append((at, passage))
                break
    return tuple(passage for _, passage in sorted(found, key=lambda pair: pair[0]))


@lru_cache(maxsize=4096)
def _compared(text: str) -> str:
    """Return a passage's words as they are compared, for every answer of a long talk anew."""
    return normal_form(text)
