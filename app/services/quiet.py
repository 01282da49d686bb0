"""Whether any answer is on its way: what has time waits until there is none."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.services.chat import ChatService
from app.services.chat_events import Activity, Phase


class Quiet(QObject):
    """Follows the activity of all conversations."""

    began = Signal()
    """The last answer has ended."""
    ended = Signal()
    """A question was asked."""

    def __init__(self, chat: ChatService, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._busy: set[int] = set()
        chat.activity_changed.connect(self._on_activity_changed)

    def __bool__(self) -> bool:
        return not self._busy

    def _on_activity_changed(self, activity: Activity) -> None:
        was_quiet = not self._busy
        if activity.phase is Phase.IDLE:
            self._busy.discard(activity.conversation_id)
        else:
            self._busy.add(activity.conversation_id)
        if was_quiet and self._busy:
            self.ended.emit()
        elif not was_quiet and not self._busy:
            self.began.emit()
