"""What can be wrong with an export. Each message says what to do."""

from __future__ import annotations

from assistant.errors import AssistantError


class ExportError(AssistantError):
    """The conversation cannot be exported."""


class EmptyExportError(ExportError):
    """There is nothing to export yet."""
