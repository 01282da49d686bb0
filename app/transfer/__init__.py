"""Conversations to files and back: formats of Conclave and of other programs; no Qt, no SQL."""

from app.transfer.reading import Fault, ReadEntry, read_entries
from app.transfer.writing import ExportFormat, ExportOptions, file_name, write_export

__all__ = [
    "ExportFormat",
    "ExportOptions",
    "Fault",
    "ReadEntry",
    "file_name",
    "read_entries",
    "write_export",
]
