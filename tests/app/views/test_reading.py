"""Reading answers in the window: formulas, footnotes, tasks, text that is too much."""

from __future__ import annotations

import threading
import time

import pytest
from PySide6.QtCore import QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from app.domain.conversations import Status
from app.markdown import FormulaBlock, NoteBlock, Omission, TextBlock
from app.views.link_dialog import LinkDialog
from app.views.theme import DARK
from app.views.transcript import TranscriptView
from app.views.transcript.formula_piece import FormulaPiece
from app.views.transcript.message_item import MessageItem
from app.views.transcript.note_piece import note_text
from app.views.transcript.pointer import Pointer
from app.views.transcript.text_piece import TextPiece
from inference.engine import TextDelta
from tests.app.views.driver import Driver
from tests.fakes.engine import FakeEngine, WaitFor, finished

MAX_STALL_S = 0.2

FOOTNOTES = "Said before[^1].\n\n" + "Words in between.\n\n" * 60 + "[^1]: In a book."


class Heartbeat(QObject):
    """The most CPU time that the GUI thread took between two beats."""

    def __init__(self) -> None:
        super().__init__()
        self.longest_s = 0.0
        self._last = time.thread_time()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_beat)
        self._timer.start(5)

    def _on_beat(self) -> None:
        now = time.thread_time()
        self.longest_s = max(self.longest_s, now - self._last)
        self._last = now


def answer(view: TranscriptView) -> MessageItem:
    """The last message, as it is laid out."""
    return view._layout.item(view._layout.n_rows - 1)


def link_point(view: TranscriptView, address: str) -> QPoint:
    """Where in the viewport a link stands."""
    pointer = view.findChild(Pointer)
    assert pointer is not None
    for y in range(0, view.viewport().height(), 4):
        for x in range(0, view.viewport().width(), 4):
            if pointer.link_at(QPointF(x, y)) == address:
                return QPoint(x, y)
    raise AssertionError(f"{address} is not in sight")


def test_formulas_are_drawn_and_copied_as_their_source(driver: Driver, engine: FakeEngine) -> None:
    text = "So $E = mc^2$ for $5.\n\n$$\n\\frac{a}{b}\n$$"
    engine.answers(TextDelta(text), finished())
    driver.ask("Show it.")
    view = driver.page.transcript
    piece = answer(view).entries[-2].piece
    assert isinstance(piece, FormulaPiece)
    # A fraction takes more than two lines of small letters.
    assert piece.height > piece.style.line_height * 1.3
    driver.qtbot.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    driver.qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = "Show it.\n\n" + text
    driver.qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() == copied)


def test_formulas_have_the_colour_of_the_text(driver: Driver, engine: FakeEngine) -> None:
    engine.answers(TextDelta("$$\n\\rule{8em}{3em}\n$$"), finished())
    driver.ask("Show it.")
    view = driver.page.transcript
    driver.program.apply_theme(DARK)
    image = view.viewport().grab().toImage()
    colours = {
        image.pixelColor(x, y).name()
        for y in range(0, image.height(), 5)
        for x in range(0, image.width(), 5)
    }
    assert DARK.text in colours
    assert "#000000" not in colours


def test_a_formula_is_text_until_it_is_closed(driver: Driver, engine: FakeEngine) -> None:
    gate = threading.Event()
    engine.answers(TextDelta("Then\n\n$$\nx\n- y"), WaitFor(gate), TextDelta("\n$$"), finished())
    driver.type("Show it.")
    driver.enter()
    driver.wait_text("Then\n\n$$\nx\n- y")
    view = driver.page.transcript
    driver.qtbot.waitUntil(lambda: len(answer(view).blocks) > 1)
    assert not any(isinstance(block, FormulaBlock) for block in answer(view).blocks)
    gate.set()
    driver.wait_idle()
    assert answer(view).blocks[-1] == FormulaBlock("$$\nx\n- y\n$$")


def test_a_formula_that_only_the_slow_typesetter_reads_arrives(
    driver: Driver, engine: FakeEngine
) -> None:
    engine.answers(TextDelta(r"A \[ \href{a}{\frac{x}{y}} \] and \(\href{a}{x}\)."), finished())
    driver.ask("Show it.")
    pieces = [entry.piece for entry in answer(driver.page.transcript).entries]
    wanted = [p for p in pieces if isinstance(p, FormulaPiece)]
    assert len(wanted) == 1
    driver.qtbot.waitUntil(lambda: not any(p.wants_formulas for p in pieces), timeout=20_000)
    assert wanted[0].natural_width() > 0


def test_footnotes_are_gone_to_and_come_back_from(driver: Driver, engine: FakeEngine) -> None:
    engine.answers(TextDelta(FOOTNOTES), finished())
    driver.ask("Who said so?")
    view = driver.page.transcript
    driver.qtbot.keyClick(view, Qt.Key.Key_Home)
    there = link_point(view, "#footnote-1")
    driver.qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=there)
    assert view.selecting.text() == "1. In a book. ↩"
    assert view.verticalScrollBar().value() > 0
    back = link_point(view, "#from-footnote-1")
    driver.qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=back)
    assert view.selecting.text() == "Said before[1]."
    link_point(view, "#footnote-1")


def test_dangerous_links_and_pictures_are_words(
    driver: Driver, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    driver.page.transcript.link_activated.connect(asked.append)
    text = "[run](javascript:x) [read](file:///etc/passwd) ![pic](https://example.org/a.png)"
    engine.answers(TextDelta(text), finished())
    driver.ask("Show it.")
    view = driver.page.transcript
    block = answer(view).blocks[0]
    assert isinstance(block, TextBlock)
    assert "".join(span.text for span in block.paragraphs[0].spans) == (
        "run read pic (https://example.org/a.png)"
    )
    for y in range(0, view.viewport().height(), 12):
        for x in range(0, view.viewport().width(), 12):
            driver.qtbot.mouseClick(
                view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, y), delay=-1
            )
    assert asked == []


@pytest.mark.parametrize(
    ("text", "omission"),
    [
        ("x" * 1_000_000, Omission.MESSAGE_LENGTH),
        ("> " * 10_000 + "x", Omission.NESTING),
        ("|" + "a|" * 500 + "\n|" + "-|" * 500 + "\n|" + "b|" * 500, Omission.TABLE_SIZE),
        ("```py\n" + "x = [1]\n" * 20_000, None),
        ("\x1b\u202e\x07" * 3_000, Omission.PARAGRAPH_LENGTH),
        ("- a\n\n" + "  - b\n" * 20_000, Omission.BLOCK_LENGTH),
    ],
    ids=["no newline", "quotes", "columns", "open fence", "controls", "one item"],
)
def test_too_much_never_holds_up_the_window(
    driver: Driver, engine: FakeEngine, text: str, omission: Omission | None
) -> None:
    heartbeat = Heartbeat()
    engine.answers(TextDelta(text), finished())
    driver.type("Go")
    driver.enter()
    driver.wait_status(Status.COMPLETE)
    view = driver.page.transcript
    driver.qtbot.waitUntil(lambda: not answer(view).behind, timeout=30_000)
    bar = view.verticalScrollBar()
    for step in range(6):
        bar.setValue(bar.maximum() * step // 5)
        driver.qtbot.wait(10)
    assert heartbeat.longest_s < MAX_STALL_S
    notes = [block for block in answer(view).blocks if isinstance(block, NoteBlock)]
    assert [note.omission for note in notes] == ([omission] if omission else [])
    assert all("as it was written" in note_text(note) for note in notes)


def test_a_long_answer_that_is_opened_again_appears_bit_by_bit(
    driver: Driver, engine: FakeEngine, qtbot: QtBot
) -> None:
    engine.answers(
        TextDelta("".join(f"## {n}\n\nText *{n}*.\n\n" for n in range(4_000))), finished()
    )
    driver.ask("Long, please.")
    conversation = driver.page.conversation_id
    assert conversation is not None
    driver.page.show_conversation(None)
    heartbeat = Heartbeat()
    driver.page.show_conversation(conversation)
    view = driver.page.transcript
    qtbot.waitUntil(lambda: view._layout.n_rows == 2)
    qtbot.waitUntil(lambda: not answer(view).behind, timeout=30_000)
    assert heartbeat.longest_s < MAX_STALL_S
    assert len(answer(view).blocks) == 8_000
    assert view.is_at_end()


def test_links_are_followed_by_keys(driver: Driver, engine: FakeEngine) -> None:
    engine.answers(
        TextDelta("See [the *paper*](https://a.org/x) and [this](javascript:x)."), finished()
    )
    driver.ask("Where?")
    view = driver.page.transcript
    view.setFocus(Qt.FocusReason.TabFocusReason)
    driver.qtbot.keyClick(view, Qt.Key.Key_M)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    [links] = [action for action in menu.actions() if action.text() == "&Links"]
    menu.setActiveAction(links)
    driver.qtbot.keyClick(menu, Qt.Key.Key_Right)
    inner = QApplication.activePopupWidget()
    assert isinstance(inner, QMenu)
    assert [action.text() for action in inner.actions()] == ["the paper"]
    driver.qtbot.keyClick(inner, Qt.Key.Key_Return)
    driver.qtbot.waitUntil(lambda: driver.window.findChild(LinkDialog) is not None)
    dialog = driver.window.findChild(LinkDialog)
    assert dialog.shown.text() == "https://a.org/x"
    driver.qtbot.keyClick(dialog, Qt.Key.Key_Escape)


def test_code_and_formulas_do_not_turn_a_paragraph(driver: Driver, engine: FakeEngine) -> None:
    engine.answers(TextDelta("`git` نظام\n\n$x$ عدد\n\n`git` is Latin"), finished())
    driver.ask("What is it?")
    pieces = [entry.piece for entry in answer(driver.page.transcript).entries]
    turned = [
        piece.document.begin().blockFormat().layoutDirection()
        for piece in pieces
        if isinstance(piece, TextPiece)
    ]
    right, left = Qt.LayoutDirection.RightToLeft, Qt.LayoutDirection.LeftToRight
    assert turned == [right, right, left]
