"""Says under a conversation what has become of its last turn, and offers the ways on."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal

from app.domain.conversations import Message
from app.services.chat_events import Activity, TurnFailed
from app.views.notice_bar import NoticeAction, NoticeBar, Told
from app.views.turn_notices import editing_notice, turn_notice, way_words


class TurnControl(QObject):
    """Remembers what failed until the reader has gone on."""

    chosen = Signal(object)
    """Way: the reader goes on like this."""

    def __init__(self, bar: NoticeBar, parent: QObject) -> None:
        super().__init__(parent)
        self._bar = bar
        self._failures: dict[int, TurnFailed] = {}
        self._refusal: Told | None = None

    def refuse(self, told: Told | None) -> None:
        """What is written cannot be sent; None: that is over."""
        self._refusal = told

    def fail(self, failed: TurnFailed) -> None:
        """A turn did not come to its end."""
        self._failures[failed.conversation_id] = failed

    def forget(self, conversation_id: int | None) -> None:
        """The reader goes on in a conversation; what failed in it is of no interest any more."""
        if conversation_id is not None:
            self._failures.pop(conversation_id, None)

    def show(
        self,
        activity: Activity,
        last: Message | None,
        edited: Message | None,
        *,
        is_sending: bool,
    ) -> None:
        """Say what there is to say, or nothing.

        Args:
            activity: What the conversation on the page is doing.
            last: Its last message.
            edited: The message that is being edited there.
            is_sending: Whether a question is on its way to the store.
        """
        if self._refusal is not None:
            self._bar.show_notice(self._refusal, error=True)
            return
        if edited is not None:
            shown = editing_notice(edited)
        else:
            failure = self._failures.get(activity.conversation_id)
            found = None if is_sending else turn_notice(last, activity, failure)
            if found is None:
                self._bar.clear()
                return
            shown = found
        actions = [
            NoticeAction(partial(way_words, way), partial(self.chosen.emit, way))
            for way in shown.ways
        ]
        self._bar.show_notice(shown.notice, actions, error=shown.error)
