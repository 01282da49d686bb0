"""Turns messages into the prompt text that a model was trained on.

It owns what is asked of a template and what is written behind its text: the beginning of an answer
that goes on, thinking that is wanted or not. Running templates, which come from anywhere, is left
to the renderer it is given.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from inference.engine import ChatMessage, Thinking
from inference.errors import BadTools, ChatTemplateFailed
from inference.prompt.jinja_template import TemplateBroken
from inference.prompt.picture_marks import with_marks
from inference.prompt.thinking import THINK, ThinkingTags, knows_thinking, tags_of
from inference.reply.tool_calls import tools_of

_TOOLS_HINT = "Correct the list of tools, or leave it out."
CHATML_STOP = "<|im_end|>"

Renderer = Callable[[str, dict[str, Any]], str]
"""From a template's source and its variables to text; raises `TemplateBroken`."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """The text to evaluate, and where the model's first word will stand.

    Args:
        text: The whole prompt.
        in_thinking: The model continues inside its thinking.
        at_start: Nothing of the reply has been written yet.
        in_answer: The model continues behind the mark that opens the answer.
        stop_strings: What ends the answer, where that is no token of the model's.
        tags: How thinking is marked here.
    """

    text: str
    in_thinking: bool
    at_start: bool
    in_answer: bool = False
    stop_strings: tuple[str, ...] = ()
    tags: ThinkingTags = THINK


class ChatTemplate:
    """One model's chat template.

    Args:
        source: The Jinja source; empty means ChatML.
        bos_token: Text of the token that opens a sequence.
        eos_token: Text of the token that ends one.
        model_name: For error messages.
        renderer: What runs the source.
    """

    def __init__(
        self, source: str, bos_token: str, eos_token: str, model_name: str, renderer: Renderer
    ) -> None:
        self.tags = tags_of(source)
        self.tool_family = tools_of(source)
        self._source = source
        self._tokens = {"bos_token": bos_token, "eos_token": eos_token}
        self._model_name = model_name
        self._renderer = renderer

    def render(
        self,
        messages: tuple[ChatMessage, ...],
        continue_last: bool = False,
        thinking: Thinking = Thinking.AUTO,
        *,
        use_chatml: bool = False,
        tools: str = "",
    ) -> Prompt:
        """The prompt for the next answer.

        Args:
            messages: The conversation, oldest first. Thinking of earlier answers is handed to the
                template, which leaves it out where the model's authors say so.
            continue_last: The last message is the beginning of the answer, to be continued.
            thinking: Whether the model is to think.
            use_chatml: ChatML instead of the model's own template, without tools.
            tools: A JSON list of the tools that the model may call.

        Raises:
            ChatTemplateFailed: The template refused the messages, broke or took too long.
        """
        history = messages[:-1] if continue_last else messages
        last = messages[-1] if continue_last else ChatMessage("assistant", "")
        if use_chatml or not self._source:
            return _continued(_chatml(history), last, THINK, (CHATML_STOP,))
        return _continued(self._with_thinking(history, thinking, tools), last, self.tags)

    def _with_thinking(
        self, messages: tuple[ChatMessage, ...], thinking: Thinking, tools: str
    ) -> str:
        """The template's text, led to think or not to."""
        if thinking is Thinking.AUTO:
            return self._render(messages, tools)
        wanted = thinking is Thinking.ON
        text, other = (self._render(messages, tools, choice) for choice in (wanted, not wanted))
        tags = self.tags
        is_open = text.rstrip().endswith(tags.open)
        if not wanted and is_open:
            return text + tags.closing
        if text != other or is_open or not knows_thinking(self._source, tags):
            return text
        if not wanted:
            return text + tags.skipped
        return text + tags.opening if tags is THINK else text

    def _render(
        self, messages: tuple[ChatMessage, ...], tools: str, thinks: bool | None = None
    ) -> str:
        """The template's text; `thinks` goes by both names that templates have for it."""
        choice = {} if thinks is None else {"enable_thinking": thinks, "thinking": thinks}
        variables = {
            "messages": [_as_dict(message) for message in messages],
            "add_generation_prompt": True,
            "tools": _read_tools(tools),
            "documents": None,
            **self._tokens,
            **choice,
        }
        try:
            return self._renderer(self._source, variables)
        except TemplateBroken as error:
            raise ChatTemplateFailed(
                "The model's chat template failed",
                f"{self._model_name}: {error}",
                "Use the ChatML layout instead of it, or choose another model.",
            ) from error


def _read_tools(tools: str) -> list[Any] | None:
    try:
        value = json.loads(tools) if tools else None
    except (ValueError, RecursionError) as error:
        raise BadTools(
            "The tools cannot be used", f"They are not JSON: {error}.", _TOOLS_HINT
        ) from error
    if value is not None and not isinstance(value, list):
        raise BadTools("The tools cannot be used", "They are not a JSON list.", _TOOLS_HINT)
    return value or None


def _chatml(messages: tuple[ChatMessage, ...]) -> str:
    turns = [f"<|im_start|>{m.role}\n{with_marks(m)}{CHATML_STOP}\n" for m in messages]
    return "".join([*turns, "<|im_start|>assistant\n"])


def _as_dict(message: ChatMessage) -> dict[str, str]:
    entry = {"role": message.role, "content": with_marks(message)}
    if message.thinking:
        entry["reasoning_content"] = entry["thinking"] = message.thinking
    return entry


def _continued(
    text: str, last: ChatMessage, tags: ThinkingTags, stops: tuple[str, ...] = ()
) -> Prompt:
    """The prompt with the beginning of the answer written behind it."""
    is_open = text.rstrip().endswith(tags.open)
    in_answer = tags.are_channels
    if last.thinking:
        text += ("" if is_open else tags.opening) + last.thinking
        is_open = True
    started = bool(last.thinking or last.content)
    if not last.content:
        in_answer = in_answer and text.endswith(tags.skipped)
        return Prompt(text, is_open, not started, in_answer, stops, tags)
    if is_open:
        text += tags.closing
    elif tags.are_channels and not text.endswith(tags.skipped):
        text += tags.skipped
    return Prompt(text + last.content, False, False, in_answer, stops, tags)
