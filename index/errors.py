"""What can go wrong between a guide and its index. Each message says what happened and what to do."""

from __future__ import annotations


class SearchIndexError(Exception):
    """The index cannot be used as it is."""


class SettingsError(SearchIndexError):
    """A setting has a value that cannot be used."""


class ModelError(SearchIndexError):
    """The retrieval model is unknown, incomplete or cannot be prepared."""


class BuildError(SearchIndexError):
    """The index could not be built; what answered before still answers."""


class IndexUnreadableError(SearchIndexError):
    """The index on disk is missing, incomplete or damaged."""


class DataFolderError(SearchIndexError):
    """The data folder cannot be written."""


class VectorStoreError(SearchIndexError):
    """The Chroma store cannot be reached or does not answer as expected."""


class TrainingError(SearchIndexError):
    """The bank cannot be trained on as it is."""
