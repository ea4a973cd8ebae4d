"""The assistant's settings, read once from the environment (`ASSISTANT_…`); one typed tree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import AliasChoices, Field
from pydantic_settings import SettingsConfigDict

from index.settings import IndexSettings, load_settings, refuse_unknown_keys


class AssistantSettings(IndexSettings):
    """Everything that can be set. A misspelt variable fails at once: it would silently do nothing."""

    model_config = SettingsConfigDict(populate_by_name=True)

    host: str = Field("127.0.0.1", description="Address that the page listens on.")
    port: int = Field(7860, ge=0, le=65535, description="Port of the page; 0 takes a free one.")
    max_question: int = Field(2000, ge=50, le=20_000, description="Longest question that is read, in characters.")
    max_citations: int = Field(14, ge=1, le=50, description="Most passages that one answer cites.")
    related: int = Field(3, ge=0, le=10, description="How many passages are offered beside a decline.")
    database_url: str = Field(
        "",
        validation_alias=AliasChoices("ASSISTANT_DATABASE_URL", "DATABASE_URL"),
        description="Where feedback is kept, as an SQLAlchemy address; empty: SQLite in the data folder. "
        "`DATABASE_URL` is read too.",
    )
    keep_conversations: int = Field(
        0, ge=0, le=3650, description="Days for which conversations are kept; 0 keeps none."
    )
    auth_file: Path | None = Field(
        None,
        validation_alias=AliasChoices("ASSISTANT_AUTH_FILE", "AUTH_FILE"),
        description="File of `name:hashed password` lines that may log in; empty: no login. `AUTH_FILE` is read too.",
    )
    auth_header: str = Field(
        "", description="Header in which a trusted reverse proxy names the person logged in; empty: none is trusted."
    )
    rate_limit: int = Field(30, ge=0, le=6000, description="Questions a minute for one client; 0: no limit.")
    concurrency: int = Field(4, ge=1, le=64, description="Questions answered at once; others wait in the queue.")
    queue_size: int = Field(64, ge=1, le=4096, description="Questions that may wait; more are told to try later.")
    mcp_server: bool = Field(False, description="Offer `/ask` to language-model clients by the protocol MCP.")
    allowed_hosts: str = Field(
        "",
        description="Names under which the page may be reached, separated by commas, where a proxy without login "
        "stands before 127.0.0.1; other names are refused.",
    )
    frame_ancestors: str = Field(
        "'self'", description="Sites that may show the page in a frame, as in Content-Security-Policy."
    )


def assistant_settings(**values: Any) -> AssistantSettings:
    """Return the settings from the environment, `values` before it.

    Raises:
        SettingsError: an unknown variable, or a value that cannot be used.
    """
    refuse_unknown_keys(AssistantSettings)
    return load_settings(AssistantSettings, **values)
