"""Where the window stood last time, in a small file of its own.

It is not in the database: the window can be shown in its place while that is still being opened,
and also where it cannot be opened at all.
"""

from __future__ import annotations

import base64
import json
import logging
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

from msgspec import Struct
from PySide6.QtCore import QObject, Signal

from app.services.futures import FutureRelay, run_in_thread

log = logging.getLogger(__name__)

_CLOSE_TIMEOUT_S = 2.0


class WindowPlace(Struct, frozen=True):
    """Where the window and its parts stand.

    Args:
        geometry: As Qt saved it; empty: never.
        sidebar_visible: Whether the list of conversations is open.
        panel_visible: Whether the side panel is.
        sidebar_width: In pixels; 0: the usual one.
        docks: Place and size of the panel of experts, as Qt saved it; empty: never.
    """

    geometry: bytes = b""
    sidebar_visible: bool = True
    panel_visible: bool = False
    sidebar_width: int = 0
    docks: bytes = b""


class WindowMemory(QObject):
    """Reads and writes the window's place, off the GUI thread."""

    recalled = Signal(object)
    """WindowPlace; the default one where nothing can be read."""

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._relay = FutureRelay(self)
        self._writing: Future[None] | None = None

    def recall(self) -> None:
        """Read it; `recalled` follows."""
        path = self._path
        future = run_in_thread(lambda: _read(path), "window-memory")
        self._relay.watch(future, self.recalled.emit, self._on_error)

    def remember(self, place: WindowPlace) -> None:
        """Write it; of no consequence where it fails."""
        path = self._path
        self._writing = run_in_thread(lambda: _write(path, place), "window-memory")

    def close(self) -> None:
        """Wait for what is being written."""
        if self._writing is not None:
            with suppress(TimeoutError):
                self._writing.exception(_CLOSE_TIMEOUT_S)

    def _on_error(self, error: BaseException) -> None:
        log.warning("the window's place cannot be read: %s", error)
        self.recalled.emit(WindowPlace())


def _read(path: Path) -> WindowPlace:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return WindowPlace()
    found = json.loads(text)
    return WindowPlace(
        base64.b64decode(found["geometry"], validate=True),
        found["sidebar_visible"] is True,
        found.get("panel_visible") is True,
        int(found.get("sidebar_width", 0)),
        base64.b64decode(found.get("docks", ""), validate=True),
    )


def _write(path: Path, place: WindowPlace) -> None:
    text = json.dumps(
        {
            "geometry": base64.b64encode(place.geometry).decode("ascii"),
            "sidebar_visible": place.sidebar_visible,
            "panel_visible": place.panel_visible,
            "sidebar_width": place.sidebar_width,
            "docks": base64.b64encode(place.docks).decode("ascii"),
        }
    )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)
