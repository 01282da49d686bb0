"""The store and the transcript with thousands of rows."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from app import paths
from app.domain.conversations import Message, ReplyStats, Status
from app.item_models.transcript import TranscriptModel
from app.store import Repository
from app.store.database import DEFAULT_TIMEOUT_S, close_database, open_database
from app.views.theme import LIGHT
from app.views.transcript import TranscriptView
from bench.report import Line

N_ROWS = 5000
STATS = ReplyStats(100, 200, 50, 30.5, 400.25)
ANSWER = "Some **words** of an answer.\n\n- one\n- two\n\n```python\nx = f(1)\n```\n"


def measure(_model: Path, repetitions: int) -> list[Line]:
    """Fill a store, then time what the window does with it."""
    db, _report = open_database(paths.data_dir() / "large.db", DEFAULT_TIMEOUT_S)
    repository = Repository(db)
    conversation_id = _fill(repository)
    messages = repository.messages(conversation_id)
    lines = [
        _line(f"list of {N_ROWS:,} conversations", repository.conversations, repetitions),
        _line(
            f"{N_ROWS:,} messages of one conversation",
            lambda: repository.messages(conversation_id),
            repetitions,
        ),
        _save_line(repository, messages[-1].id, repetitions),
        *_transcript_lines(messages, repetitions),
    ]
    close_database(db)
    return lines


def _fill(repository: Repository) -> int:
    with repository.transaction():
        for number in range(N_ROWS - 1):
            repository.create_conversation(f"Conversation {number}")
        conversation = repository.create_conversation("A long one")
        parent = None
        for number in range(N_ROWS // 2):
            question = repository.add_user_message(
                conversation.id, f"Question {number}", parent_id=parent
            )
            reply = repository.begin_reply(conversation.id, parent_id=question.id, model="m")
            repository.finish_reply(reply.id, ANSWER, "", Status.COMPLETE, STATS)
            parent = reply.id
    return conversation.id


def _line(name: str, work: Callable[[], object], repetitions: int) -> Line:
    work()
    return Line(name, [_ms(work) for _ in range(repetitions)], "ms")


def _save_line(repository: Repository, message_id: int, repetitions: int) -> Line:
    texts: Iterator[str] = (chr(ord("a") + number % 26) * 100_000 for number in range(10_000))
    return _line(
        "saving an answer of 100 KB, synced",
        lambda: repository.save_reply(message_id, next(texts), ""),
        repetitions,
    )


def _transcript_lines(messages: list[Message], repetitions: int) -> list[Line]:
    application = QApplication.instance() or QApplication([])
    model = TranscriptModel()
    view = TranscriptView()
    view.set_theme(LIGHT)
    view.setModel(model)
    view.resize(900, 700)
    view.show()

    def show_all() -> None:
        model.reset(messages)
        application.processEvents()

    def jump() -> None:
        bar = view.verticalScrollBar()
        bar.setValue(bar.maximum() // 2 if bar.value() > bar.maximum() * 0.7 else bar.maximum())
        application.processEvents()

    lines = [
        _line(f"transcript of {len(messages):,} messages on the screen", show_all, repetitions),
        _line("jump within it", jump, repetitions),
    ]
    view.close()
    return lines


def _ms(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000
