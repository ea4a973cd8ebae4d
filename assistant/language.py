"""French or English? By function words: questions are short, and only these two are answered in."""

from __future__ import annotations

import re

from assistant.types import Language
from corpus import folded, normal_form

_ENGLISH = frozenset(
    [
        "the",
        "of",
        "to",
        "is",
        "are",
        "what",
        "how",
        "why",
        "which",
        "who",
        "when",
        "where",
        "do",
        "does",
        "did",
        "can",
        "could",
        "should",
        "would",
        "will",
        "and",
        "for",
        "with",
        "in",
        "on",
        "about",
        "between",
        "an",
        "it",
        "its",
        "they",
        "we",
        "you",
        "your",
        "our",
        "us",
        "my",
        "me",
        "i",
        "have",
        "has",
        "be",
        "any",
        "there",
        "these",
        "this",
        "that",
        "those",
        "from",
        "by",
        "not",
        "hello",
        "hi",
        "thanks",
        "thank",
        "please",
        "bye",
        "yes",
        "tell",
        "give",
        "show",
        "explain",
        "list",
        "more",
    ]
)
_FRENCH = frozenset(
    [
        "le",
        "la",
        "les",
        "un",
        "une",
        "des",
        "du",
        "de",
        "d",
        "l",
        "et",
        "ou",
        "est",
        "sont",
        "que",
        "qu",
        "quoi",
        "quel",
        "quelle",
        "quels",
        "quelles",
        "comment",
        "pourquoi",
        "qui",
        "quand",
        "où",
        "ou",
        "c",
        "ça",
        "ca",
        "ce",
        "cette",
        "ces",
        "on",
        "nous",
        "vous",
        "je",
        "j",
        "il",
        "elle",
        "ils",
        "elles",
        "ne",
        "n",
        "pas",
        "pour",
        "avec",
        "dans",
        "sur",
        "par",
        "en",
        "au",
        "aux",
        "se",
        "s",
        "y",
        "a",
        "ont",
        "peut",
        "faut",
        "entre",
        "notre",
        "nos",
        "votre",
        "vos",
        "mon",
        "ma",
        "mes",
        "bonjour",
        "merci",
        "salut",
        "oui",
        "non",
        "donne",
        "donnez",
    ]
)
_WORD = re.compile(r"[^\W\d_]+")


# « En anglais, s’il vous plaît » is French, and asks for English.
_WANTED: tuple[tuple[re.Pattern[str], Language], ...] = (
    (re.compile(r"\b(?:en anglais|in english|english (?:please|version|translation))\b"), "en"),
    (re.compile(r"\b(?:en francais|in french|french (?:please|version))\b"), "fr"),
)


def detect_language(text: str, default: Language = "fr") -> Language:
    """Return the language in which to answer a text: the one it asks for, else its own.

    `default` is returned where its words do not tell.
    """
    plain = folded(text)
    for pattern, language in _WANTED:
        if pattern.search(plain):
            return language
    words = _WORD.findall(normal_form(text))
    english = sum(word in _ENGLISH for word in words)
    french = sum(word in _FRENCH for word in words) + any(c in text.lower() for c in "éèêàùçœ")
    if english == french:
        return default
    return "en" if english > french else "fr"
