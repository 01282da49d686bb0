"""The window without a mouse or without eyes: names, the way of the Tab key, marks of focus."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from tests.app.views.driver import Driver

TAB = Qt.Key.Key_Tab


def name_of(widget: QWidget) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def controls_in(root: QWidget) -> Iterator[QWidget]:
    """What can have the focus or be clicked, seen or not; parts that Qt makes itself left out."""
    for widget in (root, *root.findChildren(QWidget)):
        by_tab = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        if (by_tab or isinstance(widget, QAbstractButton)) and not is_part(widget):
            yield widget


def is_part(widget: QWidget) -> bool:
    return widget.objectName().startswith("qt_") or widget.focusProxy() is not None


def unnamed(root: QWidget) -> list[str]:
    return [
        f"{type(widget).__name__} {widget.objectName()} in {type(widget.parent()).__name__}"
        for widget in controls_in(root)
        if not name_of(widget)
    ]


def tab_way(driver: Driver, start: QWidget) -> list[str]:
    """The names of what the Tab key leads to, until it comes round."""
    start.setFocus(Qt.FocusReason.TabFocusReason)
    names = []
    for _ in range(100):
        focused = QApplication.focusWidget()
        assert focused is not None
        names.append(name_of(focused))
        driver.qtbot.keyClick(focused, TAB)
        if QApplication.focusWidget() is start:
            return names
    raise AssertionError(f"the Tab key does not come round: {names}")


def activate(driver: Driver) -> None:
    driver.window.activateWindow()
    driver.qtbot.waitUntil(driver.window.isActiveWindow)


def dialog_of(driver: Driver, show: Callable[[], object]) -> QWidget:
    show()
    driver.qtbot.waitUntil(lambda: QApplication.activeModalWidget() is not None)
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    return dialog


def unmarked(window: QWidget) -> list[str]:
    """Controls that look the same with the focus and without it."""
    start = next(each for each in controls_in(window) if each.isVisible() and each.isEnabled())
    start.setFocus(Qt.FocusReason.TabFocusReason)
    found = []
    for _ in range(100):
        before = window.grab().toImage()
        QTest.keyClick(QApplication.focusWidget(), TAB)
        QApplication.processEvents()
        after = window.grab().toImage()
        widget = QApplication.focusWidget()
        corner = widget.mapTo(window, QPoint(0, 0))
        box = QRect(corner, widget.size()).adjusted(-10, -10, 10, 10)
        if before.copy(box) == after.copy(box):
            found.append(f"{type(widget).__name__} {name_of(widget)}")
        if widget is start:
            return found
    raise AssertionError("the Tab key does not come round")


def test_everything_in_the_windows_has_a_name(driver: Driver) -> None:
    driver.ask("First")
    window, program = driver.window, driver.program
    program.side_windows.open_temporary()
    window.compare_answers()
    driver.qtbot.waitUntil(lambda: bool(program.side_windows.compared))
    assert unnamed(window) == []
    assert unnamed(program.side_windows.temporary[-1].window) == []
    assert unnamed(program.side_windows.compared[-1].window) == []


def test_dialogs_have_names_marks_of_focus_and_a_way_of_the_tab_key(driver: Driver) -> None:
    driver.program.personas.add("Teacher", "You are a teacher.")
    driver.ask("First")
    activate(driver)
    window = driver.window
    ways: dict[str, list[str]] = {}
    for show in (
        window.show_shortcuts,
        window.transfer.export,
        window.steering.open_library,
        window.settings.open,
    ):
        dialog = dialog_of(driver, show)
        driver.qtbot.waitUntil(dialog.isActiveWindow)
        assert unnamed(dialog) == []
        assert unmarked(dialog) == []
        controls = [each for each in controls_in(dialog) if each.isVisible() and each.isEnabled()]
        ways[dialog.windowTitle()] = tab_way(driver, controls[0])
        dialog.close()
        driver.qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)
    assert list(ways) == ["Shortcuts", "Export conversations", "Personas", "Settings"]
    way = ways["Settings"]
    start = way.index("Memory for conversations")
    assert way[start : start + 4] == [
        "Memory for conversations",
        "Default for: Memory for conversations",
        "Disk for conversations",
        "Default for: Disk for conversations",
    ]
    # The buttons come behind all settings.
    turned = way[start:] + way[:start]
    assert turned[-2:] == ["Cancel", "Save"]


def test_the_tab_key_goes_as_the_window_is_read(driver: Driver) -> None:
    driver.ask("First")
    driver.type("Second")
    activate(driver)
    way = tab_way(driver, driver.window.sidebar.new_button)
    model = driver.window.header.model_button.accessibleName()
    assert way == [
        "New conversation",
        "Temporary conversation, kept nowhere",
        "New folder",
        "Search all conversations",
        "Conversations",
        "Show or hide the conversations",
        model,
        driver.window.header.context_button.accessibleName(),
        "Show or hide the settings of this conversation",
        "Menu",
        "Conversation",
        "Copy",
        "Answer again",
        "Edit",
        "Statistics",
        "More",
        "Attach files",
        "Message",
        "Send",
    ]


def test_buttons_that_come_later_stand_in_the_way_where_they_are_seen(driver: Driver) -> None:
    driver.ask("First")
    activate(driver)
    driver.page.edit_message(driver.messages[0])
    driver.qtbot.waitUntil(lambda: bool(driver.page.notice.buttons))
    button = driver.page.notice.buttons[0].text()
    way = tab_way(driver, driver.window.sidebar.new_button)
    assert way.index("Conversation") < way.index(button) < way.index("Message")


def test_the_focus_is_seen_on_every_kind_of_control(driver: Driver) -> None:
    driver.ask("First")
    driver.type("Second")
    activate(driver)
    assert unmarked(driver.window) == []
    driver.window.steering.toggle()
    assert unnamed(driver.window.steering.panel) == []
    assert unmarked(driver.window) == []
    driver.window.steering.toggle()
    driver.window.experts.toggle()
    assert unmarked(driver.window) == []
