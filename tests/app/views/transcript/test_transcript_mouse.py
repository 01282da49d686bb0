"""Selecting, copying, links, buttons and keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QFocusEvent, QGuiApplication, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.conversations import Role
from app.item_models.transcript import TranscriptModel
from app.views.theme import LIGHT
from app.views.transcript import TranscriptView
from app.views.transcript.code_piece import CodePiece
from app.views.transcript.formula_piece import FormulaPiece
from app.views.transcript.menu import build_menu, link_tip
from app.views.transcript.places import Spot
from app.views.transcript.table_piece import TablePiece
from app.views.transcript.text_piece import TextPiece

from .conftest import MessageMaker

LEFT = Qt.MouseButton.LeftButton
CODE = "def f(x):\n\treturn x  # é🙂\n\n"


def find(view: TranscriptView, kind: type, nth: int = 0) -> tuple[Spot, QPoint]:
    """The nth piece of a kind in sight and where its upper left corner is in the viewport."""
    seen: list[object] = []
    for y in range(0, view.viewport().height(), 2):
        spot = view.sight.spot_at(QPointF(350, y))
        if spot and isinstance(spot.entry.piece, kind) and spot.entry.piece not in seen:
            seen.append(spot.entry.piece)
            if len(seen) > nth:
                return spot, view.sight.offset_of(spot)
    raise AssertionError(f"no {kind.__name__} in sight")


def drag(view: TranscriptView, start: QPoint, end: QPoint) -> None:
    viewport = view.viewport()
    QTest.mousePress(viewport, LEFT, pos=start)
    QTest.mouseMove(viewport, (start + end) / 2)
    QTest.mouseMove(viewport, end)
    QTest.mouseRelease(viewport, LEFT, pos=end)


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


def test_select_across_blocks_and_messages(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker
) -> None:
    model.reset(
        [make(1, "the *question*"), make(2, "one **two**\n\n1. three\n2. four"), make(4, "last")]
    )
    QApplication.processEvents()
    _, question = find(view, TextPiece, 0)
    _, last = find(view, TextPiece, 4)
    drag(view, question + QPoint(0, 3), last + QPoint(300, 8))
    assert view.selecting.text() == "the *question*\n\none two\n\n1. three\n2. four\n\nlast"
    _, four = find(view, TextPiece, 3)
    drag(view, question + QPoint(0, 3), four + QPoint(26, 8))
    assert view.selecting.text() == "the *question*\n\none two\n\n1. three"
    drag(view, four + QPoint(300, 8), question + QPoint(0, 3))
    assert view.selecting.text() == "the *question*\n\none two\n\n1. three\n2. four"


def test_double_click_takes_a_word_and_triple_a_block(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker
) -> None:
    model.reset([make(2, "first word here\nand a *second* line\n\nother block")])
    QApplication.processEvents()
    _, corner = find(view, TextPiece)
    point = corner + QPoint(4, 8)
    viewport = view.viewport()
    QTest.mouseDClick(viewport, LEFT, pos=point)
    assert view.selecting.text() == "first"
    QTest.mousePress(viewport, LEFT, pos=point)
    QTest.mouseRelease(viewport, LEFT, pos=point)
    assert view.selecting.text() == "first word here\nand a second line"


def test_select_all_and_copy_by_keys(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker
) -> None:
    model.reset([make(1, "a <b>"), make(2, f"*b*\n\n```py\n{CODE}```\n\n|x|y|\n|-|-|\n|1|2|")])
    QTest.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard() == f"a <b>\n\nb\n\n{CODE[:-1]}\n\nx\ty\n1\t2"
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert view.selecting.text() == ""


def test_a_long_copy_arrives_whole(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker, qtbot: QtBot
) -> None:
    model.reset([make(2 * i, f"message *{i}*\n\ntext") for i in range(1, 1501)])
    QGuiApplication.clipboard().clear()
    view.selecting.select_all()
    view.selecting.copy()
    qtbot.waitUntil(lambda: clipboard() != "", timeout=20_000)
    assert clipboard() == "\n\n".join(f"message {i}\n\ntext" for i in range(1, 1501))


def test_part_of_code_is_copied_exactly(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker
) -> None:
    model.reset([make(2, f"```py\n{CODE}```")])
    QApplication.processEvents()
    spot, corner = find(view, CodePiece)
    piece = spot.entry.piece
    assert isinstance(piece, CodePiece)
    drag(view, corner + QPoint(13, 38), corner + QPoint(600, 62))
    assert view.selecting.text() == "def f(x):\n\treturn x  # é🙂"
    QTest.mouseDClick(view.viewport(), LEFT, pos=corner + QPoint(14, 38))
    assert view.selecting.text() == "def"


def test_copy_button(view: TranscriptView, model: TranscriptModel, make: MessageMaker) -> None:
    model.reset([make(2, f"text\n\n```py\n{CODE}```")])
    QApplication.processEvents()
    spot, corner = find(view, CodePiece)
    piece = spot.entry.piece
    assert isinstance(piece, CodePiece)
    QTest.mouseClick(view.viewport(), LEFT, pos=corner + piece.copy_button().center().toPoint())
    assert clipboard() == CODE[:-1]
    assert piece.copied


def test_links_tell_and_are_followed(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker, qtbot: QtBot
) -> None:
    model.reset([make(2, "[link](https://example.org/?a=1&b=<i>) [no](javascript:alert(1))")])
    QApplication.processEvents()
    _, corner = find(view, TextPiece)
    with qtbot.waitSignal(view.link_activated) as heard:
        QTest.mouseClick(view.viewport(), LEFT, pos=corner + QPoint(4, 8))
    assert heard.args == ["https://example.org/?a=1&b=%3Ci%3E"]
    with qtbot.assertNotEmitted(view.link_activated):
        QTest.mouseClick(view.viewport(), LEFT, pos=corner + QPoint(40, 8))
        drag(view, corner + QPoint(4, 8), corner + QPoint(60, 8))
    assert link_tip("https://a.org/<b>") == "<span>https://a.org/&lt;b&gt;</span>"


def test_wide_code_moves_sideways(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker
) -> None:
    model.reset([make(2, "```\n" + "wide " * 100 + "\n```")])
    QApplication.processEvents()
    spot, corner = find(view, CodePiece)
    sideways = spot.entry.piece.sideways
    assert sideways is not None
    assert sideways.needed
    position = QPointF(corner + QPoint(50, 40))
    wheel = QWheelEvent(
        position,
        view.viewport().mapToGlobal(position),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ShiftModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.viewport(), wheel)
    assert sideways.offset == pytest.approx(60)
    bar = corner + sideways.bar().center().toPoint()
    drag(view, bar, bar + QPoint(2000, 0))
    assert sideways.offset == sideways.maximum


def test_keys_scroll(view: TranscriptView, model: TranscriptModel, make: MessageMaker) -> None:
    model.reset([make(2 * i, "text\n\n" * 20) for i in range(1, 30)])
    bar = view.verticalScrollBar()
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert bar.value() == 0
    QTest.keyClick(view, Qt.Key.Key_Down)
    down = bar.value()
    QTest.keyClick(view, Qt.Key.Key_PageDown)
    assert 0 < down < 100 < bar.value()
    QTest.keyClick(view, Qt.Key.Key_PageUp)
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert bar.value() == 0
    QTest.keyClick(view, Qt.Key.Key_End)
    assert view.is_at_end()


def test_context_menu(view: TranscriptView, model: TranscriptModel, make: MessageMaker) -> None:
    source = f"*text*\n\n```py\n{CODE}```"
    model.reset([make(2, source, thinking="hm")])
    QApplication.processEvents()
    _, corner = find(view, CodePiece)
    menu = build_menu(view, model, QPointF(corner + QPoint(20, 40)), by_key=False)
    actions = {action.text().replace("&", ""): action for action in menu.actions()}
    assert not actions["Copy"].isEnabled()
    actions["Copy code"].trigger()
    assert clipboard() == CODE[:-1]
    actions["Copy message as Markdown"].trigger()
    assert clipboard() == source
    actions["Show or hide thinking"].trigger()
    assert view.sight.thought() == 0
    actions["Select all"].trigger()
    assert view.selecting.text().endswith("# é🙂\n")


def test_the_user_speaks_on_the_right(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker
) -> None:
    model.reset([make(1, "short"), make(2, "answer"), make(3, "system", role=Role.SYSTEM)])
    QApplication.processEvents()
    spot = view.sight.spot_at(QPointF(view.viewport().width() - 50, 45))
    assert spot is not None
    assert view.sight.offset_of(spot).x() > view.viewport().width() / 2


def test_a_line_from_right_to_left_is_inside_its_bubble(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker
) -> None:
    model.reset([make(1, "How do experts get chosen?\nمرحبا")])
    QApplication.processEvents()
    spot, corner = find(view, TextPiece)
    shown = view.viewport().grab().toImage()
    ratio = shown.devicePixelRatio()
    y = int((corner.y() + spot.entry.piece.height * 0.75) * ratio)
    right = int((corner.x() + spot.entry.piece.natural_width()) * ratio)
    dark = [x for x in range(shown.width()) if shown.pixelColor(x, y).lightness() < 120]
    assert dark
    assert right - 80 * ratio < min(dark)
    assert max(dark) <= right


def test_focus_that_comes_by_the_keyboard_is_seen(
    view: TranscriptView, model: TranscriptModel
) -> None:
    def edge() -> str:
        return view.viewport().grab().toImage().pixelColor(1, 100).name()

    assert edge() == LIGHT.ground
    reason = Qt.FocusReason.TabFocusReason
    QApplication.sendEvent(view, QFocusEvent(QEvent.Type.FocusIn, reason))
    assert edge() == LIGHT.accent
    QApplication.sendEvent(view, QFocusEvent(QEvent.Type.FocusOut, reason))
    assert edge() == LIGHT.ground


def test_keys_move_what_is_wide_sideways(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker
) -> None:
    wide = "| " + " | ".join(f"column {n}" for n in range(20)) + " |\n" + "|-" * 20 + "|"
    model.reset([make(2, f"{wide}\n\n```\n{'x ' * 200}\n```\n\n$$\n{'a + ' * 80}a\n$$")])
    QApplication.processEvents()
    pieces = [entry.piece for entry in view._layout.item(0).entries]
    moved = [piece.sideways for piece in pieces if piece.sideways is not None]
    assert [type(piece) for piece in pieces if piece.sideways] == [
        TablePiece,
        CodePiece,
        FormulaPiece,
    ]
    view.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert [each.offset for each in moved] == [
        pytest.approx(each.frame.width() / 3) for each in moved
    ]
    for _ in range(40):
        QTest.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert [each.offset for each in moved] == [each.maximum for each in moved]
    for _ in range(40):
        QTest.keyClick(view, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert [each.offset for each in moved] == [0, 0, 0]


def test_the_menu_of_a_key_is_for_the_message_at_the_keyboard(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker
) -> None:
    model.reset(
        [
            make(1, "first"),
            make(2, "```py\none = 1\n```\n\n```py\ntwo = 2\n```"),
            make(3, "long\n" * 12),
        ]
    )
    QApplication.processEvents()
    view.setFocus(Qt.FocusReason.TabFocusReason)
    for _ in range(3):
        QTest.keyClick(view, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    for wanted, keys in (("first", 0), (model.message_at(1).content, 1)):
        for _ in range(keys):
            QTest.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
        center = QPointF(view.viewport().rect().center())
        menu = build_menu(view, model, center, by_key=True)
        actions = {action.text().replace("&", ""): action for action in menu.actions()}
        next(action for words, action in actions.items() if "Copy message" in words).trigger()
        assert clipboard() == wanted
    actions["Copy code: two = 2"].trigger()
    assert clipboard() == "two = 2"
