"""The middle of a page: its conversation, or what is shown while it has none."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.views.messages_page import StartPage, WelcomePage
from app.views.tab_order import follow_layout
from app.views.theme import SPACING
from app.views.transcript import TranscriptView


class PageBody(QStackedWidget):
    """Shows one of them.

    Args:
        transcript: The conversation.
        models_folder: Where models are looked for.
        parent: Owns it.
    """

    open_file_requested = Signal()
    show_folder_requested = Signal()
    rescan_requested = Signal()

    def __init__(self, transcript: TranscriptView, models_folder: Path, parent: QWidget) -> None:
        super().__init__(parent)
        self.welcome = WelcomePage(parent)
        self._transcript = transcript
        self._models_folder = models_folder
        self._introduction: QWidget | None = None
        self._has_models = True
        self._is_empty = True
        for body in (transcript, self.welcome):
            self.addWidget(body)
        # In a low window it gives way to what is below it.
        self.setMinimumHeight(SPACING * 10)
        self._show()

    @cached_property
    def start(self) -> StartPage:
        """How to get a model, which is made when there is none."""
        start = StartPage(self._models_folder, self)
        start.open_file_requested.connect(self.open_file_requested)
        start.show_folder_requested.connect(self.show_folder_requested)
        start.rescan_requested.connect(self.rescan_requested)
        self.addWidget(start)
        follow_layout(self.window())
        return start

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
        if "start" in self.__dict__:
            self.start.set_text_size()

    def _show(self) -> None:
        if not self._is_empty:
            body: QWidget = self._transcript
        elif self._introduction is not None:
            body = self._introduction
        elif self._has_models:
            body = self.welcome
        else:
            body = self.start
        self.setCurrentWidget(body)
