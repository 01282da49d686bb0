"""Colours and size of text, chosen as a person chooses them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QFontInfo
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import paths
from app.composition import Program
from app.domain.appearance import Appearance, Colours
from app.store import Store
from app.views import look
from app.views.look import scheme_for, theme_for
from app.views.settings_dialog import SettingsDialog
from app.views.theme import DARK, DARK_CONTRAST, LIGHT, LIGHT_CONTRAST, Theme, body_font
from tests.app.views.driver import Driver
from tests.fakes.engine import FakeEngine

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(autouse=True)
def _usual_text(qapp: QApplication) -> Iterator[None]:
    """The next test gets the system's text size again."""
    yield
    QApplication.setFont(look.system_font())


def opened(driver: Driver) -> SettingsDialog:
    driver.window.activateWindow()
    driver.qtbot.waitUntil(driver.window.isActiveWindow)
    driver.qtbot.keyClick(driver.window, Qt.Key.Key_Comma, CONTROL)
    driver.qtbot.waitUntil(lambda: driver.window.settings.dialog is not None)
    dialog = driver.window.settings.dialog
    assert dialog is not None
    return dialog


def ground(driver: Driver) -> QColor:
    """What is painted in a corner of the page."""
    return driver.page.grab().toImage().pixelColor(3, driver.page.height() // 4)


def stored() -> dict[str, object]:
    path = paths.data_dir() / "appearance.json"
    found: dict[str, object] = json.loads(path.read_text()) if path.exists() else {}
    return found


def test_colours_are_chosen_without_a_restart(driver: Driver) -> None:
    for colours, theme in (
        (Colours.LIGHT, LIGHT),
        (Colours.DARK, DARK),
        (Colours.HIGH_CONTRAST, LIGHT_CONTRAST),
    ):
        dialog = opened(driver)
        driver.qtbot.keyClick(dialog.looks.colours, Qt.Key.Key_Down)
        driver.click(dialog.save_button)

        driver.qtbot.waitUntil(lambda theme=theme: ground(driver) == QColor(theme.ground))
        assert QApplication.palette().text().color() == QColor(theme.text)
        assert driver.page.transcript.theme == theme
        for field in (driver.composer.edit, driver.window.sidebar.search):
            assert field.palette().placeholderText().color() == QColor(theme.muted)
        driver.qtbot.waitUntil(lambda colours=colours: stored().get("colours") == colours.value)


def test_the_keys_zoom_the_text(driver: Driver) -> None:
    driver.ask("How large is this?")
    transcript, composer = driver.page.transcript, driver.composer
    usual = QApplication.font().pointSizeF()
    driver.window.resize(2400, 900)
    field = composer.edit.fontMetrics().height()
    driver.window.activateWindow()
    driver.qtbot.waitUntil(driver.window.isActiveWindow)

    for _ in range(9):
        driver.qtbot.keyClick(composer.edit, Qt.Key.Key_Plus, CONTROL)
    assert QApplication.font().pointSizeF() == pytest.approx(2 * usual)
    assert composer.edit.fontMetrics().height() == pytest.approx(2 * field, abs=2)
    driver.program.apply_theme(DARK)
    assert composer.edit.viewport().font().pointSizeF() == pytest.approx(2.2 * usual)
    assert composer.edit.document().defaultFont().pointSizeF() == pytest.approx(2.2 * usual)
    assert driver.window.header.state_label.font().pointSizeF() == pytest.approx(2 * usual)
    assert transcript._layout._styles.text.body.pointSizeF() == pytest.approx(2.2 * usual)
    # Made for text of 13 pixels, 760 pixels wide.
    pixels = QFontInfo(QApplication.font()).pixelSize()
    assert transcript.sight.box_of(0).width() == round(760 * pixels / 13)

    driver.qtbot.keyClick(composer.edit, Qt.Key.Key_Minus, CONTROL)
    assert QApplication.font().pointSizeF() == pytest.approx(1.75 * usual)
    driver.qtbot.waitUntil(lambda: stored()["zoom_percent"] == 175)

    driver.qtbot.keyClick(composer.edit, Qt.Key.Key_0, CONTROL)
    assert QApplication.font().pointSizeF() == pytest.approx(usual)
    driver.qtbot.waitUntil(lambda: stored()["zoom_percent"] == 100)


def test_the_keys_zoom_in_every_window(driver: Driver) -> None:
    driver.program.side_windows.open_temporary()
    other = driver.program.side_windows.temporary[-1].window
    other.activateWindow()
    driver.qtbot.waitUntil(other.isActiveWindow)
    driver.qtbot.keyClick(other.page.composer.edit, Qt.Key.Key_Equal, CONTROL)
    assert driver.program.appearance.appearance.zoom_percent == 110


def test_the_dialog_sets_the_size_too_and_goes_back_to_it(driver: Driver) -> None:
    usual = body_font().pointSizeF()
    dialog = opened(driver)
    assert dialog.looks.zoom.currentText() == "100 %"
    driver.qtbot.keyClick(dialog.looks.zoom, Qt.Key.Key_End)
    driver.click(dialog.save_button)
    driver.qtbot.waitUntil(lambda: body_font().pointSizeF() == pytest.approx(2 * usual))

    dialog = opened(driver)
    for row in dialog.looks.rows:
        driver.qtbot.keyClick(row.reset_button, Qt.Key.Key_Space)
    driver.click(dialog.save_button)
    driver.qtbot.waitUntil(lambda: body_font().pointSizeF() == pytest.approx(usual))


def test_another_size_of_the_system_is_taken_with_the_zoom(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.ask("First")
    driver.window.activateWindow()
    driver.qtbot.waitUntil(driver.window.isActiveWindow)
    driver.qtbot.keyClick(driver.composer.edit, Qt.Key.Key_Plus, CONTROL)
    larger = look.system_font()
    larger.setPointSizeF(20)
    monkeypatch.setattr(look, "system_font", lambda: larger)

    # What Qt sends to a window when the desktop's settings change.
    QApplication.sendEvent(driver.window, QEvent(QEvent.Type.ThemeChange))
    assert QApplication.font().pointSizeF() == pytest.approx(22)
    shown = driver.page.transcript._layout._styles.text.body.pointSizeF()
    assert shown == pytest.approx(22 * 1.1)


def test_what_was_chosen_holds_when_the_window_shows_itself(
    qtbot: QtBot, engine: FakeEngine, start: list[Program]
) -> None:
    paths.data_dir().mkdir(parents=True)
    path = paths.data_dir() / "appearance.json"
    path.write_text('{"colours": "dark", "zoom_percent": 150}')
    usual = look.system_font().pointSizeF()
    program = Program(Store(paths.database_path(), timeout_s=0.2), engine)
    start.append(program)
    program.start()
    # Another style sheet goes to all widgets of the process, those of the tests before included.
    qtbot.waitUntil(program.window.isVisible, timeout=30_000)
    assert program.look.theme == DARK
    assert QApplication.font().pointSizeF() == pytest.approx(1.5 * usual)
    assert program.appearance.appearance == Appearance(Colours.DARK, 150)


@pytest.mark.parametrize(
    ("colours", "dark", "contrast", "theme"),
    [
        (Colours.SYSTEM, False, False, LIGHT),
        (Colours.SYSTEM, True, False, DARK),
        (Colours.SYSTEM, False, True, LIGHT_CONTRAST),
        (Colours.SYSTEM, True, True, DARK_CONTRAST),
        (Colours.LIGHT, True, False, LIGHT),
        (Colours.DARK, False, False, DARK),
        (Colours.DARK, False, True, DARK_CONTRAST),
        (Colours.HIGH_CONTRAST, False, False, LIGHT_CONTRAST),
        (Colours.HIGH_CONTRAST, True, False, DARK_CONTRAST),
    ],
)
def test_system_and_choice_make_the_theme(
    colours: Colours, dark: bool, contrast: bool, theme: Theme
) -> None:
    assert theme_for(colours, dark=dark, high_contrast=contrast) is theme


def test_the_platform_is_left_alone_where_the_system_decides() -> None:
    scheme = Qt.ColorScheme
    assert [scheme_for(colours) for colours in Colours] == [
        scheme.Unknown,
        scheme.Light,
        scheme.Dark,
        scheme.Unknown,
    ]
