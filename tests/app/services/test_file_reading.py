from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import pytest

from app.child import child_command
from app.errors import AttachmentRefused
from app.services.file_reading import FileReading
from tests.app.documents.files import pdf

HANGS = [sys.executable, "-c", "import time; time.sleep(600)"]


def test_a_file_comes_back_from_the_process_as_it_was_read(tmp_path: Path) -> None:
    path = tmp_path / "日本.pdf"
    path.write_bytes(pdf("First", "Second"))
    done: list[float] = []

    made = FileReading(child_command("document"), path).run(done.append)

    assert made is not None
    assert (made.name, made.text, done) == ("日本.pdf", "First\n\nSecond", [0.5, 1.0])


def test_a_refusal_comes_back_with_its_words(tmp_path: Path) -> None:
    with pytest.raises(AttachmentRefused) as caught:
        FileReading(child_command("document"), tmp_path / "gone.txt").run(lambda done: None)

    assert caught.value.title == "“gone.txt” is not there"
    assert caught.value.hint


def test_a_file_that_is_never_done_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(AttachmentRefused, match="takes too long"):
        FileReading(HANGS, tmp_path / "a.pdf", deadline_s=0.2).run(lambda done: None)


def test_a_process_that_dies_is_told_apart(tmp_path: Path) -> None:
    dies = [sys.executable, "-c", "import os; print('{', end='', flush=True); os.abort()"]

    with pytest.raises(AttachmentRefused, match="cannot be read"):
        FileReading(dies, tmp_path / "a.pdf").run(lambda done: None)


def test_reading_is_cancelled_at_once(tmp_path: Path) -> None:
    reading = FileReading(HANGS, tmp_path / "a.pdf")
    threading.Timer(0.2, reading.cancel).start()
    began = time.monotonic()

    assert reading.run(lambda done: None) is None
    assert time.monotonic() - began < 60

    never = FileReading(HANGS, tmp_path / "a.pdf")
    never.cancel()
    assert never.run(lambda done: None) is None
