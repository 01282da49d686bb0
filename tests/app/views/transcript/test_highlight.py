"""Colours of code."""

from __future__ import annotations

import pytest
from pygments.token import Token
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from app.markdown import CodeBlock
from app.views.theme import DARK, LIGHT, Theme
from app.views.transcript.code_piece import CodePiece
from app.views.transcript.highlight import (
    CodeFormats,
    Highlighting,
    contrast,
    language_name,
    readable,
)
from app.views.transcript.style import Style


def test_runs_have_their_places() -> None:
    work = Highlighting("x = 'é'  # c", "python")
    assert work.advance(10)
    found = {(run.start, run.end) for run in work.runs if run.token in Token.Comment}
    assert found == {(9, 12)}


def test_work_is_done_in_slices() -> None:
    work = Highlighting("x = 1\n" * 3000, "python")
    rounds = 0
    while not work.advance(0):
        rounds += 1
    assert rounds > 1000
    assert work.done


@pytest.mark.parametrize("language", ["", "text", "no-such-language", "🙂"])
def test_plain_text_has_no_colours(language: str) -> None:
    work = Highlighting("if x: pass", language)
    assert work.advance(1)
    assert work.runs == []


def test_names_as_people_write_them() -> None:
    assert [language_name(n) for n in ("py", "cpp", "JS", "brew-script")] == [
        "Python",
        "C++",
        "JavaScript",
        "brew-script",
    ]


def test_contrast_by_the_definition() -> None:
    black, white = QColor("#000000"), QColor("#ffffff")
    assert contrast(black, white) == pytest.approx(21)
    assert contrast(QColor("#777777"), white) == pytest.approx(4.48, abs=0.01)
    assert contrast(readable(QColor("#aaaaaa"), white, 4.5), white) >= 4.5
    assert contrast(readable(QColor("#333333"), black, 4.5), black) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_token_can_be_read(qtbot: QtBot, theme: Theme) -> None:
    formats = CodeFormats(theme)
    ground = theme.color("code_ground")
    for token in (Token.Comment, Token.Keyword, Token.Literal.String, Token.Name.Function):
        look = formats.find(token)
        if look is not None and look.foreground().style().value:
            assert contrast(look.foreground().color(), ground) >= 4.5


def test_growing_code_keeps_its_lines(qtbot: QtBot) -> None:
    piece = CodePiece(CodeBlock("a = 1", "py"), Style(LIGHT), CodeFormats(LIGHT))
    piece.set_width(400)
    one = piece.height
    piece.set_block(CodeBlock("a = 1\nb = '🙂'\nlong" + " x" * 5000, "py"))
    assert piece.height > one
    assert piece.text(0, 5) == "a = 1"
    assert piece.text(6, None).startswith("b = '🙂'\nlong x x")
    assert piece.word_at(7) == (6, 7)
    assert piece.sideways is not None
    assert piece.sideways.needed
