"""Notices by the desktop's portal, for Linux desktops without a tray for icons, such as GNOME.

The portal is asked over D-Bus and never waited for. Qt itself shows notices by icons alone.

Source: https://github.com/flatpak/xdg-desktop-portal/blob/1.18.4/data/org.freedesktop.portal.Notification.xml
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from PySide6.QtCore import SLOT, QObject, Signal, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage

from app.services.notices import Notice

_SERVICE = "org.freedesktop.portal.Desktop"
_PATH = "/org/freedesktop/portal/desktop"
_INTERFACE = "org.freedesktop.portal.Notification"
_OPEN = "open"


class DesktopNotices(QObject):
    """Shows one notice at a time, in place of the one before."""

    opened = Signal()
    """The reader has clicked on the notice."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._bus = QDBusConnection.sessionBus()
        # Every program of the session hears of all clicks.
        self._id = f"conclave-{uuid4().hex}"
        # The stub says bytes; what is taken is the text that SLOT makes.
        slot: Any = SLOT("_on_action_invoked(QDBusMessage)")
        self._bus.connect(_SERVICE, _PATH, _INTERFACE, "ActionInvoked", self, slot)

    def show(self, notice: Notice) -> None:
        """Ask for it; where there is no portal, nothing happens."""
        self._send(
            "AddNotification",
            self._id,
            {"title": notice.title, "body": notice.detail, "default-action": _OPEN},
        )

    def withdraw(self) -> None:
        """Take away the notice that is shown, if there is one."""
        self._send("RemoveNotification", self._id)

    def _send(self, method: str, *arguments: object) -> None:
        call = QDBusMessage.createMethodCall(_SERVICE, _PATH, _INTERFACE, method)
        call.setArguments(list(arguments))
        self._bus.send(call)

    @Slot(QDBusMessage)
    def _on_action_invoked(self, told: QDBusMessage) -> None:
        if told.arguments()[:2] == [self._id, _OPEN]:
            self.opened.emit()
