"""Answers while they grow."""

from __future__ import annotations

import time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.conversations import ReplyStats, Status
from app.item_models.transcript import TranscriptModel
from app.views.theme import LIGHT
from app.views.transcript import TranscriptView
from app.views.transcript.code_piece import CodePiece
from app.views.transcript.document_piece import DocumentPiece
from app.views.transcript.message_item import MessageItem
from app.views.transcript.piece import LabelPiece, Piece
from app.views.transcript.streaming import INTERVAL_MS, Growth
from app.views.transcript.styles import Styles

from .conftest import MessageMaker

BLOCKS = [
    "A paragraph with *emphasis*, **strong**, `code` and [a link](https://a.org).",
    "Two lines\nof **text",
    "## Heading `code`",
    "1. one\n2. two\n   - nested *item*\n\n   more",
    "> quoted\n> > twice",
    "```python\ndef f():\n    return 'x'  # 🙂\n```",
    "~~~\nno end",
    "| a | b |\n|---|--:|\n| *1* | 2 |",
    "---",
    "مرحبا بالعالم",
    "2026: مرحبا بالعالم",
    "中文 **字**",
]


def seen_in(piece: Piece) -> object:
    """All that makes up the look of a piece."""
    if isinstance(piece, LabelPiece):
        return piece.label
    if isinstance(piece, CodePiece):
        while piece.wants_colours:
            piece.highlight()
        colours = [
            [(f.start, f.length, f.format.foreground().color().name()) for f in line]
            for line in map(piece.formats_of_line, range(len(piece.block.text.split("\n"))))
        ]
        return (piece.block, piece.height, colours)
    if not isinstance(piece, DocumentPiece):
        return type(piece)
    found = []
    block = piece.document.begin()
    while block.isValid():
        layout = block.blockFormat()
        found.append((block.text(), layout.leftMargin(), layout.topMargin(), layout.alignment()))
        fragments = block.begin()
        while not fragments.atEnd():
            fragment = fragments.fragment()
            look = fragment.charFormat()
            found.append(
                (
                    fragment.text(),
                    look.font().key(),
                    look.foreground().color().name(),
                    look.anchorHref(),
                )
            )
            fragments += 1
        block = block.next()
    return (piece.height, found)


def looks(item: MessageItem) -> list[object]:
    item.measure(0, 1_000_000)
    return [(entry.y, entry.x, seen_in(entry.piece)) for entry in item.entries]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=6),
    st.lists(st.integers(1, 300), max_size=25),
)
def test_a_streamed_answer_ends_like_one_shown_at_once(
    qtbot: QtBot, make: MessageMaker, blocks: list[str], cuts: list[int]
) -> None:
    text = "\n\n".join(blocks)
    styles = Styles(LIGHT)
    streamed = MessageItem(make(2, "", status=Status.STREAMING), styles, 500, None)
    for cut in sorted(c for c in cuts if c < len(text)):
        streamed.set_message(make(2, text[:cut], status=Status.STREAMING))
        streamed.measure(0, 1_000_000)
    streamed.set_message(make(2, text))
    assert looks(streamed) == looks(MessageItem(make(2, text), styles, 500, None))


def test_deltas_show_without_anybody_asking(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker
) -> None:
    model.reset([make(1, "q"), make(2, "", status=Status.STREAMING)])
    for piece in ("Hel", "lo *wor", "ld*"):
        model.append_delta(2, piece, "")
    QTest.qWait(3 * INTERVAL_MS)
    view.selecting.select_all()
    assert view.selecting.text() == "q\n\nHello world"


def test_the_cost_of_a_token_does_not_grow_with_the_answer(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker
) -> None:
    paragraph = "Some **words** of a text that goes on `like this` for long. " * 5 + "\n\n"
    code = "```python\n" + "x = f(1)  # code\n" * 400
    for text in (paragraph * 150, code * 6):
        model.reset([make(1, "q"), make(2, "", status=Status.STREAMING)])
        costs = []
        for start in range(0, len(text), 100):
            began = time.thread_time()
            model.append_delta(2, text[start : start + 100], "")
            view._growth.flush()
            QApplication.processEvents()
            costs.append(time.thread_time() - began)
        fifth = len(costs) // 5
        early, late = sorted(costs[fifth : 2 * fifth]), sorted(costs[-fifth:])
        assert late[fifth // 2] < 3 * early[fifth // 2] + 0.004


def test_a_dear_update_is_followed_by_a_longer_rest(qtbot: QtBot) -> None:
    growth = Growth(lambda rows: None, QApplication.instance())
    assert growth.interval_ms() == 33
    growth.spent(0.003, fresh=True)
    assert growth.interval_ms() == 57
    growth.spent(0.020, fresh=True)
    assert growth.interval_ms() == 100
    growth.spent(0.1, fresh=True)
    assert growth.interval_ms() == 400
    growth.spent(0.1)
    assert growth.interval_ms() == 800


def labels(view: TranscriptView, row: int) -> list[str]:
    item = view._layout.item(row)
    return [e.piece.label for e in item.entries if isinstance(e.piece, LabelPiece)]


def test_thinking_shows_while_it_lasts_and_folds_when_the_answer_begins(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker
) -> None:
    model.reset([make(1, "q"), make(2, "", status=Status.STREAMING)])
    assert labels(view, 1) == ["Tiny 1B", "…"]
    model.append_delta(2, "", "Let me *think*.")
    view._growth.flush()
    assert labels(view, 1) == ["Tiny 1B", "Thinking…"]
    assert view._layout.item(1).thought_is_open
    model.append_delta(2, "Yes.", "")
    view._growth.flush()
    item = view._layout.item(1)
    assert labels(view, 1) == ["Tiny 1B", "Thought"]
    assert not item.thought_is_open

    QApplication.processEvents()
    heading = next(e for e in item.entries if isinstance(e.piece, LabelPiece) and e.piece.arrow)
    top = view._layout.top_of(1) + heading.y - view.verticalScrollBar().value()
    point = QPoint(view._layout.column_left + 10, top + 5)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert view._layout.item(1).thought_is_open
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert not view._layout.item(1).thought_is_open


def test_the_footer_tells_speed_and_how_it_ended(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker
) -> None:
    stats = ReplyStats(10, 120, 0, 50.0, 3508.0)
    model.reset([make(1, "q"), make(2, "text", status=Status.STREAMING)])
    assert labels(view, 1) == ["Tiny 1B"]
    endings = {
        Status.COMPLETE: "34.2 tokens/s · 120 tokens",
        Status.STOPPED: "34.2 tokens/s · 120 tokens · Stopped",
        Status.INTERRUPTED: "34.2 tokens/s · 120 tokens · Interrupted",
        Status.LENGTH: "34.2 tokens/s · 120 tokens · Length limit reached",
    }
    for status, words in endings.items():
        model.replace(make(2, "text", status=status, stats=stats))
        assert labels(view, 1) == ["Tiny 1B", words]
    model.replace(make(2, "", status=Status.INTERRUPTED))
    assert labels(view, 1) == ["Tiny 1B", "Interrupted"]


def test_a_stopped_answer_goes_on(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker
) -> None:
    model.reset([make(1, "q"), make(2, "- a\n- b", status=Status.STOPPED)])
    model.replace(make(2, "- a\n- b", status=Status.STREAMING))
    model.append_delta(2, " more\n- c", "")
    view._growth.flush()
    model.replace(make(2, "- a\n- b more\n- c"))
    view.selecting.select_all()
    assert view.selecting.text() == "q\n\n• a\n• b more\n• c"


def test_code_is_coloured_to_its_end_when_much_comes_at_once(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker, qtbot: QtBot
) -> None:
    model.reset([make(1, "q"), make(2, "", status=Status.STREAMING)])
    model.append_delta(2, "```python\n" + "x = 1\n" * 40, "")
    view._growth.flush()
    qtbot.waitUntil(lambda: not any(piece.wants_colours for piece in view.sight.code()))
    model.append_delta(2, "if x: pass\n```\n\none\n\ntwo\n\nthree\n\n", "")
    view._growth.flush()
    piece = next(e.piece for e in view._layout.item(1).entries if isinstance(e.piece, CodePiece))
    assert not piece.growing
    qtbot.waitUntil(lambda: not piece.wants_colours)
    assert piece.formats_of_line(40)[0].length == len("if")
