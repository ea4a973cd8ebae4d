"""Follow-ups without a language model: what a message may mean in the light of what was said.

A message is read in several ways: alone, and completed by the topic of the last exchange. Each reading is
a standalone question; which of them is meant is decided by evidence (`assistant.understand`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.compose.extractive import tidy_title
from assistant.topics import Topics
from assistant.types import Message
from corpus import Guide, Passage, fold_accents, normal_form

MOST_WORDS = 14
_START = re.compile(
    r"^(?:et|mais|ou|donc|alors|du coup|en seine|dans le 93|in seine|pourquoi|comment ca|"
    r"c'est a dire|ah bon|un exemple|des exemples?|"
    r"par exemple|l'autre|and|but|so|why|how so|what about|how about|an? example|any example|for example|such as|"
    r"plus|moins|vraiment|lequel|laquelle|lesquel(?:le)?s|which one|ca|cela|celui|celle|encore|autre chose|"
    r"depuis quand|"
    r"meme (?:chose|question)|idem|same|jamais|toujours|qui ca|quand ca|combien|the (?:first|second|third|last)|"
    r"la (?:premiere|deuxieme|seconde|troisieme|derniere)|le (?:premier|deuxieme|second|troisieme|dernier))\b"
)
_REFERENCE = re.compile(
    r"\b(?:ca|cela|celui(?:-ci|-la)?|celle(?:-ci|-la)?|ceux(?:-ci|-la)?|celles(?:-ci|-la)?|cette (?:forme|qualite|"
    r"pratique|idee|solution|approche|option|methode)|ce (?:point|type|cas|frein|reseau)|elle|elles|il|ils|dedans|"
    r"en|y|leur|leurs|l'eviter|this|that|these|those|it|its|they|them|their|one)\b|"
    r"\b(?:l|d)'(?:autre|un|une)\b|\b(?:un|une) autre\b|-(?:elle|il|ce)s?\b"
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
    r"(?:un|des|par|an?|for|any) exemples?|(?:an?|for|any) examples?|vraiment|really|jamais|"
    r"plus (?:court|simple)|en seine|et en seine|in seine|donc|so|un autre|une autre|depuis quand|combien)\b"
)
_OPENING = re.compile(r"^\s*(?:et|mais|donc|alors|ok|and|but|so|même (?:question|chose))\b[\s,]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a message: the standalone question, and how strongly its words call for it.

    `cue` is 0 for a message that stands alone, up to 1 for one that cannot. `section` is the part of the
    guide that the reading keeps to, None for any. `continues` tells that the words tie the message to
    what was said before.
    """

    question: str
    cue: float
    origin: str
    section: int | None = None
    continues: bool = False


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
        return "\n".join(str(part) for part in parts).encode("utf-8", "replace").decode("utf-8")
    return ""


def last_topic(history: Sequence[Message], guide: Guide) -> Topic | None:
    """Find the last exchange whose answer cited the guide; a declined turn leaves the topic standing."""
    for position in range(len(history) - 1, -1, -1):
        message = history[position]
        if message.get("role") != "assistant":
            continue
        cited = quoted_passages(message_text(message), guide)
        if cited:
            asked = next((message_text(m) for m in reversed(history[:position]) if m.get("role") == "user"), "")
            return Topic(asked, cited)
    return None


def quoted_passages(text: str, guide: Guide) -> tuple[Passage, ...]:
    """Return the passages that an earlier answer quotes, in the order in which they stand in it."""
    shown = normal_form(text.replace("\\", ""))
    found: list[tuple[int, Passage]] = []
    for passage in guide.passages:
        words = normal_form(passage.text)
        for opening, closing in (("« ", " »"), ("“", "”")):
            at = shown.find(f"{opening}{words}{closing} [")
            if at >= 0:
                found.append((at, passage))
                break
    return tuple(passage for _, passage in sorted(found, key=lambda pair: pair[0]))


def readings(message: str, topic: Topic | None, topics: Topics) -> tuple[Reading, ...]:
    """Return the ways to understand a message, the message alone first."""
    alone = Reading(message, 0.0, "alone")
    words = message.split()
    if topic is None or not words or len(words) > MOST_WORDS:
        return (alone,)
    plain = fold_accents(normal_form(message)).strip(" ?!.…")
    cue = _cue(plain, len(words))
    tied = bool(_START.search(plain) or _REFERENCE.search(plain) or topics.mentions_facet(plain))
    found = [replace(alone, continues=tied)]
    target = _ordinal_target(plain, topic)
    if target is not None:
        found.append(Reading(f"{tidy_title(target.text)} : {message}", min(cue + 0.6, 1.0), "ordinal"))
    bare = _OPENING.sub("", message) or message
    facet = topics.shared_facet(topic.cited)
    named = topics.named(plain)
    if named is not None and topics.has_facet(named, facet) and not topics.mentions_facet(plain):
        # « Et faire corps ? » after the drawbacks of another form asks for the same of this one.
        question = f"{facet} : {topics.name(named)}"
        found.append(Reading(question, min(cue + 0.5, 1.0), "other form", named))
    if named is None:
        home = topics.home(topic.cited)
        if home is not None and (cue > 0 or topics.mentions_facet(plain)):
            more = 0.35 if topics.mentions_facet(plain) and len(words) <= 7 else 0.0
            found.append(Reading(f"{bare} ({topics.name(home)})", min(cue + more, 1.0), "topic", home))
        if topic.question and (_CONTINUES.search(plain) or (home is None and cue > 0)):
            found.append(Reading(f"{topic.question} {message}", min(cue + 0.1, 1.0), "question"))
    return tuple({reading.question: reading for reading in found}.values())


def _cue(plain: str, words: int) -> float:
    cue = 0.0
    if _START.search(plain):
        cue += 0.5
    if _REFERENCE.search(plain):
        cue += 0.35
    if words <= 3:
        cue += 0.3
    elif words <= 6:
        cue += 0.15
    return min(cue, 1.0)


def _ordinal_target(plain: str, topic: Topic) -> Passage | None:
    for pattern, position in _ORDINALS:
        if pattern.search(plain) and (position == -1 or position < len(topic.cited)) and len(topic.cited) > 1:
            return topic.cited[position]
    return None
