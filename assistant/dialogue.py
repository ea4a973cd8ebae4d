"""Follow-ups without a language model: what a message may mean in the light of what was said.

A message is read in several ways: alone, and completed by the topic of the last exchange. Each
reading is a standalone question; which of them is meant is decided by evidence (`assistant.engine`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.compose.extractive import tidy_title
from assistant.types import Message
from corpus import Guide, Passage, fold_accents, normal_form

MOST_WORDS = 14
_START = re.compile(
    r"^(?:et|mais|ou|donc|alors|ok|d'accord|du coup|pourquoi|comment ca|c'est a dire|ah bon|un exemple|des exemples?|"
    r"par exemple|le|la|les|l'autre|and|but|so|why|how so|what about|how about|the|an? example|for example|such as|"
    r"plus|moins|vraiment|lequel|laquelle|lesquel(?:le)?s|which one|ca|cela|celui|celle|encore|autre chose|"
    r"in which|meme chose|idem|same)\b"
)
_REFERENCE = re.compile(
    r"\b(?:ca|cela|celui(?:-ci|-la)?|celle(?:-ci|-la)?|ceux(?:-ci|-la)?|celles(?:-ci|-la)?|cette (?:forme|qualite|"
    r"pratique|idee|solution|approche|option|methode)|ce (?:point|type|cas|frein|projet|reseau)|elle|elles|il|ils|"
    r"en|y|leur|leurs|l'eviter|this|that|these|those|it|its|they|them|their|one)\b|"
    r"\b(?:l|d)'(?:autre|un|une)\b|-(?:elle|il|ce)s?\b"
)
_ORDINALS: tuple[tuple[re.Pattern[str], int], ...] = tuple(
    (re.compile(rf"\b(?:{words})\b"), position)
    for words, position in (
        (r"premiere?s?|1ere?|1er|first|numero 1|n°1", 0),
        (r"deuxiemes?|seconde?s?|2e|2eme|second|numero 2|n°2", 1),
        (r"troisiemes?|3e|3eme|third|numero 3|n°3", 2),
        (r"quatriemes?|4e|4eme|fourth", 3),
        (r"cinquiemes?|5e|5eme|fifth", 4),
        (r"dernieres?|derniers?|last", -1),
    )
)
_CONTINUES = re.compile(
    r"^(?:et |mais |but |and )?(?:pourquoi|why|comment ca|how so|c'est a dire|ah bon|"
    r"(?:un|des|par|an?|for|any) exemples?|(?:an?|for|any) examples?|vraiment|really|plus (?:court|simple)|en seine|et en seine|in seine|donc|so)\b"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a message: the standalone question, and how strongly its words call for it.

    `cue` is 0 for a message that stands alone, up to 1 for one that cannot.
    """

    question: str
    cue: float
    origin: str


@dataclass(frozen=True, slots=True)
class Topic:
    """What the last exchange was about: the question before, the passages its answer cited."""

    question: str
    cited: tuple[Passage, ...]


def message_text(message: Message) -> str:
    """Return the words of a history message, whether its content is text or a list of blocks."""
    content = message.get("content", "")
    if isinstance(content, str):
        return content.encode("utf-8", "replace").decode("utf-8")
    if isinstance(content, Sequence):
        parts = [block.get("text", "") if isinstance(block, dict) else str(block) for block in content]
        return "\n".join(str(part) for part in parts)
    return ""


def last_topic(history: Sequence[Message], guide: Guide) -> Topic | None:
    """Find the last exchange whose answer cited the guide; a declined turn leaves the topic standing."""
    question = ""
    for position in range(len(history) - 1, -1, -1):
        message = history[position]
        role, text = message.get("role"), message_text(message)
        if role == "assistant":
            cited = quoted_passages(text, guide)
            if cited:
                question = next((message_text(m) for m in reversed(history[:position]) if m.get("role") == "user"), "")
                return Topic(question, cited)
    return None


def quoted_passages(text: str, guide: Guide) -> tuple[Passage, ...]:
    """Return the passages that an earlier answer quotes, in the order in which they stand in it."""
    shown = normal_form(text.replace("\\", ""))
    found: list[tuple[int, Passage]] = []
    for passage in guide.passages:
        words = normal_form(passage.text)
        for opening, closing in (("« ", " »"), ("“", "”"), ("«", "»")):
            at = shown.find(f"{opening}{words}{closing} [")
            if at >= 0:
                found.append((at, passage))
                break
    return tuple(passage for _, passage in sorted(found, key=lambda pair: pair[0]))


def readings(message: str, topic: Topic | None, guide: Guide) -> tuple[Reading, ...]:
    """Return the ways to understand a message, the message alone first."""
    alone = Reading(message, 0.0, "alone")
    words = message.split()
    if topic is None or not words or len(words) > MOST_WORDS:
        return (alone,)
    plain = fold_accents(normal_form(message)).strip(" ?!.…")
    cue = 0.0
    if _START.search(plain):
        cue += 0.5
    if _REFERENCE.search(plain):
        cue += 0.35
    if len(words) <= 3:
        cue += 0.3
    elif len(words) <= 6:
        cue += 0.15
    found = [alone]
    target = _ordinal_target(plain, topic)
    if target is not None:
        found.append(Reading(f"{tidy_title(target.text)} : {message}", min(cue + 0.5, 1.0), "ordinal"))
    if cue > 0:
        names = topic_names(topic, guide)
        for name in names:
            found.append(Reading(f"{strip_opening(message)} ({name})", min(cue, 1.0), "topic"))
        # « Pourquoi ? » and « Un exemple ? » continue the question itself; « et les inconvénients ? »
        # replaces a part of it, so that the two together would ask for both.
        if topic.question and (_CONTINUES.search(plain) or not names):
            found.append(Reading(f"{topic.question} {message}", min(cue + 0.1, 1.0), "question"))
    return tuple({reading.question: reading for reading in found}.values())


def strip_opening(message: str) -> str:
    """Return a message without the small words that tie it to the one before."""
    return re.sub(r"^\s*(?:et|mais|donc|alors|ok|and|but|so)\b[\s,]*", "", message, flags=re.IGNORECASE) or message


def topic_names(topic: Topic, guide: Guide) -> tuple[str, ...]:
    """Return the names of what was talked about, the widest part first; empty for several parts."""
    names = []
    tops = {guide.top_section(passage.section) for passage in topic.cited}
    if len(tops) == 1:
        section = guide.sections[next(iter(tops))]
        if not section.editorial:
            names.append(tidy_title(section.title))
    sections = {passage.section for passage in topic.cited}
    if len(sections) == 1:
        section = guide.sections[next(iter(sections))]
        if section.level > 2 and not (guide.sections[section.parent or 0].level == 2 and names):
            names.append(tidy_title(section.title))
    return tuple(names)


def _ordinal_target(plain: str, topic: Topic) -> Passage | None:
    for pattern, position in _ORDINALS:
        if pattern.search(plain) and (position == -1 or position < len(topic.cited)) and len(topic.cited) > 1:
            return topic.cited[position]
    return None
