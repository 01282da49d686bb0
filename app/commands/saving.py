"""Saves an answer of the terminal while it grows, from a thread of its own.

The thread that prints waits for the engine's next word, however long that takes: what was shown
before must not wait with it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from app.domain.conversations import Message
from app.services.turns import SAVE_INTERVAL_S, Turn
from app.store import Store


@contextmanager
def saved_meanwhile(store: Store, turn: Turn) -> Iterator[None]:
    """Inside of this block, save every `SAVE_INTERVAL_S` what has come; its end is not saved."""
    ended = threading.Event()
    thread = threading.Thread(
        target=_save_what_comes, args=(store, turn, turn.message(), ended), name="saving"
    )
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _save_what_comes(store: Store, turn: Turn, saved: Message, ended: threading.Event) -> None:
    while not ended.wait(SAVE_INTERVAL_S):
        message = turn.message()
        if (message.content, message.thinking) != (saved.content, saved.thinking):
            saved = message
            _save(store, message)


def _save(store: Store, message: Message) -> None:
    store.submit(
        lambda repository: repository.save_reply(
            message.id, message.content, message.thinking, message.thought_ms
        )
    )
