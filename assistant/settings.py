"""The assistant's settings, read once from the environment (`ASSISTANT_…`); one typed tree."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from index.settings import IndexSettings, load_settings, refuse_unknown_keys


class AssistantSettings(IndexSettings):
    """Everything that can be set. A misspelt variable fails at once: it would silently do nothing."""

    host: str = Field("127.0.0.1", description="Address that the page listens on.")
    port: int = Field(7860, ge=0, le=65535, description="Port of the page; 0 takes a free one.")
    max_question: int = Field(2000, ge=50, le=20_000, description="Longest question that is read, in characters.")
    max_citations: int = Field(14, ge=1, le=50, description="Most passages that one answer cites.")
    related: int = Field(3, ge=0, le=10, description="How many passages are offered beside a decline.")


def assistant_settings(**values: Any) -> AssistantSettings:
    """Return the settings from the environment, `values` before it.

    Raises:
        SettingsError: an unknown variable, or a value that cannot be used.
    """
    refuse_unknown_keys(AssistantSettings)
    return load_settings(AssistantSettings, **values)
