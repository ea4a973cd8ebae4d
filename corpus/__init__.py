"""Guides as texts: editions, passages with exact places, question banks. No vectors, no chat."""

from corpus.bank import FOLLOW_UP, BankQuestion, QuestionBank, QuoteResolver, in_context, load_bank, read_bank
from corpus.dialogues import Dialogue, DialogueTurn, load_dialogues
from corpus.edition import BUNDLED_GUIDES, list_guides, load_guide, parse_guide
from corpus.errors import CorpusError
from corpus.guide import Guide, Passage, Section
from corpus.normal import fold_accents, folded, normal_form, writable
from corpus.translation import load_translations

__all__ = [
    "BUNDLED_GUIDES",
    "FOLLOW_UP",
    "BankQuestion",
    "CorpusError",
    "Dialogue",
    "DialogueTurn",
    "Guide",
    "Passage",
    "QuestionBank",
    "QuoteResolver",
    "Section",
    "fold_accents",
    "folded",
    "in_context",
    "list_guides",
    "load_bank",
    "load_dialogues",
    "load_guide",
    "load_translations",
    "normal_form",
    "parse_guide",
    "read_bank",
    "writable",
]
