"""With every window and dialog open, no word of the old language is left anywhere."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QSpinBox,
    QTextEdit,
    QWidget,
)
from pytestqt.exceptions import TimeoutError as QtTimeoutError

from app.domain.attachments import Attachment, AttachmentKind
from app.domain.transfer import ImportRecord
from app.services.notices import Notice
from app.services.transfer import Exported, ImportPreview, Task, TransferProgress
from app.transfer import Fault
from app.views.attachment_dialog import AttachmentDialog
from app.views.link_dialog import LinkDialog
from app.views.picture_dialog import PictureDialog
from app.views.steering.thinking_button import ThinkingButton
from app.views.summary_dialog import SummaryDialog
from app.views.transcript.message_bar import MessageAction
from inference.engine import TextDelta
from tests.app.views.driver import Driver
from tests.fakes.engine import FakeEngine, finished
from tools import translations

CHINESE = "zh_CN"
NAMES = re.compile(
    r"Small-Q4|SHA-256|host:port|conclave rpc-worker|\S*/\S*|\S+\.(db|zip|gguf)\b|^(on|off)$"
)
"""What is no language: names of models, files, commands and of values of llama.cpp."""


@cache
def english_words() -> frozenset[str]:
    """The words of the sources, without those that the translations use as well."""
    own, taken_over = set(), set()
    [file] = [file for file in translations.files() if file.stem.endswith(CHINESE)]
    for message in ElementTree.parse(file).getroot().iter("message"):
        own.update(words_of(message.findtext("source") or ""))
        taken_over.update(words_of(message.findtext("translation") or ""))
    return frozenset(own - taken_over)


def words_of(text: str) -> list[str]:
    bare = re.sub(r"\{\w*\}", " ", NAMES.sub(" ", text))
    return re.findall(r"[A-Za-z]{2,}", bare.replace("&", ""))


def texts_of(widget: QWidget) -> Iterator[str]:
    """Everything that a person can read or hear of a widget, but for what they wrote themselves."""
    yield widget.windowTitle()
    yield widget.toolTip()
    yield widget.accessibleName()
    yield widget.accessibleDescription()
    if isinstance(widget, QComboBox):
        yield from (widget.itemText(index) for index in range(widget.count()))
    elif isinstance(widget, QSpinBox):
        yield from (widget.text(), widget.specialValueText())
    elif isinstance(widget, QLineEdit | QPlainTextEdit | QTextEdit):
        yield widget.placeholderText()
    elif isinstance(widget, QMessageBox):
        yield from (widget.text(), widget.informativeText())
    elif isinstance(widget, QLabel | QAbstractButton):
        yield widget.text()
    yield from (action.text() for action in widget.actions())


def left_over() -> list[str]:
    """The texts in sight in which a word of English stands."""
    found = []
    for widget in QApplication.allWidgets():
        if not widget.isVisible():
            continue
        for text in texts_of(widget):
            if english_words() & set(words_of(text)):
                found.append(f"{type(widget).__name__} in {type(widget.window()).__name__}: {text}")
    return sorted(set(found))


@pytest.fixture
def settled(driver: Driver, engine: FakeEngine) -> Driver:
    """A window with an answer in it; what people wrote is Chinese."""
    driver.program.language.choose(CHINESE)
    engine.answers(TextDelta("四。"), finished(tokens_out=1))
    driver.composer.set_text("二加二等于几？")
    driver.composer.button.click()
    driver.wait_text("四。")
    driver.qtbot.waitUntil(lambda: not driver.program.chat.is_busy(driver.page.conversation_id))
    driver.program.language.choose("en")
    return driver


@pytest.fixture
def attachment() -> Attachment:
    return Attachment("花园.txt", AttachmentKind.TEXT, 6, "0" * 64, "花", "2 pages.")


def change_twice(driver: Driver) -> list[str]:
    """There, back and there again: the second time everything is built by the first."""
    assert left_over(), "in English there is English"
    for language in (CHINESE, "en", CHINESE):
        driver.program.language.choose(language)
        driver.qtbot.wait(50)
    with suppress(QtTimeoutError):
        # Parts that are built anew leave the old ones behind for a moment.
        driver.qtbot.waitUntil(lambda: not left_over(), timeout=3000)
    return left_over()


def test_the_windows(settled: Driver) -> None:
    window = settled.window
    window.resize(1900, 900)
    window.experts.show()
    window.compare_answers()
    settled.qtbot.waitUntil(lambda: bool(settled.program.side_windows.compared))
    window.find_in_conversation()
    window.steering.toggle()
    window.message_actions.do(MessageAction.DELETE, settled.messages[0])
    settled.qtbot.waitUntil(window.message_actions.undo.isVisible)
    window.show_notice(Notice("The model file is damaged"))
    window.page.transcript.setFocus()
    settled.program.side_windows.open_temporary()
    assert change_twice(settled) == []


def test_the_introduction(settled: Driver) -> None:
    window = settled.window
    window.show_introduction()
    page = window.first_run.introduction
    settled.qtbot.waitUntil(lambda: bool(page.models.choices))
    for step in range(3):
        assert page.steps.currentIndex() == step
        assert change_twice(settled) == []
        settled.program.language.choose("en")
        if step < 2:
            settled.click(page.next_button)
    settled.program.language.choose(CHINESE)
    # Chinese lines are higher: what was made for English ones grows.
    assert page.models.area.height() >= page.models._list.sizeHint().height()
    settled.click(page.try_out.questions[0])
    settled.qtbot.waitUntil(lambda: "你能帮我做些什么？" in settled.texts)


def test_the_settings(settled: Driver) -> None:
    settled.window.settings.open()
    settled.qtbot.waitUntil(lambda: settled.window.settings.dialog is not None)
    dialog = settled.window.settings.dialog
    assert dialog is not None
    dialog.engine.workers.setText("no address")
    assert dialog.problem.text()
    dialog.engine.workers.clear()
    dialog.engine.memory.setValue(512)
    assert change_twice(settled) == []
    assert dialog.engine.preferences.state_memory_bytes == 512 << 20
    assert dialog.engine.idle.specialValueText() == "从不"
    settled.program.language.choose("en")
    settled.qtbot.waitUntil(lambda: dialog.windowTitle() == "Settings")
    dialog.reject()


def test_dialogs_about_messages_and_files(settled: Driver, attachment: Attachment) -> None:
    window = settled.window
    window.show_shortcuts()
    window.message_actions.do(MessageAction.STATISTICS, settled.messages[1])
    SummaryDialog("他们见了面。", window).open()
    LinkDialog("https://example.org/", window).open()
    AttachmentDialog(attachment, window).open()
    PictureDialog(replace(attachment, kind=AttachmentKind.PICTURE), window).open()
    window.steering.open_library()
    settled.page.drafting.choose_files()
    window.models.open_file()
    button = window.findChild(ThinkingButton)
    assert button is not None
    button.ask_budget()
    settled.qtbot.waitUntil(lambda: bool(window.findChildren(PictureDialog)[0].picture.text()))
    assert len(opened(window)) == 10
    assert change_twice(settled) == []
    close_all(window)


def test_dialogs_about_all_conversations(settled: Driver) -> None:
    window, service = settled.window, settled.program.transfer
    window.transfer.export()
    window.transfer.import_file()
    window.transfer.import_folder()
    window.transfer.back_up()
    fault = Fault("3", "它坏了。", lost=True)
    service.previewed.emit(ImportPreview(Path("/x/y.zip"), (("LM", 2),), 7, (fault,), (b"",)))
    service.began.emit(Task.EXPORT)
    service.progressed.emit(TransferProgress(Task.EXPORT, 0.5, 3))
    record = ImportRecord(1, "/x/y.zip", datetime.now(UTC), 2, 7)
    service.undo_offered.emit(record)
    assert len(opened(window)) == 7
    assert change_twice(settled) == []
    service.ended.emit()
    close_all(window)


@pytest.mark.parametrize("kind", ["imported", "exported", "backed up", "none"])
def test_notices(settled: Driver, kind: str) -> None:
    service = settled.program.transfer
    path = Path("/x/y.zip")
    match kind:
        case "imported":
            service.imported.emit(ImportRecord(1, str(path), datetime.now(UTC), 2, 7))
        case "exported":
            service.exported.emit(Exported(path, 3))
        case "backed up":
            service.backed_up.emit(path)
        case "none":
            service.undo_offered.emit(None)
    assert settled.window.notice.isVisible()
    assert change_twice(settled) == []
    settled.click(settled.window.notice.buttons[0])


def test_the_question_of_a_temporary_conversation(settled: Driver) -> None:
    settled.program.side_windows.open_temporary()
    temporary = settled.program.side_windows.temporary[-1].window
    temporary.page.composer.set_text("秘密")
    box = temporary.ask(temporary.close_now)
    assert change_twice(settled) == []
    box.reject()
    temporary.close_now()


def opened(window: QWidget) -> list[QDialog]:
    return [dialog for dialog in window.findChildren(QDialog) if dialog.isVisible()]


def close_all(window: QWidget) -> None:
    for dialog in opened(window):
        dialog.close()
