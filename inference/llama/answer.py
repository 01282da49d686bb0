"""Draws the tokens of one answer: its end, its thinking and the budget of that."""

from __future__ import annotations

from collections.abc import Callable, Generator

import llama_cpp.llama_cpp as llama

from inference.engine import FinishReason, GenerateRequest
from inference.llama.model import LoadedModel
from inference.llama.sampler import SamplerChain
from inference.prompt.chat_template import Prompt
from inference.prompt.thinking import ThinkingTags
from inference.reply.channel_text import ChannelText
from inference.reply.reply_text import ReplyText
from inference.reply.tool_calls import Delta, Reply, ToolFamily, ToolText


def new_reply(prompt: Prompt, request: GenerateRequest, family: ToolFamily | None) -> Reply:
    """What takes apart the reply to this prompt."""
    reply = _plain_reply(prompt, request)
    if request.tools and family is not None and not request.use_chatml:
        return ToolText(reply, family)
    return reply


def _plain_reply(prompt: Prompt, request: GenerateRequest) -> Reply:
    stop_strings = (*prompt.stop_strings, *request.sampling.stop)
    if prompt.tags.are_channels:
        return ChannelText(
            in_thinking=prompt.in_thinking,
            in_answer=prompt.in_answer,
            stop_strings=stop_strings,
        )
    return ReplyText(
        in_thinking=prompt.in_thinking,
        at_start=prompt.at_start,
        stop_strings=stop_strings,
        tags=prompt.tags,
    )


class Answer:
    """One answer on its way, behind a prompt that has been evaluated."""

    def __init__(
        self,
        model: LoadedModel,
        chain: SamplerChain,
        reply: Reply,
        request: GenerateRequest,
        tags: ThinkingTags,
    ) -> None:
        self._closing = tags.closing
        self._model = model
        self._chain = chain
        self._reply = reply
        self._limit = request.sampling.max_tokens or model.info.n_ctx
        self._budget = request.thinking_budget
        self._n_thought = 0

    def decode(
        self, is_cancelled: Callable[[], bool]
    ) -> Generator[Delta, None, tuple[int, FinishReason]]:
        """Draw tokens until the reply ends; returns their number and why it ended."""
        model, reply = self._model, self._reply
        exempt = model.opening_token
        n_out = 0
        reason = FinishReason.LENGTH
        while n_out < self._limit:
            if is_cancelled():
                reason = FinishReason.CANCELLED
                break
            if self._has_thought_enough and not (yield from self._close_thinking()):
                break
            token = self._chain.draw(
                model.context, is_free=reply.is_free, exempt=exempt if reply.may_open else None
            )
            if llama.llama_vocab_is_eog(model.vocab, token):
                reason = FinishReason.STOP
                break
            n_out += 1
            self._n_thought += reply.in_thinking
            yield from reply.feed(model.piece(token))
            if reply.stopped:
                reason = FinishReason.STOP
                break
            if len(model.tokens) >= model.info.n_ctx:
                break
            if not model.evaluate([token]):
                reason = FinishReason.CANCELLED
                break
        yield from reply.finish()
        return n_out, reason

    @property
    def _has_thought_enough(self) -> bool:
        budget = self._budget
        return budget is not None and self._reply.in_thinking and self._n_thought >= budget

    def _close_thinking(self) -> Generator[Delta, None, bool]:
        """Write the end of the thinking in the model's name; returns whether there was room."""
        model = self._model
        tokens = model.tokenize_part(self._closing, parse_special=True)
        if len(model.tokens) + len(tokens) >= model.info.n_ctx:
            return False
        model.evaluate(tokens)
        for token in tokens:
            yield from self._reply.feed(model.piece(token))
        return True
