"""Tells of answers that end while nobody looks, and keeps the icon in the system's tray."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu, QSystemTrayIcon

from app.domain.conversations import Message, Status
from app.services.chat import ChatService
from app.services.notices import Notice
from app.services.preferences import WindowPreferences
from app.views.icons import app_icon
from app.views.language import follow_language

if TYPE_CHECKING:
    from app.views.desktop_notices import DesktopNotices

LONG_ANSWER_S = 10.0
"""For an answer that took less nobody has gone away."""
_SHOWN_MS = 10_000
_EXCERPT = 120


class Attention(QObject):
    """Watches answers; what it may do is a setting."""

    notified = Signal(object)
    """Notice: it was told that an answer has ended."""
    forward_requested = Signal()
    new_requested = Signal()

    def __init__(self, chat: ChatService, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._preferences = WindowPreferences()
        self._began: dict[int, float] = {}
        self._tray: QSystemTrayIcon | None = None
        self._desktop: DesktopNotices | None = None
        self._hide_timer = QTimer(self, singleShot=True, interval=_SHOWN_MS)
        self._hide_timer.timeout.connect(self._show_tray)
        chat.message_added.connect(self._on_message_changed)
        chat.message_changed.connect(self._on_message_changed)
        chat.message_removed.connect(self._on_message_removed)
        window.installEventFilter(self)

    def set_preferences(self, preferences: WindowPreferences) -> None:
        """Do what is wished from now on."""
        self._preferences = preferences
        self._show_tray()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Who looks needs no notice any more."""
        if event.type() == QEvent.Type.WindowActivate and self._desktop is not None:
            self._desktop.withdraw()
        return super().eventFilter(watched, event)

    def _on_message_changed(self, message: Message) -> None:
        if message.status is Status.STREAMING:
            self._began.setdefault(message.id, time.monotonic())
            return
        began = self._began.pop(message.id, None)
        if began is not None and time.monotonic() - began >= LONG_ANSWER_S:
            self._tell(message)

    def _on_message_removed(self, message: Message) -> None:
        self._began.pop(message.id, None)

    def _tell(self, message: Message) -> None:
        if not self._preferences.notifies or self._is_looked_at():
            return
        words = " ".join(message.content.split())
        notice = Notice(self.tr("The answer is there"), words[:_EXCERPT])
        QApplication.alert(self._window)
        if QSystemTrayIcon.isSystemTrayAvailable():
            tray = self._made_tray()
            tray.show()
            tray.showMessage(notice.title, notice.detail, app_icon(), _SHOWN_MS)
            self._hide_timer.start()
        elif _has_session_bus():
            self._made_desktop().show(notice)
        self.notified.emit(notice)

    def _is_looked_at(self) -> bool:
        """Whether the window or one of its dialogs has the keys."""
        active = QApplication.activeWindow()
        while active is not None and active is not self._window:
            active = active.parentWidget()
        return active is not None

    def _made_desktop(self) -> DesktopNotices:
        # Only some systems have the module that it needs.
        from app.views.desktop_notices import DesktopNotices

        if self._desktop is None:
            self._desktop = DesktopNotices(self)
            self._desktop.opened.connect(self.forward_requested)
        return self._desktop

    def _show_tray(self) -> None:
        """The icon stays only where it is wished for."""
        wanted = self._preferences.in_tray and QSystemTrayIcon.isSystemTrayAvailable()
        if wanted:
            self._made_tray().show()
        elif self._tray is not None:
            self._tray.hide()

    def _made_tray(self) -> QSystemTrayIcon:
        if self._tray is None:
            self._menu = QMenu(self._window)
            self._forward, self._new, self._quit = (self._menu.addAction("") for _ in range(3))
            self._forward.triggered.connect(self.forward_requested)
            self._new.triggered.connect(self.new_requested)
            self._quit.triggered.connect(self._window.close)
            follow_language(self._menu, self._say)
            self._tray = QSystemTrayIcon(app_icon(), self)
            self._tray.setToolTip("Conclave")
            self._tray.setContextMenu(self._menu)
            self._tray.activated.connect(self._on_activated)
            self._tray.messageClicked.connect(self.forward_requested)
        return self._tray

    def _say(self) -> None:
        self._forward.setText(self.tr("Show the window"))
        self._new.setText(self.tr("New conversation"))
        self._quit.setText(self.tr("Quit"))

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self.forward_requested.emit()


def _has_session_bus() -> bool:
    """Whether there is a bus to ask; Qt would try to start one."""
    if not sys.platform.startswith("linux"):
        return False
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    return bool(os.environ.get("DBUS_SESSION_BUS_ADDRESS")) or (
        bool(folder) and Path(folder, "bus").exists()
    )
