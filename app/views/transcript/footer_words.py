"""What is said under an answer."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.domain.conversations import Message, Status
from app.item_models.figures import decimal, number


def footer_text(message: Message) -> str:
    """What stands under an answer: speed, tokens, and how it ended if not by itself."""
    if message.status is Status.STREAMING:
        return "" if message.content or message.thinking else "…"
    parts = []
    if message.stats is not None:
        if message.stats.tokens_per_second > 0:
            speed = QCoreApplication.translate("Transcript", "{speed} tokens/s")
            parts.append(speed.format(speed=decimal(message.stats.tokens_per_second, 1)))
        parts.append(_token_words(message.stats.tokens_out))
    parts.append(_status_words(message.status))
    return " · ".join(part for part in parts if part)


def _token_words(count: int) -> str:
    if count == 1:
        return QCoreApplication.translate("Transcript", "1 token")
    return QCoreApplication.translate("Transcript", "{count} tokens").format(count=number(count))


def _status_words(status: Status) -> str:
    match status:
        case Status.STOPPED:
            return QCoreApplication.translate("Transcript", "Stopped")
        case Status.INTERRUPTED:
            return QCoreApplication.translate("Transcript", "Interrupted")
        case Status.LENGTH:
            return QCoreApplication.translate("Transcript", "Length limit reached")
    return ""
