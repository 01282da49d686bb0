"""The program as `conclave` starts it, which tells on stdout when it can be used and then ends.

Where conversations are stored, the newest one has to be on the screen as well.
"""

from __future__ import annotations

import sys

from app import quick_start  # noqa: F401  as `app.main` does

# isort: split
from PySide6.QtCore import QTimer

from app import paths
from app.child import child_command
from app.composition import Program, make_application
from app.domain.conversations import Conversation
from app.garbage import GuiGarbageCollector
from app.store import Store
from bench.usable import is_exposed, takes_typing, tell
from inference.host import EngineHost


def main() -> int:
    """Run until the window can be used."""
    application = make_application([])
    garbage = GuiGarbageCollector()
    program = Program(Store(paths.database_path()), EngineHost(child_command("engine")))
    window = program.window
    listed = False

    def on_listed(conversations: tuple[Conversation, ...]) -> None:
        nonlocal listed
        listed = True
        if conversations and window.page.conversation_id is None:
            row = window.conversation_list.row_of(conversations[0].id)
            window.sidebar.list.setCurrentIndex(window.conversation_list.index(row))

    def look() -> None:
        page = window.page
        shown = page.conversation_id is None or page.messages.rowCount() > 0
        if not (listed and shown and is_exposed(window) and page.isVisible()):
            return
        if page.composer.isEnabled() and takes_typing(page.composer.edit):
            timer.stop()
            page.transcript.viewport().repaint()
            tell()
            window.close()

    def give_up() -> None:
        print("failed", flush=True)
        window.close()

    timer = QTimer(interval=1)
    QTimer.singleShot(60_000, window, give_up)
    timer.timeout.connect(look)
    program.conversations.listed.connect(on_listed)
    program.start()
    timer.start()
    try:
        return application.exec()
    finally:
        program.close()
        garbage.close()


if __name__ == "__main__":
    sys.exit(main())
