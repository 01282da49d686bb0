"""From a request's messages to a prompt that fits the context, and what is left out for it.

Whether everything fits is counted exactly. If not, the choice is `context_window`'s, made with
estimates; what is rendered in the end is counted again, and a few turns more leave where the
estimate was too low. So a template runs once or twice, however long the conversation.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from msgspec.structs import replace

from inference.engine import (
    ChatMessage,
    ContextPolicy,
    Counted,
    CountRequest,
    GenerateRequest,
    MessagesUnseen,
    Thinking,
)
from inference.errors import ChatTemplateFailed
from inference.prompt.chat_template import ChatTemplate, Prompt
from inference.prompt.context_window import (
    MIN_ANSWER_TOKENS,
    Turn,
    TurnTokens,
    answer_room,
    block,
    first_seen,
    n_system,
    tail_of,
    turns_of,
)
from inference.prompt.message_costs import NO_FRAME, Frame, TextTokens, measured_frame
from inference.prompt.picture_marks import mark
from inference.prompt.refusals import context_full, prompt_too_long
from inference.prompt.summary import (
    HEADING,
    summary_room,
    with_summary,
    with_summary_in_question,
)

_SURELY_TOO_LONG = 2
"""Texts that alone have so many times the tokens that fit need not be rendered to be sure."""
_MAX_FRAMES = 100
"""Tools make a frame of their own, and every caller may bring others."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A prompt with its tokens, and the messages that are in it, a summary among them."""

    messages: tuple[ChatMessage, ...]
    prompt: Prompt
    tokens: list[int]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A prompt that fits, and what of the request is not in it."""

    rendered: Rendered
    unseen: MessagesUnseen | None


class PromptFitter:
    """Makes prompts for one loaded model.

    Args:
        template: The model's chat template.
        tokenize: Token ids of a whole prompt.
        count: Tokens of a text in the middle of one.
        n_ctx: Context length in tokens.
    """

    def __init__(
        self,
        template: ChatTemplate,
        tokenize: Callable[[str], list[int]],
        count: Callable[[str], int],
        n_ctx: int,
    ) -> None:
        self.n_ctx = n_ctx
        self.texts = TextTokens(count)
        self._count = count
        self._template = template
        self._tokenize = tokenize
        self._frames: dict[tuple[Thinking, bool, str], Frame] = {}

    def frame(self, request: GenerateRequest) -> Frame:
        """What the template adds to messages of such a request."""
        key = (request.thinking, request.use_chatml, request.tools)
        if key not in self._frames:
            if len(self._frames) >= _MAX_FRAMES:
                self._frames.clear()
            count_prompt = partial(self._count_prompt, request)
            self._frames[key] = measured_frame(count_prompt, self._count)
        return self._frames[key]

    def _count_prompt(self, request: GenerateRequest, messages: tuple[ChatMessage, ...]) -> int:
        probe = replace(request, messages=messages, continue_last=False)
        return len(self.rendered(probe).tokens)

    def rendered(self, request: GenerateRequest) -> Rendered:
        """The prompt of all the request's messages.

        Raises:
            ChatTemplateFailed, BadTools: See `ChatTemplate.render`.
        """
        prompt = self._template.render(
            request.messages,
            request.continue_last,
            request.thinking,
            use_chatml=request.use_chatml,
            tools=request.tools,
        )
        return Rendered(request.messages, prompt, self._tokenize(prompt.text))

    def tail(self, text: str, max_tokens: int) -> str:
        """The end of a text, of so many tokens at most."""
        return tail_of(text, max_tokens, self._count)

    def counted(self, request: CountRequest) -> Counted:
        """The tokens of a prompt that may be sent.

        Raises:
            ChatTemplateFailed: See `ChatTemplate.render`.
        """
        asked = GenerateRequest(
            request.id, request.model, request.messages, summary=request.summary
        )
        n_prompt, n_question = _Window(self, asked).counted()
        texts = tuple(map(self.texts.of, request.texts))
        pictures = tuple(self.texts.of(mark(picture)) for picture in request.pictures)
        return Counted(n_prompt, n_question, self.n_ctx, texts, pictures)

    def block_to_summarise(self, request: GenerateRequest) -> range:
        """Indices of the messages that leave now and are to be summarised first; often none."""
        if request.context_policy is not ContextPolicy.SUMMARISE:
            return range(0)
        return _Window(self, request).block_to_summarise()

    def fit(self, request: GenerateRequest, *, is_new: bool = False, note: str = "") -> Fitted:
        """The prompt of a request, without its oldest turns where they do not fit.

        Args:
            request: Its summary, if it has one, stands for the messages it covers.
            is_new: The summary was written for this request.
            note: Why there is none, though one was wanted.

        Raises:
            ContextFull: Messages would have to be left out, and the policy is STOP.
            PromptTooLong: System prompt and last turn alone do not fit.
            ChatTemplateFailed, BadTools: See `ChatTemplate.render`.
        """
        return _Window(self, request).fitted(is_new, note)


class _Window:
    """The choice for one request."""

    def __init__(self, fitter: PromptFitter, request: GenerateRequest) -> None:
        self._fitter = fitter
        self._request = request
        self._messages = request.messages
        self._turns = turns_of(request.messages)
        self._last = len(self._turns) - 1
        self._limit = fitter.n_ctx - answer_room(fitter.n_ctx)
        self._n_system = n_system(request.messages)
        self._covered = self._covered_turns()
        self._made: dict[int, Rendered] = {}

    def _covered_turns(self) -> int:
        """How many turns the summary stands for; the last one is never covered."""
        summary = self._request.summary
        if summary is None or not summary.text.strip():
            return 0
        starts = (turn.start for turn in self._turns[1:])
        return sum(start <= summary.n_messages for start in starts)

    # Estimates

    def block_to_summarise(self) -> range:
        if self._all_fits():
            return range(0)
        leaving = block(self._costs(), self._room(summary_room(self._fitter.n_ctx)))
        start, stop = (self._turns[self._covered + n].start for n in (0, leaving))
        return range(start, stop)

    def _room(self, n_summary: int) -> int:
        """Tokens that turns may have beside the system prompt and a summary of so many."""
        frame = self._fitter.frame(self._request)
        system = self._tokens(0, self._n_system)
        if n_summary:
            system += n_summary + self._fitter.texts.of(HEADING) + frame.each
        return self._limit - frame.once - system

    def _costs(self) -> list[TurnTokens]:
        """Of the turns that no summary covers."""
        return [self._turn_tokens(turn) for turn in self._turns[self._covered :]]

    def _turn_tokens(self, turn: Turn) -> TurnTokens:
        asked = self._tokens(turn.start, turn.asked)
        return TurnTokens(asked, asked + self._tokens(turn.asked, turn.stop))

    def _tokens(self, start: int, stop: int) -> int:
        frame = self._fitter.frame(self._request)
        return self._fitter.texts.of_messages(self._messages[start:stop], frame)

    def _summary_tokens(self) -> int:
        summary = self._request.summary
        return self._fitter.texts.of(summary.text) if summary and self._covered else 0

    def counted(self) -> tuple[int, int]:
        """Tokens of the prompt if nothing more leaves, and of the least that it can be."""
        return self._count_from(self._covered), self._count_from(self._last)

    def _count_from(self, first: int) -> int:
        if self._surely_too_long(first):
            return self._text_tokens(first)
        return len(self._at(first).tokens)

    # The prompt

    def fitted(self, is_new: bool, note: str) -> Fitted:
        first = self._covered
        if not self._all_fits():
            if self._request.context_policy is ContextPolicy.STOP:
                n_tokens = len(self._at(self._covered).tokens)
                n_ctx = self._fitter.n_ctx
                raise context_full(n_tokens, n_ctx, n_ctx - self._limit)
            first = self._first_of_block()
        rendered, n_cut = self._at(first), 0
        if self._request.continue_last and len(rendered.tokens) > self._limit:
            rendered, n_cut = self._with_shorter_answer(first)
        if len(rendered.tokens) + MIN_ANSWER_TOKENS > self._fitter.n_ctx:
            n_tokens = len(rendered.tokens)
            raise prompt_too_long(n_tokens, self._summary_tokens(), self._fitter.n_ctx)
        return Fitted(rendered, self._unseen(first, n_cut, is_new, note))

    def _all_fits(self) -> bool:
        """Whether no more turns have to leave; the last one never has to."""
        if self._covered == self._last:
            return True
        return not self._surely_too_long(self._covered) and self._fits(self._covered)

    def _surely_too_long(self, first: int) -> bool:
        return self._text_tokens(first) > _SURELY_TOO_LONG * self._limit

    def _text_tokens(self, first: int) -> int:
        """Tokens of the texts alone, from a turn on."""
        messages = self._messages[self._turns[first].start :]
        return self._fitter.texts.of_messages(messages, NO_FRAME)

    def _first_of_block(self) -> int:
        costs, room = self._costs(), self._room(self._summary_tokens())
        # An estimate that was too low may see no need for what is needed.
        first = self._covered + (first_seen(costs, room) or block(costs, room))
        if first == self._last or self._fits(first):
            return first
        return self._first_that_fits(first + 1)

    def _first_that_fits(self, low: int) -> int:
        """The first turn from which on everything fits; the last one where nothing does."""
        high = self._last
        while low < high:
            middle = (low + high) // 2
            if self._fits(middle):
                high = middle
            else:
                low = middle + 1
        return low

    def _fits(self, first: int) -> bool:
        return len(self._at(first).tokens) <= self._limit

    def _at(self, first: int) -> Rendered:
        """The prompt from a turn on."""
        if first not in self._made:
            self._made[first] = self._rendered(self._messages_from(first))
        return self._made[first]

    def _messages_from(self, first: int) -> tuple[ChatMessage, ...]:
        start = self._turns[first].start
        return (*self._messages[: self._n_system], *self._messages[start:])

    def _rendered(self, messages: tuple[ChatMessage, ...]) -> Rendered:
        request, summary = self._request, self._request.summary
        if summary is None or not self._covered:
            return self._fitter.rendered(replace(request, messages=messages))
        text = summary.text.strip()
        with suppress(ChatTemplateFailed):  # it may refuse system prompts, or leave them out
            told = replace(request, messages=with_summary(messages, text))
            rendered = self._fitter.rendered(told)
            if text in rendered.prompt.text:
                return rendered
        told = replace(request, messages=with_summary_in_question(messages, text))
        return self._fitter.rendered(told)

    def _with_shorter_answer(self, first: int) -> tuple[Rendered, int]:
        """The prompt with the end of the answer that goes on, and how many characters are gone."""
        *history, answer = self._messages_from(first)
        bare = (*history, replace(answer, content="", thinking=""))
        room = (self._limit - len(self._rendered(bare).tokens)) // 2
        if room < MIN_ANSWER_TOKENS:
            return self._at(first), 0
        if answer.content:
            rest = ChatMessage(answer.role, self._fitter.tail(answer.content, room))
        else:
            rest = replace(answer, thinking=self._fitter.tail(answer.thinking, room))
        n_before = len(answer.content) + len(answer.thinking)
        n_cut = n_before - len(rest.content) - len(rest.thinking)
        return self._rendered((*history, rest)), n_cut

    # What is told

    def _unseen(self, first: int, n_cut: int, is_new: bool, note: str) -> MessagesUnseen | None:
        start, stop = self._n_system, self._turns[first].start
        if stop == start and not n_cut:
            return None
        has_summary = bool(self._covered)
        return MessagesUnseen(
            first=start,
            last=stop - 1,
            n_tokens=self._tokens(start, stop),
            policy=ContextPolicy.SUMMARISE
            if has_summary and first == self._covered
            else ContextPolicy.DROP_OLDEST,
            summary=self._request.summary if has_summary else None,
            is_new=is_new and has_summary,
            n_characters=n_cut,
            note=note,
        )
