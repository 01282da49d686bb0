from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent, QImage
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from app import paths
from app.composition import Program
from app.services.models import ModelPhase
from app.store import Store
from app.views.picture_dialog import PictureDialog
from app.views.transcript.picture_piece import PicturePiece
from inference.engine import LoadRequest
from inference.errors import CannotSeePictures, ProjectorMismatch
from tests.app.views.driver import Driver
from tests.fakes.engine import PICTURE_TOKENS, FakeEngine, loaded

PATIENCE_MS = 30_000
"""Each file starts a process."""


@pytest.fixture
def seeing(qtbot: QtBot, engine: FakeEngine, model_file: Path, start: list[Program]) -> Driver:
    """A window whose model sees pictures."""
    engine.loads(loaded(sees=True))
    program = Program(Store(paths.database_path(), timeout_s=0.2), engine)
    start.append(program)
    program.start()
    qtbot.waitUntil(lambda: program.models.state.phase is ModelPhase.READY)
    qtbot.waitExposed(program.window)
    return Driver(qtbot, program)


def photo(path: Path, size: tuple[int, int] = (1600, 1200)) -> Path:
    """A picture that is red on its left and blue on its right side."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    image.save(path)
    return path


def chips(driver: Driver) -> list[str]:
    return [chip.open_button.text().strip() for chip in driver.composer.chips.chips]


def wait_chips(driver: Driver, *words: str) -> None:
    driver.qtbot.waitUntil(lambda: chips(driver) == list(words), timeout=PATIENCE_MS)


def paste(driver: Driver, data: QMimeData) -> None:
    QApplication.clipboard().setMimeData(data)
    driver.qtbot.keyClick(driver.composer.edit, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)


def drop(driver: Driver, *files: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in files])
    driver.window.dropEvent(
        QDropEvent(
            QPointF(300, 300),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )


def dialog(driver: Driver) -> PictureDialog:
    def is_shown() -> bool:
        found = driver.window.findChildren(PictureDialog)
        return any(one.isVisible() and not one.picture.pixmap().isNull() for one in found)

    driver.qtbot.waitUntil(is_shown)
    return next(one for one in driver.window.findChildren(PictureDialog) if one.isVisible())


def test_a_dropped_picture_is_counted_sent_shown_and_opened(
    seeing: Driver, engine: FakeEngine, tmp_path: Path
) -> None:
    drop(seeing, photo(tmp_path / "sea.png"))
    wait_chips(seeing, f"sea.png · {PICTURE_TOKENS} tokens")
    [chip] = seeing.composer.chips.chips
    assert not chip.open_button.icon().isNull()

    seeing.ask("What is this?")

    asked = engine.generate_requests[-1].messages[-1]
    assert asked.content == "What is this?"
    [picture] = asked.pictures
    assert picture.name == "sea.png"
    with Image.open(BytesIO(picture.data)) as seen:
        assert seen.size == (1600, 1200)
        assert seen.getpixel((10, 10)) == (255, 0, 0)

    view = seeing.page.transcript
    shown = view.grab().toImage()  # lays it out
    spots = (view.sight.spot_at(QPointF(x, y)) for y in range(0, 300, 4) for x in (500, 600, 700))
    spot = next(spot for spot in spots if spot and isinstance(spot.entry.piece, PicturePiece))
    piece = spot.entry.piece
    # 1,600 x 1,200 in a room of 320 x 240.
    assert (piece.natural_width(), piece.height) == (320, 240 + 8)
    corner = view.viewport().mapTo(view, view.sight.offset_of(spot))
    ratio = shown.devicePixelRatio()
    colours = [shown.pixelColor((corner + QPoint(x, 100)) * ratio).name() for x in (40, 280)]
    assert colours == ["#ff0000", "#0000ff"]

    place = view.sight.offset_of(spot) + QPoint(100, 100)
    seeing.qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    large = dialog(seeing)
    assert large.picture.pixmap().deviceIndependentSize().width() > 320
    seeing.qtbot.keyClick(large, Qt.Key.Key_Escape)


def test_a_picture_of_the_clipboard_is_pasted_and_kept(seeing: Driver, engine: FakeEngine) -> None:
    image = QImage(60, 40, QImage.Format.Format_RGB32)
    image.fill(QColor("green"))
    data = QMimeData()
    data.setImageData(image)
    paste(seeing, data)
    wait_chips(seeing, f"Pasted picture · {PICTURE_TOKENS} tokens")

    seeing.enter()  # a picture needs no words
    seeing.wait_text("Hello.")

    asked = engine.generate_requests[-1].messages[-1]
    assert (asked.content, len(asked.pictures)) == ("", 1)
    assert seeing.titles == ["Pasted picture"]
    conversation_id = seeing.page.conversation_id
    assert conversation_id is not None
    seeing.window.new_conversation()
    seeing.open(conversation_id)
    seeing.qtbot.waitUntil(lambda: len(seeing.messages) == 2)
    [kept] = seeing.messages[0].attachments
    assert (kept.width, kept.height) == (60, 40)
    seeing.ask("And now?")
    first, *_ = engine.generate_requests[-1].messages
    assert first.pictures == asked.pictures


def test_a_model_that_sees_nothing_refuses_with_a_sentence(
    driver: Driver, engine: FakeEngine, tmp_path: Path
) -> None:
    driver.type("Look:")
    drop(driver, photo(tmp_path / "sea.png"))
    driver.qtbot.waitUntil(
        lambda: driver.notice == "This model cannot see pictures", timeout=PATIENCE_MS
    )
    assert chips(driver) == []
    assert driver.composer.text == "Look:"


def test_what_the_engine_cannot_see_is_told_and_the_question_kept(
    seeing: Driver, engine: FakeEngine, tmp_path: Path
) -> None:
    drop(seeing, photo(tmp_path / "sea.png", (64, 64)))
    wait_chips(seeing, f"sea.png · {PICTURE_TOKENS} tokens")
    engine.answers(CannotSeePictures("This model cannot see pictures", "No projector.", "Choose."))
    seeing.type("What?")
    seeing.enter()

    seeing.qtbot.waitUntil(lambda: seeing.notice == "This model cannot see pictures")
    assert seeing.texts == ["What?"]
    assert [file.name for file in seeing.messages[0].attachments] == ["sea.png"]


def test_a_dropped_projector_is_used_and_kept_unless_it_fails(
    driver: Driver, engine: FakeEngine, tmp_path: Path
) -> None:
    def projectors() -> list[Path | None]:
        loads = [one for one in engine.requests if isinstance(one, LoadRequest)]
        return [one.model.projector_path for one in loads]

    projector = tmp_path / "mmproj-mine.gguf"
    engine.loads(loaded(sees=True))
    drop(driver, projector)
    driver.qtbot.waitUntil(lambda: projectors() == [None, projector])
    driver.qtbot.waitUntil(lambda: driver.program.models.sees() is True)

    engine.loads(ProjectorMismatch("The projector does not belong to this model", "128 and 256."))
    drop(driver, tmp_path / "mmproj-other.gguf")
    window = driver.window
    driver.qtbot.waitUntil(lambda: window.notice.notice is not None)
    shown = window.notice.notice
    assert shown is not None
    assert shown.title == "The projector does not belong to this model"
    driver.program.models.load_again()
    driver.qtbot.waitUntil(lambda: projectors()[-1] is None)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.png", b"\x89PNG\r\n\x1a\nnothing", "The picture cannot be read"),
        ("a.jpg", b"hello", "The picture cannot be read"),
    ],
)
def test_a_damaged_picture_is_told(
    seeing: Driver, tmp_path: Path, name: str, data: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(data)
    drop(seeing, tmp_path / name)
    seeing.qtbot.waitUntil(lambda: seeing.notice == words, timeout=PATIENCE_MS)
    assert chips(seeing) == []
    assert not [one for one in seeing.window.findChildren(QDialog) if one.isVisible()]
