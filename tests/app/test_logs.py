from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path

import pytest
from PySide6.QtCore import qInstallMessageHandler
from pytestqt.qtbot import QtBot

from app.logs import UnexpectedErrors, start_log


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    logger = logging.getLogger()
    before, level = list(logger.handlers), logger.level
    yield logger
    qInstallMessageHandler(None)
    for handler in logger.handlers[:]:
        if handler not in before:
            logger.removeHandler(handler)
            handler.close()
    logger.setLevel(level)


def test_log_is_written_to_the_folder(root: logging.Logger, tmp_path: Path) -> None:
    start_log(tmp_path / "logs")
    logging.getLogger("somewhere").info("a line")
    text = (tmp_path / "logs" / "conclave.log").read_text(encoding="utf-8")
    assert text.endswith("INFO MainThread somewhere: a line\n")


def test_folder_that_cannot_be_written_is_no_error(root: logging.Logger, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    start_log(tmp_path / "file" / "logs")
    assert not any(isinstance(handler, RotatingFileHandler) for handler in root.handlers)


def test_error_of_a_thread_is_told(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    errors = UnexpectedErrors()
    errors.install()
    try:
        with qtbot.waitSignal(errors.caught) as caught:
            threading.Thread(target=lambda: [][1]).start()
    finally:
        errors.uninstall()
    assert caught.args is not None
    assert "IndexError" in caught.args[0].detail
    assert "unexpected error" in caplog.text
