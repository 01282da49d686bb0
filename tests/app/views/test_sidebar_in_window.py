from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from app.item_models.conversation_list import ConversationListModel
from app.views.export_dialog import ExportDialog
from app.views.theme import SPACING
from inference.engine import TextDelta
from tests.app.views.driver import Driver
from tests.fakes.engine import FakeEngine, WaitFor, finished

CONTROL = Qt.KeyboardModifier.ControlModifier


class List:
    """The list in the sidebar, with mouse and keys."""

    def __init__(self, driver: Driver) -> None:
        self.qtbot = driver.qtbot
        self.sidebar = driver.window.sidebar
        self.view = driver.window.sidebar.list
        self.model = driver.window.conversation_list

    @property
    def rows(self) -> list[str]:
        return [self.model.index(row).data() for row in range(self.model.rowCount())]

    def wait(self, *rows: str) -> None:
        self.qtbot.waitUntil(lambda: self.rows == list(rows))

    def place(self, row: str) -> QPoint:
        index = self.model.index(self.rows.index(row))
        return self.view.visualRect(index).center()

    def click(self, row: str) -> None:
        viewport = self.view.viewport()
        self.qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=self.place(row))

    def press(self, key: Qt.Key) -> None:
        self.qtbot.keyClick(self.view, key)

    def choose(self, row: str, *words: str) -> None:
        """Open the context menu of a row and go through entries and menus by their words."""
        place = self.place(row)
        reason = QContextMenuEvent.Reason.Mouse
        where = self.view.viewport().mapToGlobal(place)
        QApplication.sendEvent(self.view.viewport(), QContextMenuEvent(reason, place, where))
        self.qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        top = menu
        for word in words:
            action = next(each for each in menu.actions() if each.text().startswith(word))
            inner = action.menu()
            if isinstance(inner, QMenu):
                menu = inner
        action.trigger()
        top.close()
        # The offscreen platform leaves the window inactive behind a menu.
        self.view.window().activateWindow()

    def drag(self, row: str, onto: str) -> None:
        """What the window gets when a row is dragged onto another one and dropped."""
        data = self.model.mimeData([self.model.index(self.rows.index(row))])
        target, action = self.place(onto), Qt.DropAction.MoveAction
        left, no_keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        viewport = self.view.viewport()
        entered = QDragEnterEvent(target, action, data, left, no_keys)
        QApplication.sendEvent(viewport, entered)
        assert entered.isAccepted()
        kind = QEvent.Type.Drop
        QApplication.sendEvent(
            viewport, QDropEvent(QPointF(target), action, data, left, no_keys, kind)
        )

    def type_name(self, name: str) -> None:
        """Type into the row that is edited."""
        self.qtbot.waitUntil(lambda: self.view.findChild(QLineEdit) is not None)
        editor = self.view.findChild(QLineEdit)
        editor.selectAll()
        self.qtbot.keyClicks(editor, name)
        self.qtbot.keyClick(editor, Qt.Key.Key_Return)


@pytest.fixture
def rows(driver: Driver) -> List:
    return List(driver)


@pytest.fixture
def two(driver: Driver, rows: List) -> None:
    """Two conversations, the second one on the screen."""
    driver.ask("first")
    driver.window.new_conversation()
    driver.ask("second")
    rows.wait("Today", "second", "first")


def test_pin_and_unpin(driver: Driver, rows: List, two: None) -> None:
    rows.choose("first", "Pin")
    rows.wait("Pinned", "first", "Today", "second")
    rows.choose("first", "Unpin")
    rows.wait("Today", "second", "first")


def test_the_menu_is_opened_and_used_by_keyboard(driver: Driver, rows: List, two: None) -> None:
    driver.window.activateWindow()
    driver.qtbot.waitUntil(driver.window.isActiveWindow)
    rows.click("first")
    rows.view.setFocus()
    driver.qtbot.keyClick(rows.view, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    driver.qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
    menu = QApplication.activePopupWidget()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Return):
        driver.qtbot.keyClick(menu, key)
    rows.wait("Pinned", "first", "Today", "second")


def test_a_folder_is_made_named_filled_and_collapsed(
    driver: Driver, rows: List, two: None, qtbot: QtBot
) -> None:
    qtbot.mouseClick(rows.sidebar.folder_button, Qt.MouseButton.LeftButton)
    rows.wait("Folders", "New folder", "Today", "second", "first")
    rows.type_name("Garden")
    rows.wait("Folders", "Garden", "Today", "second", "first")
    rows.drag("first", "Garden")
    rows.wait("Folders", "Garden", "first", "Today", "second")
    rows.click("Garden")
    rows.wait("Folders", "Garden", "Today", "second")
    assert driver.window.windowTitle() == "second – Conclave"
    rows.press(Qt.Key.Key_Right)
    rows.wait("Folders", "Garden", "first", "Today", "second")
    rows.drag("first", "Today")
    rows.wait("Folders", "Garden", "Today", "second", "first")


def test_the_row_that_would_take_it_is_marked(driver: Driver, rows: List, two: None) -> None:
    viewport = rows.view.viewport()
    accent = driver.window._theme.color("accent")

    def marked(row: str) -> bool:
        box = rows.view.visualRect(rows.model.index(rows.rows.index(row)))
        return (
            viewport.grab().toImage().pixelColor(box.left() + SPACING, box.center().y()) == accent
        )

    data = rows.model.mimeData([rows.model.index(rows.rows.index("first"))])
    action, left = Qt.DropAction.MoveAction, Qt.MouseButton.LeftButton
    no_keys = Qt.KeyboardModifier.NoModifier
    for kind, target in ((QDragEnterEvent, "second"), (QDragMoveEvent, "second")):
        event = kind(rows.place(target), action, data, left, no_keys)
        QApplication.sendEvent(viewport, event)
    assert marked("second")
    assert not marked("first")
    QApplication.sendEvent(viewport, QDragLeaveEvent())
    assert not marked("second")


def test_a_folder_is_made_for_a_conversation(driver: Driver, rows: List, two: None) -> None:
    rows.choose("first", "Put into a folder", "New folder")
    rows.wait("Folders", "New folder", "first", "Today", "second")
    rows.type_name("Work & play")
    rows.wait("Folders", "Work & play", "first", "Today", "second")
    rows.choose("second", "Put into a folder", "Work")
    rows.wait("Folders", "Work & play", "second", "first")
    rows.choose("first", "Put into a folder", "Take out")
    rows.wait("Folders", "Work & play", "second", "Today", "first")
    rows.choose("Work & play", "Remove")
    rows.wait("Today", "second", "first")


def test_folders_by_keyboard(driver: Driver, rows: List, two: None) -> None:
    rows.choose("first", "Put into a folder", "New folder")
    rows.wait("Folders", "New folder", "first", "Today", "second")
    rows.type_name("Garden")
    rows.wait("Folders", "Garden", "first", "Today", "second")
    rows.press(Qt.Key.Key_Space)
    rows.wait("Folders", "Garden", "Today", "second")
    rows.press(Qt.Key.Key_Return)
    rows.wait("Folders", "Garden", "first", "Today", "second")
    rows.press(Qt.Key.Key_F2)
    rows.type_name("Roof")
    rows.wait("Folders", "Roof", "first", "Today", "second")
    rows.press(Qt.Key.Key_Down)
    assert driver.page.conversation_id is not None
    rows.press(Qt.Key.Key_Up)
    rows.press(Qt.Key.Key_Delete)
    rows.wait("Today", "second", "first")


def test_an_answer_that_ended_elsewhere_is_unread(
    driver: Driver, rows: List, engine: FakeEngine, qtbot: QtBot
) -> None:
    driver.ask("first")
    go_on = threading.Event()
    engine.answers(TextDelta("slow"), WaitFor(go_on), TextDelta(" answer"), finished())
    driver.window.new_conversation()
    driver.type("second")
    driver.enter()
    driver.wait_text("slow")
    slow = driver.page.conversation_id
    rows.click("first")
    role = ConversationListModel.UNREAD_ROLE
    assert not any(rows.model.index(row).data(role) for row in range(3))
    go_on.set()
    qtbot.waitUntil(lambda: bool(rows.model.index(rows.rows.index("second")).data(role)))
    assert not rows.model.index(rows.rows.index("first")).data(role)
    spoken = rows.model.index(rows.rows.index("second")).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Conversation: second, unread answer"
    rows.click("second")
    assert driver.page.conversation_id == slow
    qtbot.waitUntil(lambda: not rows.model.index(rows.rows.index("second")).data(role))


def test_the_model_finds_a_title(driver: Driver, rows: List, engine: FakeEngine) -> None:
    engine.titles(TextDelta('"Capital of'), TextDelta(' France."'), finished())
    driver.ask("what is the capital of france, please")
    rows.wait("Today", "Capital of France")
    assert driver.window.windowTitle() == "Capital of France – Conclave"
    driver.ask("and of spain")
    assert len(engine.title_requests) == 1


def test_a_typed_title_stays(driver: Driver, rows: List, engine: FakeEngine, qtbot: QtBot) -> None:
    go_on = threading.Event()
    engine.titles(WaitFor(go_on), TextDelta("The title of the model"), finished())
    driver.ask("question")
    qtbot.waitUntil(lambda: len(engine.title_requests) == 1)
    driver.window.activateWindow()
    rows.click("question")
    rows.press(Qt.Key.Key_F2)
    rows.type_name("My title")
    rows.wait("Today", "My title")
    go_on.set()
    driver.ask("another")
    assert rows.rows == ["Today", "My title"]


@pytest.fixture
def hidden(driver: Driver, rows: List, two: None) -> None:
    """The conversation on the page, `second`, lies in a folder that is closed."""
    rows.choose("second", "Put into a folder", "New folder")
    rows.wait("Folders", "New folder", "second", "Today", "first")
    rows.type_name("Garden")
    rows.wait("Folders", "Garden", "second", "Today", "first")
    rows.click("Garden")
    rows.wait("Folders", "Garden", "Today", "first")
    driver.composer.setFocus()


def test_what_a_closed_folder_hides_is_found_by_the_palette(
    driver: Driver, hidden: None, qtbot: QtBot
) -> None:
    driver.window.new_conversation()
    qtbot.keyClick(driver.composer.edit, Qt.Key.Key_K, CONTROL)
    qtbot.keyClicks(driver.window.command_palette.field, "secon")
    qtbot.keyClick(driver.window.command_palette.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: driver.texts[:1] == ["second"])
    assert driver.window.windowTitle() == "second – Conclave"


def test_what_a_closed_folder_hides_is_exported_and_branched(
    driver: Driver, rows: List, hidden: None, qtbot: QtBot
) -> None:
    qtbot.keyClick(driver.composer.edit, Qt.Key.Key_E, CONTROL)
    dialog = driver.window.findChild(ExportDialog)
    assert dialog.one.isChecked()
    assert dialog.one.text() == "This conversation: second"
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    driver.page.transcript.setFocus()
    qtbot.keyClick(driver.page.transcript, Qt.Key.Key_Up, CONTROL)
    qtbot.keyClick(driver.page.transcript, Qt.Key.Key_B)
    qtbot.waitUntil(lambda: driver.window.windowTitle() == "second (branch) – Conclave")


def test_renaming_opens_the_folder_that_hides_it(
    driver: Driver, rows: List, hidden: None, qtbot: QtBot
) -> None:
    qtbot.keyClick(driver.composer.edit, Qt.Key.Key_F2)
    rows.type_name("Roses")
    rows.wait("Folders", "Garden", "Roses", "Today", "first")
    assert driver.window.windowTitle() == "Roses – Conclave"


def test_renaming_and_deleting_bring_the_list_that_is_hidden(
    driver: Driver, rows: List, two: None, qtbot: QtBot
) -> None:
    qtbot.keyClick(driver.composer.edit, Qt.Key.Key_B, CONTROL)
    assert not rows.view.isVisible()
    qtbot.keyClick(driver.composer.edit, Qt.Key.Key_F2)
    assert rows.view.isVisible()
    rows.type_name("Roses")
    rows.wait("Today", "Roses", "first")
    # Hits stand in the place of the list.
    qtbot.keyClicks(rows.sidebar.search, "fir")
    assert not rows.view.isVisible()
    driver.composer.setFocus()
    qtbot.keyClick(driver.composer.edit, Qt.Key.Key_F2)
    rows.type_name("Tulips")
    rows.wait("Today", "Tulips", "first")
    driver.composer.setFocus()
    qtbot.keyClick(driver.composer.edit, Qt.Key.Key_B, CONTROL)
    driver.window.commands.action("conversation.delete").trigger()
    qtbot.waitUntil(rows.sidebar.undo.isVisible)
    rows.wait("Today", "first")
    driver.click(rows.sidebar.undo.button)
    rows.wait("Today", "Tulips", "first")


def test_the_sidebar_keeps_room_for_its_words(driver: Driver) -> None:
    window = driver.window
    window.resize(1000, 760)
    handle = window.body.handle(1)
    QTest.mousePress(handle, Qt.MouseButton.LeftButton)
    QTest.mouseMove(handle, QPoint(-300, 0))
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=QPoint(-300, 0))
    button = window.sidebar.new_button
    driver.qtbot.waitUntil(lambda: window.sidebar.width() < 264)
    assert button.width() >= button.sizeHint().width()
    window.resize(480, 360)
    assert window.width() == 480
