"""What can be wrong with a guide or its bank. Each message says what happened and what to do."""

from __future__ import annotations


class CorpusError(Exception):
    """A guide or its question bank cannot be used as it is."""


class GuideNotFoundError(CorpusError):
    """No guide has the slug that was asked for."""


class EditionError(CorpusError):
    """`guide.md` cannot be read as an edition of a guide."""


class BankError(CorpusError):
    """A line of the question bank cannot be used."""


class ImportFailedError(CorpusError):
    """A file cannot be turned into a draft edition."""
