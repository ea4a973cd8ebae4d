"""What a maintainer must mend in the assistant. Each message says what to do."""

from __future__ import annotations


class AssistantError(Exception):
    """The assistant cannot answer as it is set up."""


class CatalogueError(AssistantError):
    """A catalogue of messages is incomplete."""


class ServerError(AssistantError):
    """The chat page cannot be served."""
