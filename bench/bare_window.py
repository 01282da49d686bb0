"""A window of PySide6 with one text field and nothing else: what a start is compared with."""

from __future__ import annotations

import sys

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow, QPlainTextEdit

from bench.usable import is_exposed, takes_typing, tell


def main() -> int:
    """Run until the field takes typing."""
    application = QApplication([])
    window = QMainWindow()
    edit = QPlainTextEdit(window)
    window.setCentralWidget(edit)
    window.resize(1080, 760)
    timer = QTimer(interval=1)

    def look() -> None:
        if is_exposed(window) and takes_typing(edit):
            timer.stop()
            tell()
            window.close()

    timer.timeout.connect(look)
    window.show()
    edit.setFocus()
    timer.start()
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
