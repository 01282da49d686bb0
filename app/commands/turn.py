"""Questions and answers of a terminal: stored like the window's, printed as they stream."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from uuid import uuid4

import typer
from msgspec.structs import replace

from app.commands.model_choice import TerminalModel
from app.commands.saving import saved_meanwhile
from app.domain.attachments import Attachment
from app.domain.conversations import Message, Status
from app.services.stored_turns import begin_answer, record_end, resume_answer, store_question
from app.services.turns import STATUS_OF_REASON, Begun, Turn
from app.store import Store
from inference.engine import (
    ContextPolicy,
    Engine,
    Finished,
    Loaded,
    LoadRequest,
    MessagesUnseen,
    Sampling,
    SummaryProgress,
    TextDelta,
    ThinkingDelta,
)
from inference.errors import EngineError

DIM, PLAIN = "\x1b[2m", "\x1b[0m"


class TerminalSession:
    """One conversation after the other, with one model.

    The answer goes to stdout. Thinking goes to stderr, and only where a person reads there.

    Args:
        context_policy: What happens when the context is full; None leaves it to the conversation.
        is_model_named: A person named the model: conversations with one of their own get it too.
    """

    def __init__(
        self,
        store: Store,
        engine: Engine,
        model: TerminalModel,
        sampling: Sampling,
        context_policy: ContextPolicy | None = None,
        *,
        is_model_named: bool = False,
    ) -> None:
        self._context_policy = context_policy
        self.store = store
        self.model = model
        self.is_model_named = is_model_named
        self.conversation_id: int | None = None
        self._engine = engine
        self._sampling = sampling

    def load(self) -> Loaded | None:
        """Load the model now, so that a bad one is known before a question is stored.

        Raises:
            EngineError: The model cannot be used.
        """
        loaded = None
        for event in self._engine.run(LoadRequest(uuid4().hex, self.model.params)):
            if isinstance(event, Loaded):
                loaded = event
        return loaded

    def ask(self, text: str, attachments: Sequence[Attachment] = ()) -> Message:
        """Store a question with its files and print the answer; returns it as stored.

        Raises:
            StoreError: Nothing was asked.
            EngineError, OSError, KeyboardInterrupt: What had come of the answer is stored as
                interrupted.
        """
        request_id = uuid4().hex
        question = self.store.submit(
            lambda repository: store_question(
                repository,
                request_id,
                self.conversation_id,
                text,
                None,
                attachments=attachments,
            )
        ).result()
        self.conversation_id = question.conversation_id
        return self.answer()

    def answer(self, *, continuing: bool = False) -> Message:
        """Answer the last question, or go on with the last answer; raises as `ask` does."""
        conversation_id = self.conversation_id
        if conversation_id is None:
            raise ValueError("there is no conversation yet")
        begun = self.store.submit(
            lambda repository: (
                resume_answer(repository, conversation_id, self.model.name)
                if continuing
                else begin_answer(repository, conversation_id, self.model.name, is_fixed=True)
            )
        ).result()
        turn = Turn(uuid4().hex, conversation_id, continuing)
        turn.begin(begun)
        try:
            finished = self._stream(turn, begun)
        except (EngineError, OSError, KeyboardInterrupt):
            # OSError: whoever read the output has left, or its disk is full.
            self._record(turn, Status.INTERRUPTED, None)
            raise
        return self._record(turn, STATUS_OF_REASON[finished.reason], finished)

    def _stream(self, turn: Turn, begun: Begun) -> Finished:
        request = begun.request(
            turn.request_id, self.model.params, self._sampling, self._context_policy
        )
        printer = _Printer()
        interrupts = _cancelled_by_interrupt(self._engine, turn.request_id)
        with printer, interrupts, saved_meanwhile(self.store, turn):
            for event in self._engine.run(request):
                match event:
                    case TextDelta(text):
                        turn.append(text, "")
                        printer.answer(text)
                    case ThinkingDelta(thinking):
                        turn.append("", thinking)
                        printer.thinking(thinking)
                    case SummaryProgress():
                        printer.summarising()
                    case MessagesUnseen():
                        self._hide(turn, event)
                        printer.unseen(event)
                    case Finished():
                        return event
        raise EngineError("The engine ended its answer without a word", "", "Try again.")

    def _hide(self, turn: Turn, event: MessagesUnseen) -> None:
        hidden = turn.hide(event)
        reply = turn.message()
        self.store.submit(lambda repository: hidden.record(repository, reply)).result()

    def _record(self, turn: Turn, status: Status, finished: Finished | None) -> Message:
        ended = turn.ended(status, finished)
        stored = self.store.submit(lambda repository: record_end(repository, ended)).result()
        return stored or replace(ended, status=status)


class _Printer:
    """Writes the answer as it comes, and ends its last line."""

    def __init__(self) -> None:
        self._show_thinking = sys.stderr.isatty()
        self._in_thinking = False
        self._is_summarising = False
        self._last = "\n"

    def __enter__(self) -> None:
        """Nothing to open."""

    def __exit__(self, *_exc: object) -> None:
        self._end_thinking()
        if not self._last.endswith("\n"):
            sys.stdout.write("\n")
            sys.stdout.flush()

    def answer(self, text: str) -> None:
        self._end_thinking()
        sys.stdout.write(text)
        sys.stdout.flush()
        self._last = text

    def thinking(self, text: str) -> None:
        if self._show_thinking:
            self._in_thinking = True
            sys.stderr.write(f"{DIM}{text}{PLAIN}")
            sys.stderr.flush()

    def summarising(self) -> None:
        if not self._is_summarising:
            self._is_summarising = True
            _note("The context is full: the oldest messages are being summarised.")

    def unseen(self, event: MessagesUnseen) -> None:
        _note(unseen_words(event))

    def _end_thinking(self) -> None:
        if self._in_thinking:
            self._in_thinking = False
            sys.stderr.write("\n\n")
            sys.stderr.flush()


def unseen_words(event: MessagesUnseen) -> str:
    """What the model does not see, in a line."""
    count = event.last - event.first + 1
    parts = []
    if count:
        messages = "the first message" if count == 1 else f"the first {count:,} messages"
        verb = (
            "has read a summary of" if event.policy is ContextPolicy.SUMMARISE else "no longer sees"
        )
        parts.append(f"{verb} {messages}")
    if event.n_characters:
        parts.append("no longer sees the beginning of its answer")
    reason = f" There is no summary: {event.note}." if event.note else ""
    return f"The model {' and '.join(parts)}.{reason}"


def _note(text: str) -> None:
    typer.secho(text, dim=True, err=True)


@contextmanager
def _cancelled_by_interrupt(engine: Engine, request_id: str) -> Iterator[None]:
    """Let the first Ctrl+C stop the answer; a second one ends the program as usual."""

    def on_interrupt(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        # The handler may stand in the middle of the engine's own code: let another thread ask.
        threading.Thread(target=engine.cancel, args=(request_id,), daemon=True).start()

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
