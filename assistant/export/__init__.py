"""Exports: an answer or a whole conversation as a file that a reader keeps."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from assistant.export.base import Exporter, file_name
from assistant.export.docx import DocxExporter
from assistant.export.errors import EmptyExportError, ExportError
from assistant.export.markdown import MarkdownExporter
from assistant.export.pdf import PdfExporter

if TYPE_CHECKING:
    from collections.abc import Mapping

EXPORTERS: Mapping[str, Exporter] = MappingProxyType(
    {exporter.name: exporter for exporter in (MarkdownExporter(), DocxExporter(), PdfExporter())}
)

__all__ = ["EXPORTERS", "EmptyExportError", "ExportError", "Exporter", "file_name"]
