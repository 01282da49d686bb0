"""The middle of a page: its conversation, or what is shown while it has none."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QWidget

from app.views.messages_page import StartPage, WelcomePage
from app.views.theme import SPACING
from app.views.transcript import TranscriptView


class PageBody(QStackedWidget):
    """Shows one of them.

    Args:
        transcript: The conversation.
        start: How to get a model, where there is none.
        parent: Owns it.
    """

    def __init__(self, transcript: TranscriptView, start: StartPage, parent: QWidget) -> None:
        super().__init__(parent)
        self.welcome = WelcomePage(parent)
        self._transcript = transcript
        self._start = start
        self._introduction: QWidget | None = None
        self._has_models = True
        self._is_empty = True
        for body in (transcript, self.welcome, start):
            self.addWidget(body)
        # In a low window it gives way to what is below it.
        self.setMinimumHeight(SPACING * 10)
        self._show()

    def set_empty(self, is_empty: bool) -> None:
        """Whether there is no conversation on the page."""
        self._is_empty = is_empty
        self._show()

    def set_has_models(self, has_models: bool) -> None:
        """Without models the empty page says how to get one."""
        self._has_models = has_models
        self._show()

    def introduce(self, introduction: QWidget | None) -> None:
        """Show this on the empty page in place of what is there else; None takes it away."""
        if introduction is not None and self.indexOf(introduction) < 0:
            self.addWidget(introduction)
        self._introduction = introduction
        self._show()

    def set_text_size(self) -> None:
        """Take the size that text has now."""
        self.welcome.set_text_size()
        self._start.set_text_size()

    def _show(self) -> None:
        if not self._is_empty:
            body: QWidget = self._transcript
        elif self._introduction is not None:
            body = self._introduction
        elif self._has_models:
            body = self.welcome
        else:
            body = self._start
        self.setCurrentWidget(body)
