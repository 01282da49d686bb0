"""The program as `conclave` starts it, which tells on stdout when it can be used and then ends."""

from __future__ import annotations

import sys

from PySide6.QtCore import QTimer

from app import paths
from app.child import child_command
from app.composition import Program, make_application
from app.store import Store
from inference.host import EngineHost


def main() -> int:
    """Run until the window can be used."""
    application = make_application([])
    program = Program(Store(paths.database_path()), EngineHost(child_command("engine")))
    timer = QTimer(interval=1)

    def look() -> None:
        window = program.window
        exposed = window.windowHandle() is not None and window.windowHandle().isExposed()
        if exposed and window.page.isVisible() and window.page.composer.isEnabled():
            timer.stop()
            print("usable", flush=True)
            window.close()

    timer.timeout.connect(look)
    program.start()
    timer.start()
    try:
        return application.exec()
    finally:
        program.close()


if __name__ == "__main__":
    sys.exit(main())
