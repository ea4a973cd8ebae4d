"""Taking an answer along: the exported file travels inside the reply, so none is left on the disk."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from assistant.page.messages import page_catalogue
from assistant.types import Exchange, Language
from corpus import Guide


def export_reply(
    name: str, exchanges: Sequence[Exchange], guide: Guide, language: Language, version: str
) -> dict[str, Any]:
    """Return the file of some exchanges in a format, as base64 with its name and media type."""
    from assistant.export import EXPORTERS, file_name

    if name not in EXPORTERS:
        return {"error": page_catalogue().text(language, "export_gone")}
    when = datetime.now().astimezone()
    exporter = EXPORTERS[name]
    content = exporter.export(exchanges, guide, language, when, version)
    return {
        "file": base64.b64encode(content).decode("ascii"),
        "name": file_name(exchanges, guide, when, exporter),
        "type": exporter.media_type,
    }
