"""What a maintainer must mend in the assistant. Each message says what to do."""

from __future__ import annotations


class AssistantError(Exception):
    """The assistant cannot answer as it is set up."""


class CatalogueError(AssistantError):
    """A catalogue of messages is incomplete."""


class ReadingsError(AssistantError):
    """The trained choice among the readings of a follow-up cannot be used."""


class ServerError(AssistantError):
    """The chat page cannot be served."""


class RecordsError(AssistantError):
    """Feedback or conversations cannot be kept, read or erased."""


class LoginError(AssistantError):
    """Nobody can log in, or a login cannot be kept."""
