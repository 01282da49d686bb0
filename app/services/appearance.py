"""What was chosen about the looks of the window, in a small file of its own.

It is not in the database, for the reason of `window_memory`: the window has its colours before the
database is open, and also where it cannot be opened at all.
"""

from __future__ import annotations

import json
import logging
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.domain.appearance import ZOOM_STEPS, Appearance, Colours
from app.services.futures import FutureRelay, run_in_thread

log = logging.getLogger(__name__)

_CLOSE_TIMEOUT_S = 2.0


class AppearanceService(QObject):
    """Reads and writes the choice, off the GUI thread."""

    recalled = Signal(object)
    """Appearance: what was chosen in an earlier run; told once, also where nothing was."""
    changed = Signal(object)
    """Appearance: it holds from now on."""

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._relay = FutureRelay(self)
        self._appearance = Appearance()
        self._writing: Future[None] | None = None
        self._unwritten: Appearance | None = None

    @property
    def appearance(self) -> Appearance:
        """What holds now."""
        return self._appearance

    def recall(self) -> None:
        """Read it; `recalled` follows."""
        path = self._path
        reading = run_in_thread(lambda: _read(path), "appearance")
        self._relay.watch(reading, self._on_read, self._on_read_failed)

    def change(self, appearance: Appearance) -> None:
        """Use it from now on, and after a restart."""
        if appearance == self._appearance:
            return
        self._appearance = appearance
        self.changed.emit(appearance)
        self._unwritten = appearance
        if self._writing is None:
            self._write_next()

    def zoom(self, by: int) -> None:
        """Make the text so many steps larger, or smaller where negative."""
        self.change(self._appearance.zoomed(by))

    def close(self) -> None:
        """Wait for what is being written, and write what is not."""
        if self._writing is not None:
            with suppress(TimeoutError):
                self._writing.exception(_CLOSE_TIMEOUT_S)
        unwritten, self._unwritten = self._unwritten, None
        if unwritten is not None:
            try:
                _write(self._path, unwritten)
            except OSError as error:
                log.warning("the colours and text size are not kept: %s", error)

    def _write_next(self) -> None:
        """One write at a time: the last choice is the one that stays."""
        path, appearance = self._path, self._unwritten
        self._unwritten = None
        if appearance is None:
            self._writing = None
            return
        self._writing = run_in_thread(lambda: _write(path, appearance), "appearance")
        self._relay.watch(self._writing, self._on_written, self._on_write_failed)

    def _on_read(self, appearance: Appearance) -> None:
        self._appearance = appearance
        self.recalled.emit(appearance)

    def _on_read_failed(self, error: BaseException) -> None:
        log.warning("the colours and text size of last time cannot be read: %s", error)
        self.recalled.emit(self._appearance)

    def _on_written(self, _result: None) -> None:
        self._write_next()

    def _on_write_failed(self, error: BaseException) -> None:
        log.warning("the colours and text size are not kept: %s", error)
        self._write_next()


def _read(path: Path) -> Appearance:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Appearance()
    found = json.loads(text)
    percent = found["zoom_percent"]
    if percent not in ZOOM_STEPS:
        raise ValueError(f"{percent!r} per cent is none of the sizes of text in {path}")
    return Appearance(Colours(found["colours"]), percent)


def _write(path: Path, appearance: Appearance) -> None:
    text = json.dumps(
        {"colours": appearance.colours.value, "zoom_percent": appearance.zoom_percent}
    )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)
