"""A window whose colours are chosen in its settings, with the keys; says what became of it.

For a test that gives it a desktop with colours of its own. It prints one line for each choice: the
platform's scheme, and whether the window is dark.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app import paths
from app.composition import Program, make_application
from app.store import Store
from tests.fakes.engine import FakeEngine

WAIT_S = 30.0


def wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, "the window did not come to the state that was waited for"
        QApplication.processEvents()
        time.sleep(0.005)


def choose(program: Program, key: Qt.Key) -> None:
    """Go to a choice with this key, and save."""
    settings = program.window.settings
    settings.open()
    wait(lambda: settings.dialog is not None)
    dialog = settings.dialog
    assert dialog is not None
    QTest.keyClick(dialog.looks.colours, key)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    wait(lambda: settings.dialog is None)
    QApplication.processEvents()
    scheme = QGuiApplication.styleHints().colorScheme().name
    sys.stdout.write(f"{scheme} {program.look.theme.dark}\n")


def main() -> None:
    make_application([])
    program = Program(Store(paths.database_path()), FakeEngine())
    program.start()
    wait(program.window.isVisible)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Home):
        choose(program, key)
    program.end()
    program.close()


if __name__ == "__main__":
    main()
