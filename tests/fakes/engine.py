"""An engine without a model: it plays scripts and implements the real protocol."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from inference.engine import (
    BenchPoint,
    BenchRequest,
    Counted,
    CountRequest,
    EngineOptions,
    Event,
    Finished,
    FinishReason,
    GenerateRequest,
    Loaded,
    LoadProgress,
    LoadRequest,
    Rank,
    Request,
    TextDelta,
)
from inference.errors import EngineError


@dataclass(frozen=True)
class Wait:
    """Go on after so many seconds."""

    seconds: float


@dataclass(frozen=True)
class WaitFor:
    """Go on when the test sets the event."""

    event: threading.Event


@dataclass(frozen=True)
class UntilCancelled:
    """Go on never."""


PICTURE_TOKENS = 64
"""Of any picture."""

Step = Event | EngineError | Wait | WaitFor | UntilCancelled


def finished(reason: FinishReason = FinishReason.STOP, tokens_out: int = 4) -> Finished:
    """The end of an answer with round numbers."""
    return Finished(reason, 10, tokens_out, 2, 20.0, 40.0, 2048, n_used=10 + tokens_out)


def loaded(name: str = "Fake", *, sees: bool = False) -> Loaded:
    """A model that is ready."""
    return Loaded(name, "llama", 135_000_000, 98_000_000, 2048, 2048, 1, "CPU", sees=sees)


def measured(request: BenchRequest, prefill: float = 1000.0, decode: float = 50.0) -> BenchPoint:
    """A model that is that fast, in tokens per second, at any depth."""
    prefill_ns = int(request.n_prompt / prefill * 1e9) or 1
    decode_ns = int(request.n_generate / decode * 1e9) or 1
    return BenchPoint(request.depths[0], (prefill_ns,), (decode_ns,))


def words_counted(request: CountRequest) -> Counted:
    """A tokenizer that knows every word, and a context of 2,048 of them."""
    texts = [message.content for message in request.messages]
    n_prompt, n_question = len(" ".join(texts).split()), len(texts[-1].split())
    of_texts = tuple(len(text.split()) for text in request.texts)
    of_pictures = (PICTURE_TOKENS,) * len(request.pictures)
    more = sum(of_pictures)
    return Counted(n_prompt + more, n_question + more, 2048, of_texts, of_pictures)


class FakeEngine:
    """Plays one script for each request of a kind; without one it loads, or says "Hello.".

    Asked for a title, it says nothing without a script, and its list of questions is its own.
    Measurements are played by `bench`, whatever is loaded, and tokens are counted by `count`, at
    first one a word.
    """

    def __init__(self) -> None:
        self.bench: Callable[[BenchRequest], tuple[Step, ...]] = lambda asked: (measured(asked),)
        self.count: Callable[[CountRequest], Step] = words_counted
        self.requests: list[Request] = []
        self.options: EngineOptions | None = None
        self.closed = threading.Event()
        self._answers: deque[tuple[Step, ...]] = deque()
        self._titles: deque[tuple[Step, ...]] = deque()
        self._loads: deque[tuple[Step, ...]] = deque()
        self._turn = threading.Lock()
        self._cancelled: dict[str, threading.Event] = {}
        self._lock = threading.Lock()

    @property
    def generate_requests(self) -> list[GenerateRequest]:
        """The questions that came, in their order."""
        return [request for request in self._generate_requests if request.rank is Rank.SCREEN]

    @property
    def title_requests(self) -> list[GenerateRequest]:
        """What came at low rank, in its order."""
        return [request for request in self._generate_requests if request.rank is Rank.BACKGROUND]

    @property
    def _generate_requests(self) -> list[GenerateRequest]:
        return [request for request in self.requests if isinstance(request, GenerateRequest)]

    @property
    def load_requests(self) -> list[LoadRequest]:
        """The models that were wanted, in their order."""
        return [request for request in self.requests if isinstance(request, LoadRequest)]

    def answers(self, *steps: Step) -> None:
        """Play these for the next question that has no script yet."""
        self._answers.append(steps)

    def titles(self, *steps: Step) -> None:
        """Play these for the next title that has no script yet."""
        self._titles.append(steps)

    def loads(self, *steps: Step) -> None:
        """Play these for the next model that has no script yet."""
        self._loads.append(steps)

    def run(self, request: Request) -> Iterator[Event]:
        """Play the script of a request."""
        cancelled = self._register(request.id)
        with self._turn:
            self.requests.append(request)
            try:
                yield from self._play(self._script_for(request), cancelled)
            finally:
                with self._lock:
                    self._cancelled.pop(request.id, None)

    def cancel(self, request_id: str) -> None:
        """End a request at its next step."""
        with self._lock:
            event = self._cancelled.get(request_id)
        if event is not None:
            event.set()

    def configure(self, options: EngineOptions) -> None:
        """Take options."""
        self.options = options

    def close(self) -> None:
        """End whatever runs."""
        self.closed.set()
        with self._lock:
            for event in self._cancelled.values():
                event.set()

    def _register(self, request_id: str) -> threading.Event:
        with self._lock:
            return self._cancelled.setdefault(request_id, threading.Event())

    def _script_for(self, request: Request) -> tuple[Step, ...]:
        if isinstance(request, GenerateRequest) and request.rank is Rank.BACKGROUND:
            return self._titles.popleft() if self._titles else (finished(tokens_out=0),)
        if isinstance(request, GenerateRequest):
            return self._answers.popleft() if self._answers else (TextDelta("Hello."), finished())
        if isinstance(request, BenchRequest):
            return self.bench(request)
        if isinstance(request, CountRequest):
            return (self.count(request),)
        if self._loads:
            return self._loads.popleft()
        return LoadProgress(0.5), loaded()

    def _play(self, steps: tuple[Step, ...], cancelled: threading.Event) -> Iterator[Event]:
        for step in steps:
            match step:
                case Wait(seconds):
                    cancelled.wait(seconds)
                case WaitFor(event):
                    while not event.wait(0.005) and not cancelled.is_set():
                        pass
                case UntilCancelled():
                    cancelled.wait()
                case EngineError():
                    raise step
                case _ if not cancelled.is_set():
                    yield step
            if cancelled.is_set():
                yield finished(FinishReason.CANCELLED, tokens_out=2)
                return
