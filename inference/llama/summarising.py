"""Lets the model write a summary of the turns that leave the context."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from inference.engine import (
    ChatMessage,
    Event,
    Finished,
    FinishReason,
    GenerateRequest,
    PrefillProgress,
    Rank,
    Sampling,
    SummaryDelta,
    SummaryProgress,
    TextDelta,
    Thinking,
)
from inference.errors import ChatTemplateFailed, DecodeFailed
from inference.prompt.context_window import MIN_ANSWER_TOKENS
from inference.prompt.fitting import PromptFitter, Rendered
from inference.prompt.summary import parts_of, summary_question, summary_room

log = logging.getLogger(__name__)

_PREFILL_SHARE = 0.7
"""How much of the work of one part counts as done when the part has been read."""

Reply = Callable[[GenerateRequest, Rendered], Generator[Event, None, Finished]]
"""Evaluates a prompt and draws an answer."""


@dataclass(frozen=True, slots=True)
class Written:
    """A summary, or why there is none; neither after a cancel."""

    text: str = ""
    note: str = ""


class SummaryWriter:
    """Writes one summary for a request.

    Args:
        fitter: Of the loaded model.
        request: The request that the messages leave.
        reply: Runs the model.
    """

    def __init__(self, fitter: PromptFitter, request: GenerateRequest, reply: Reply) -> None:
        self._fitter = fitter
        self._reply = reply
        self._room = summary_room(fitter.n_ctx)
        self._request = GenerateRequest(
            request.id,
            request.model,
            (),
            Sampling(max_tokens=self._room),
            thinking=Thinking.OFF,
            thinking_budget=0,
            use_chatml=request.use_chatml,
            rank=Rank.BACKGROUND,
            is_private=request.is_private,
        )

    def write(
        self, messages: Sequence[ChatMessage], earlier: str
    ) -> Generator[Event, None, Written]:
        """Summarise messages after an earlier summary, part by part where they are too long."""
        text = earlier
        yield SummaryProgress(0.0)
        try:
            parts = parts_of(messages, self._part_room(earlier), self._fitter.texts.of)
            for index, part in enumerate(parts):
                finished, text = yield from self._one(part, text, index, len(parts))
                if finished.reason is FinishReason.CANCELLED:
                    return Written()
                if not text:
                    return Written(note="the model wrote nothing")
        except (ChatTemplateFailed, DecodeFailed) as error:
            log.warning("no summary: %s", error)
            return Written(note=str(error))
        return Written(text)

    def _part_room(self, earlier: str) -> int:
        """Tokens of conversation that fit beside the question, the earlier summary and a new one.

        An earlier summary that a person made very long leaves little room, but always some.
        """
        n_told = max(self._fitter.texts.of(earlier), self._room)
        bare = self._asked(summary_question("", " ", self._room))
        room = self._fitter.n_ctx - self._room - n_told - len(bare.tokens)
        return max(room - MIN_ANSWER_TOKENS, MIN_ANSWER_TOKENS)

    def _one(
        self, part: str, earlier: str, index: int, n_parts: int
    ) -> Generator[Event, None, tuple[Finished, str]]:
        messages = summary_question(part, earlier, self._room)
        request, rendered = replace(self._request, messages=messages), self._asked(messages)
        n_tokens = len(rendered.tokens)
        if n_tokens + MIN_ANSWER_TOKENS > self._fitter.n_ctx:
            raise DecodeFailed(
                "There is no room to write a summary",
                f"{n_tokens:,} of {self._fitter.n_ctx:,} tokens",
                "Shorten the summary, or use a longer context.",
            )
        written: list[str] = []
        run = self._reply(request, rendered)
        while True:
            try:
                event = next(run)
            except StopIteration as end:
                finished: Finished = end.value
                return finished, "".join(written).strip()
            if isinstance(event, PrefillProgress):
                done = _PREFILL_SHARE * event.done / max(event.total, 1)
                yield SummaryProgress((index + done) / n_parts)
            elif isinstance(event, TextDelta):
                written.append(event.text)
                yield SummaryDelta(event.text)

    def _asked(self, messages: tuple[ChatMessage, ...]) -> Rendered:
        return self._fitter.rendered(replace(self._request, messages=messages))
