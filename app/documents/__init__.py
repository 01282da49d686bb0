"""Text from files that a person attaches: which kind a file is, its words, or why there are none.

Runs in a process of its own (`child`): what a stranger's PDF does to a parser never reaches the
window. Starting that process, its deadline and its end are `app.services.file_reading`'s.
"""

from app.documents.reading import read_document

__all__ = ["read_document"]
