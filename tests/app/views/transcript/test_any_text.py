"""Whatever a message holds, it is painted, and what is copied is what it says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from app.domain.conversations import Message, Role, Status
from app.item_models.transcript import TranscriptModel
from app.markdown import plain_text
from app.markdown.plain import clean
from app.views import theme
from app.views.transcript.copying import join, selected_parts
from app.views.transcript.layout import TranscriptLayout
from app.views.transcript.selection import START, Address, Place, Selection
from app.views.transcript.styles import Styles

WIDTH = 500
PARTS = st.one_of(
    st.text(max_size=30),
    st.text("$\\()[]{}^_ab1|*`~>#-\n \t", max_size=30),
    st.sampled_from(
        [
            "$x^2$",
            "\n\n$$\n\\frac{a}{b}\n$$\n\n",
            "\\(\\text{总}\\)",
            "$\\href{a}{b}$",
            "a[^1]\n\n[^1]: note\n\n",
            "\n- [x] done\n- [ ] open\n  1. one\n",
            "\n\n> quote\n> > $y$\n\n",
            "\n\n|a|b|\n|-|:-:|\n|$x$|`c`|\n\n",
            "\n```py\nprint('السلام')\n",
            "שלום 🙂👨‍👩‍👧 日本語 e\u0301\u202e\ud800\x07",
            "[x](javascript:alert(1)) ![p](file:///etc/passwd) <img src=x>",
        ]
    ),
)
TEXTS = st.lists(PARTS, max_size=12).map("".join)


@pytest.fixture(scope="module")
def styles(qapp: QApplication) -> Styles:
    return Styles(theme.LIGHT)


def message(text: str, role: Role) -> Message:
    then = datetime(2026, 1, 1, tzinfo=UTC)
    return Message(1, 1, None, role, text, "", Status.COMPLETE, then)


def laid_out(styles: Styles, text: str, role: Role) -> tuple[TranscriptLayout, TranscriptModel]:
    model = TranscriptModel()
    model.reset([message(text, role)])
    layout = TranscriptLayout(styles)
    layout.set_view_width(WIDTH)
    layout.set_model(model)
    return layout, model


def paint(layout: TranscriptLayout) -> None:
    item = layout.item(0)
    item.measure(0, 100_000)
    image = QImage(WIDTH, 800, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    everything = Selection(START, Place(Address(1, 0, 0), 0))
    item.paint(painter, QRectF(0, 0, WIDTH, 800), 0, None)
    item.paint(painter, QRectF(0, 0, WIDTH, 800), 0, everything)
    painter.end()


@settings(max_examples=120, deadline=None)
@given(TEXTS)
@example("#\n0")
def test_any_answer_is_painted_and_copied(styles: Styles, text: str) -> None:
    layout, model = laid_out(styles, text, Role.ASSISTANT)
    paint(layout)
    whole = Selection(START, Place(Address(1, 0, 0), 0))
    copied = join(selected_parts(layout, model, whole))
    assert copied == plain_text(layout.item(0).blocks)
    # By its pieces as well, as where the selection begins in the middle of a message.
    last = layout.item(0).entries[-1]
    end = Place(Address(0, last.section, last.index + 1), 0)
    assert join(selected_parts(layout, model, Selection(START, end))) == copied


@settings(max_examples=120, deadline=None)
@given(TEXTS)
def test_any_question_is_painted_and_copied_as_it_was_typed(styles: Styles, text: str) -> None:
    layout, model = laid_out(styles, text, Role.USER)
    paint(layout)
    whole = Selection(START, Place(Address(1, 0, 0), 0))
    assert join(selected_parts(layout, model, whole)) == clean(text)


@pytest.mark.parametrize("source", ["$x^2$", "\\(y\\)", "$\\frac{a$", "$\\foo$"])
def test_formulas_are_copied_as_their_source(styles: Styles, source: str) -> None:
    text = f"A 🙂 {source} b\n\n$$\n{source[1:-1].strip('(')}\n$$\n\n| h |\n|---|\n| {source} |"
    layout, model = laid_out(styles, text, Role.ASSISTANT)
    paint(layout)
    last = layout.item(0).entries[-1]
    end = Place(Address(0, last.section, last.index), last.piece.length())
    copied = join(selected_parts(layout, model, Selection(START, end)))
    assert copied.startswith(f"A 🙂 {source} b\n\n")
    assert copied.endswith(f"h\n{source}")
