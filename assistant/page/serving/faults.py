"""A fault of the program: the log has it in full, the reader a sentence with the reference to find it there."""

from __future__ import annotations

import logging
import secrets

from assistant.errors import AssistantError
from assistant.page.serving.replies import text
from assistant.types import Language
from index.errors import SearchIndexError

log = logging.getLogger(__name__)


def told(error: BaseException | None, doing: str, language: Language) -> str:
    """Log what went wrong while `doing` something; return what the reader is told."""
    reference = secrets.token_hex(4)
    if isinstance(error, (AssistantError, SearchIndexError)):
        log.warning("%s failed, reference %s: %s", doing, reference, error)
    else:
        log.error("%s failed, reference %s", doing, reference, exc_info=error)
    return text(language, "broken", reference=reference)
