"""When a window counts as usable: it is on the screen, and a typed letter stands in its field."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QPlainTextEdit


def is_exposed(window: QMainWindow) -> bool:
    """Whether the screen shows it."""
    handle = window.windowHandle()
    return handle is not None and handle.isExposed()


def takes_typing(edit: QPlainTextEdit) -> bool:
    """Whether a key that is pressed there becomes text, which is taken away again."""
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        event = QKeyEvent(kind, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier, "a")
        QApplication.sendEvent(edit, event)
    typed = edit.toPlainText() == "a"
    edit.clear()
    return typed


def tell() -> None:
    """Say on stdout that it is usable, and how much processor time that took, in seconds."""
    print(f"usable {time.process_time():.4f}", flush=True)
