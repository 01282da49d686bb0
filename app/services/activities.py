"""What each conversation is doing at the moment."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.services.chat_events import Activity, Phase


class Activities(QObject):
    """Remembers those that do anything, and tells of changes."""

    changed = Signal(object)
    """Activity"""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._busy: dict[int, Activity] = {}

    def of(self, conversation_id: int) -> Activity:
        """What a conversation is doing."""
        return self._busy.get(conversation_id, Activity(conversation_id, Phase.IDLE))

    def is_busy(self, conversation_id: int) -> bool:
        """Whether it does anything."""
        return conversation_id in self._busy

    def set(self, conversation_id: int, phase: Phase, fraction: float = 0.0) -> None:
        """It does this now."""
        activity = Activity(conversation_id, phase, fraction)
        if self.of(conversation_id) == activity:
            return
        if phase is Phase.IDLE:
            self._busy.pop(conversation_id, None)
        else:
            self._busy[conversation_id] = activity
        self.changed.emit(activity)
