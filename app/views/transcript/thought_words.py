"""What stands over the thinking of an answer."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def thinking_words() -> str:
    """While the model thinks."""
    return QCoreApplication.translate("Transcript", "Thinking…")


def thought_words(thought_ms: int) -> str:
    """How long the model has thought; 0 where it is not known."""
    if not thought_ms:
        return QCoreApplication.translate("Transcript", "Thought")
    seconds = thought_ms // 1000
    if seconds < 1:
        return QCoreApplication.translate("Transcript", "Thought for less than a second")
    if seconds < 60:
        return QCoreApplication.translate("Transcript", "Thought for {seconds} s").format(
            seconds=seconds
        )
    words = QCoreApplication.translate("Transcript", "Thought for {minutes} min {seconds} s")
    return words.format(minutes=seconds // 60, seconds=seconds % 60)
