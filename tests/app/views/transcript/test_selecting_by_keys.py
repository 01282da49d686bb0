"""Selecting without a mouse."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.item_models.transcript import TranscriptModel
from app.views.transcript import TranscriptView
from app.views.transcript.entry import Section
from app.views.transcript.menu import build_menu
from app.views.transcript.selection import Address

from .conftest import MessageMaker

SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
FAR = SHIFT | CONTROL
LEFT, RIGHT, UP, DOWN = Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down


def press(view: TranscriptView, *keys: Qt.Key, far: bool = False) -> str:
    """Press these with Shift; what is selected then."""
    for key in keys:
        QTest.keyClick(view, key, FAR if far else SHIFT)
    return view.selecting.text()


@pytest.fixture
def shown(view: TranscriptView, model: TranscriptModel, make: MessageMaker) -> TranscriptView:
    model.reset(
        [
            make(1, "One two"),
            make(2, "🙂 **three** four\n\n```\nx = 1\n```\n\n|a|b|\n|-|-|\n|c|d|"),
            make(3, "End"),
        ]
    )
    view.setFocus(Qt.FocusReason.TabFocusReason)
    for _ in range(3):
        QTest.keyClick(view, UP, CONTROL)
    return view


def test_letters_words_and_paragraphs(shown: TranscriptView) -> None:
    assert press(shown, RIGHT, RIGHT) == "On"
    assert press(shown, LEFT) == "O"
    assert press(shown, RIGHT, far=True) == "One "
    assert press(shown, DOWN) == "One two"
    # A smiling face is one letter, though Qt counts two.
    assert press(shown, RIGHT, RIGHT) == "One two\n\n🙂"
    assert press(shown, DOWN, DOWN) == "One two\n\n🙂 three four\n\nx = 1"
    assert press(shown, RIGHT, DOWN) == "One two\n\n🙂 three four\n\nx = 1\n\na\tb\nc\td"
    assert press(shown, UP, UP, UP) == "One two"
    QTest.keyClick(shown, Qt.Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == "One two"
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    assert shown.selecting.selection is None


def test_messages_and_the_ends_of_the_conversation(shown: TranscriptView) -> None:
    answer = "🙂 three four\n\nx = 1\n\na\tb\nc\td"
    QTest.keyClick(shown, DOWN, CONTROL)
    assert press(shown, DOWN, far=True) == answer
    assert press(shown, DOWN, DOWN, far=True) == f"{answer}\n\nEnd"
    assert press(shown, RIGHT, DOWN) == f"{answer}\n\nEnd"
    assert press(shown, LEFT) == f"{answer}\n\nEn"
    # Over its beginning it goes on to the other side.
    assert press(shown, UP, UP, UP, far=True) == "One two"
    assert press(shown, LEFT, UP) == "One two"
    assert press(shown, RIGHT) == "ne two"


def test_thinking_is_selected_only_where_an_end_is_in_it(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker
) -> None:
    model.reset([make(1, "q"), make(2, "one\n\ntwo", thinking="hm\n\nwell"), make(3, "end")])
    view.toggle_thought(1)
    view.setFocus(Qt.FocusReason.TabFocusReason)
    for _ in range(3):
        QTest.keyClick(view, UP, CONTROL)
    assert press(view, DOWN, DOWN) == "q\n\nhm"
    assert press(view, DOWN, DOWN) == "q\n\none"
    entries = view._layout.item(1).entries
    selection = view.selecting.selection
    assert selection is not None
    sections = [Address(1, entry.section, entry.index) for entry in entries]
    painted = {each.section for each in sections if selection.range_in(each) is not None}
    assert Section.THINKING not in painted
    # From within the text back over its beginning.
    QTest.keyClick(view, Qt.Key.Key_Escape)
    QTest.keyClick(view, DOWN, CONTROL)
    assert press(view, RIGHT, UP, UP) == "well"


def test_a_selection_is_copied_as_markdown(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker
) -> None:
    answer = (
        "One **strong** *word*.\n\n1. a `b`\n2. c\n\n```py\nx\ny\n```\n\n|a|b|\n|-|-|\n|c|d|\n|e|f|"
    )
    model.reset([make(1, "*q*"), make(2, answer), make(3, "*end*")])
    view.setFocus(Qt.FocusReason.TabFocusReason)
    for _ in range(3):
        QTest.keyClick(view, UP, CONTROL)
    assert copied(view, press(view, RIGHT)) == "*"
    press(view, DOWN, DOWN, DOWN)
    assert copied(view, press(view, LEFT)) == "*q*\n\nOne **strong** *word*.\n\n1. a"
    press(view, DOWN, DOWN, DOWN, RIGHT)
    table = "| a | b |\n| --- | --- |"
    text = "*q*\n\nOne **strong** *word*.\n\n1. a `b`\n2. c\n\n```py\nx\ny\n```\n\n"
    assert copied(view, press(view, RIGHT, RIGHT)) == text + table
    assert copied(view, press(view, DOWN, far=True)) == f"*q*\n\n{answer}"


def copied(view: TranscriptView, _selected: str) -> str:
    """What the menu of a key puts on the clipboard as Markdown."""
    model = view.model
    assert model is not None
    menu = build_menu(view, model, QPointF(0, 0), by_key=True)
    next(action for action in menu.actions() if "selection" in action.text()).trigger()
    return QGuiApplication.clipboard().text()
