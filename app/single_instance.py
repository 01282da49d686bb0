"""One window per data folder: a second start brings the first one forward."""

from __future__ import annotations

import time
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLockFile, QObject, QTimer, Signal

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer

_GREETING = b"come forward\n"
_ANSWER = b"coming\n"
_ANSWER_MS = 1000
_PATIENCE_S = 5.0
_LISTEN_AFTER_MS = 300


class Place(Enum):
    """What this process is among those of the same data folder."""

    FIRST = auto()
    SECOND = auto()
    """The first has been told, and has answered."""
    UNANSWERED = auto()
    """There is a first, but it does not answer."""


class SingleInstance(QObject):
    """Holds the lock of a data folder and listens for those who come later."""

    asked_forward = Signal()

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = server_name(folder)
        self._lock = QLockFile(str(folder / "window.lock"))
        # A lock is stale when its process is gone, never because it is old.
        self._lock.setStaleLockTime(0)
        self._server: QLocalServer | None = None
        # Qt's network takes a while to load: not before the window is seen. A second start is
        # patient.
        self._listen_timer = QTimer(self, singleShot=True, interval=_LISTEN_AFTER_MS)
        self._listen_timer.timeout.connect(self._listen)

    def claim(self, patience_s: float = _PATIENCE_S) -> Place:
        """Become the first, or tell the first to come forward.

        A folder that cannot be written has no lock; the store has the words for that.
        """
        deadline = time.monotonic() + patience_s
        while True:
            if self._lock.tryLock(0):
                self._listen_timer.start()
                return Place.FIRST
            if self._lock.error() is not QLockFile.LockError.LockFailedError:
                return Place.FIRST
            # The first may be on its way up or down.
            if self._tell_first():
                return Place.SECOND
            if time.monotonic() > deadline:
                return Place.UNANSWERED
            time.sleep(0.1)

    def release(self) -> None:
        """Make room for the next."""
        self._listen_timer.stop()
        if self._server is not None:
            self._server.close()
        self._lock.unlock()

    def _listen(self) -> None:
        from PySide6.QtNetwork import QLocalServer

        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_new_connection)
        # Who holds the lock may remove what a killed process has left.
        QLocalServer.removeServer(self._name)
        self._server.listen(self._name)

    def _tell_first(self) -> bool:
        from PySide6.QtNetwork import QLocalSocket

        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(_ANSWER_MS):
            return False
        socket.write(_GREETING)
        socket.waitForBytesWritten(_ANSWER_MS)
        answered = socket.waitForReadyRead(_ANSWER_MS)
        socket.disconnectFromServer()
        return answered

    def _on_new_connection(self) -> None:
        assert self._server is not None
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(socket.deleteLater)
            socket.write(_ANSWER)
            socket.flush()
            self.asked_forward.emit()


def server_name(folder: Path) -> str:
    """The name of the local socket of a data folder."""
    import hashlib

    digest = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()
    return f"conclave-{digest[:20]}"
