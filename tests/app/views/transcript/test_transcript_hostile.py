"""Messages that are meant to break or to lead astray."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.conversations import Role
from app.item_models.transcript import TranscriptModel
from app.views.theme import LIGHT
from app.views.transcript import TranscriptView
from app.views.transcript.document_piece import DocumentPiece
from app.views.transcript.render import InertDocument
from app.views.transcript.style import Style

from .conftest import MessageMaker

HOSTILE = {
    "nested quotes": (">" * 1000 + " x\n") * 20,
    "nested lists": "".join("  " * i + "- a\n" for i in range(1000)),
    "nested lists in a line": "- " * 1000 + "x",
    "a line of 1 MB": "x y " * 250_000,
    "a word of 1 MB": "x" * 1_000_000,
    "1 MB of ideographs": "漢" * 1_000_000,
    "1 MB in lines": "hello world here\n" * 60_000,
    "a line of 1 MB of code": "```python\n" + 'x = "' * 200_000,
    "much code": "```python\n" + 'x = "a"\n' * 20_000,
    "backticks": "`" * 100_000,
    "runs of backticks": "` `` ``` " * 10_000,
    "brackets": "[" * 50_000,
    "brackets in paragraphs": ("[" * 499 + "\n\n") * 100,
    "links": "[a](javascript:alert(1)) " * 2_000,
    "stars": "*a " * 20_000,
    "a wide table": "|a" * 300 + "\n" + "|-" * 300 + "\n" + "|b" * 300,
    "a long table": "|a|b|\n|-|-|\n" + "|x|y|\n" * 10_000,
    "combining marks": "a" + "\u0301" * 50_000,
    "joined emoji": "👩‍👩‍👧" * 20_000,
    "direction marks": "\u202e" * 1000 + "abc",
    "bad characters": "a\0b\ud800c\udfff\ufdd0\ufdd1\u2028\u2029\ufffc\r",
    "bad characters in code": "```\na\0b\ud800c\udfff\ufdd0\ufdd1\u2028\u2029\ufffc\n```",
    "line ends": "\n" * 100_000,
    "script": "<script>alert(1)</script>\n\n<img src='file:///etc/passwd'>",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("role", [Role.ASSISTANT, Role.USER])
def test_nothing_hangs(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker, name: str, role: Role
) -> None:
    began = time.thread_time()
    model.reset([make(2, HOSTILE[name], role=role)])
    QApplication.processEvents()
    assert time.thread_time() - began < 5
    for part in (0.0, 0.5):
        began = time.thread_time()
        view.verticalScrollBar().setValue(int(view.verticalScrollBar().maximum() * part))
        QApplication.processEvents()
        assert time.thread_time() - began < 5


def test_no_resource_is_loaded(qtbot: QtBot, tmp_path: Path) -> None:
    picture = QImage(40, 30, QImage.Format.Format_RGB32)
    picture.fill(0)
    path = tmp_path / "picture.png"
    assert picture.save(str(path))
    document = InertDocument(Style(LIGHT))
    kind = QTextDocument.ResourceType.ImageResource
    for address in (QUrl.fromLocalFile(str(path)), QUrl(str(path)), QUrl("https://a.org/x.png")):
        loaded = document.resource(kind.value, address)
        assert isinstance(loaded, QImage)
        assert (loaded.width(), loaded.height()) == (1, 1)


def test_no_html_and_no_picture_is_in_a_document(
    view: TranscriptView, model: TranscriptModel, make: MessageMaker, tmp_path: Path
) -> None:
    text = f"<h1>big</h1> <img src='{tmp_path}'> ![cat]({tmp_path}/x.png)\n\n<table><tr><td>x"
    model.reset([make(1, text), make(2, text)])
    QApplication.processEvents()
    shown = [
        entry.piece.document
        for row in (0, 1)
        for entry in view._layout.item(row).entries
        if isinstance(entry.piece, DocumentPiece)
    ]
    texts = [document.toPlainText() for document in shown]
    assert texts[0] == text
    assert texts[1] == f"<h1>big</h1> <img src='{tmp_path}'> cat ({tmp_path}/x.png)"
    assert texts[2] == "<table><tr><td>x"
    for document in shown:
        assert document.rootFrame().childFrames() == []
        assert "\ufffc" not in document.toPlainText()
