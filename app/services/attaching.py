"""Files that are being attached: each is read in a process of its own, two at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from uuid import uuid4

from msgspec import Struct
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, Signal
from PySide6.QtGui import QImage

from app.domain.attachments import Attachment
from app.services.file_reading import DEADLINE_S, FileReading
from app.services.futures import FutureRelay
from app.services.notices import Notice, notice_of

_AT_ONCE = 2


class FileProgress(Struct, frozen=True):
    """A file is being read; `fraction` goes from 0 to 1."""

    file_id: str
    fraction: float


class FileRead(Struct, frozen=True):
    """A file has become an attachment."""

    file_id: str
    attachment: Attachment


class FileRefused(Struct, frozen=True):
    """A file cannot be attached."""

    file_id: str
    notice: Notice


class _ImageReading(FileReading):
    """A picture of the clipboard, which becomes a file first, on the thread that reads."""

    def __init__(
        self, command: Sequence[str], path: Path, deadline_s: float, image: QImage
    ) -> None:
        super().__init__(command, path, deadline_s)
        self._image = image

    def run(self, on_progress: Callable[[float], object]) -> Attachment | None:
        self._data = _as_png(self._image)
        return super().run(on_progress)


def _as_png(image: QImage) -> bytes:
    held = QByteArray()
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(held.data())


class AttachService(QObject):
    """Reads files off the GUI thread.

    Args:
        command: What starts `app.documents.child`.
        deadline_s: A file that takes longer is refused.
        parent: Owns it.
    """

    progressed = Signal(object)
    """FileProgress"""
    read = Signal(object)
    """FileRead"""
    refused = Signal(object)
    """FileRefused"""

    def __init__(
        self,
        command: Sequence[str],
        deadline_s: float = DEADLINE_S,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._command = command
        self._deadline_s = deadline_s
        self._relay = FutureRelay(self)
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="attach")
        self._readings: dict[str, FileReading] = {}

    def attach(self, path: Path) -> str:
        """Read a file; the id comes back with the signals."""
        file_id = uuid4().hex
        return self._start(file_id, FileReading(self._command, path, self._deadline_s))

    def _start(self, file_id: str, reading: FileReading) -> str:
        self._readings[file_id] = reading
        future = self._pool.submit(reading.run, partial(self._tell, file_id))
        self._relay.watch(future, partial(self._on_read, file_id), partial(self._on_error, file_id))
        return file_id

    def attach_image(self, image: QImage, name: str) -> str:
        """Read a picture that is in no file; the rest as in `attach`."""
        file_id = uuid4().hex
        reading = _ImageReading(self._command, Path(name), self._deadline_s, image)
        return self._start(file_id, reading)

    def attach_text(self, text: str, name: str) -> str:
        """Read a text that is in no file; the rest as in `attach`."""
        data = text.encode("utf-8", "replace")
        return self._start(
            uuid4().hex, FileReading(self._command, Path(name), self._deadline_s, data)
        )

    def cancel(self, file_id: str) -> None:
        """Read it no more; nothing is told of it afterwards. An unknown id is ignored."""
        reading = self._readings.pop(file_id, None)
        if reading is not None:
            reading.cancel()

    def close(self) -> None:
        """End everything that is being read."""
        for file_id in tuple(self._readings):
            self.cancel(file_id)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _tell(self, file_id: str, fraction: float) -> None:
        """From the thread that reads."""
        self.progressed.emit(FileProgress(file_id, fraction))

    def _on_read(self, file_id: str, attachment: Attachment | None) -> None:
        if self._readings.pop(file_id, None) is not None and attachment is not None:
            self.read.emit(FileRead(file_id, attachment))

    def _on_error(self, file_id: str, error: BaseException) -> None:
        if self._readings.pop(file_id, None) is not None:
            self.refused.emit(FileRefused(file_id, notice_of(error)))
