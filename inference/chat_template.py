"""Turns messages into the prompt text that a model was trained on.

Templates come with model files, from anywhere: they run in Jinja's immutable sandbox, with the
names that templates written for Hugging Face's tokenizers expect.

Source: https://github.com/huggingface/transformers/blob/v4.57.6/src/transformers/utils/chat_template_utils.py
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from inference.engine import ChatMessage
from inference.errors import ChatTemplateFailed

CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
"""Used where a model carries no template of its own."""

CHATML_STOP = "<|im_end|>"
OPEN_TAG = "<think>"
CLOSE_TAG = "</think>"


@dataclass(frozen=True, slots=True)
class Prompt:
    """The text to evaluate, and where the model's first word will stand.

    Args:
        text: The whole prompt.
        in_thinking: The model continues inside an open thinking tag.
        at_start: Nothing of the reply has been written yet.
    """

    text: str
    in_thinking: bool
    at_start: bool


class _GenerationBlock(Extension):
    """`{% generation %}` marks assistant text for training; rendering passes it through."""

    tags = {"generation"}  # noqa: RUF012  (Jinja's own declaration)

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.CallBlock(self.call_method("_pass_through"), [], [], body).set_lineno(line)

    def _pass_through(self, caller: Callable[[], str]) -> str:
        return caller()


def _raise_exception(message: str) -> None:
    raise jinja2.TemplateError(message)


def _to_json(value: Any, indent: int | None = None, ensure_ascii: bool = False, **more: Any) -> str:
    return json.dumps(value, indent=indent, ensure_ascii=ensure_ascii, **more)


def _strftime_now(layout: str) -> str:
    return datetime.now().strftime(layout)


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[_GenerationBlock, loopcontrols],
    )
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _raise_exception
    environment.globals["strftime_now"] = _strftime_now
    return environment


class ChatTemplate:
    """One model's chat template, compiled.

    Args:
        source: The Jinja source; empty means ChatML.
        bos_token: Text of the token that opens a sequence.
        eos_token: Text of the token that ends one.
        model_name: For error messages.

    Raises:
        ChatTemplateFailed: The source is not valid Jinja.
    """

    def __init__(self, source: str, bos_token: str, eos_token: str, model_name: str) -> None:
        self.is_fallback = not source
        self._tokens = {"bos_token": bos_token, "eos_token": eos_token}
        self._model_name = model_name
        try:
            self._template = _environment().from_string(source or CHATML)
        except jinja2.TemplateError as error:
            raise self._failed(error) from error

    def render(self, messages: tuple[ChatMessage, ...], continue_last: bool = False) -> Prompt:
        """The prompt for the next answer.

        Args:
            messages: The conversation, oldest first.
            continue_last: The last message is the beginning of the answer, to be continued.

        Raises:
            ChatTemplateFailed: The template refused the messages or broke.
        """
        history = messages[:-1] if continue_last else messages
        text = self._render(history)
        opened_by_template = text.rstrip().endswith(OPEN_TAG)
        if not continue_last:
            return Prompt(text, in_thinking=opened_by_template, at_start=True)
        return _continued(text, messages[-1], opened_by_template)

    def _render(self, messages: tuple[ChatMessage, ...]) -> str:
        try:
            return self._template.render(
                messages=[_as_dict(message) for message in messages],
                add_generation_prompt=True,
                tools=None,
                documents=None,
                **self._tokens,
            )
        except Exception as error:  # a template may raise anything at all
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> ChatTemplateFailed:
        return ChatTemplateFailed(
            "The model's chat template failed",
            f"{self._model_name}: {type(error).__name__}: {error}",
            "Choose another model, or a newer file of this one.",
        )


def _as_dict(message: ChatMessage) -> dict[str, str]:
    entry = {"role": message.role, "content": message.content}
    if message.thinking:
        entry["reasoning_content"] = message.thinking
    return entry


def _continued(text: str, last: ChatMessage, opened_by_template: bool) -> Prompt:
    """The prompt with the beginning of the answer written behind it."""
    started = bool(last.thinking or last.content)
    if not started or not (last.thinking or opened_by_template):
        return Prompt(
            text + last.content,
            in_thinking=opened_by_template,
            at_start=not started,
        )
    opening = "" if opened_by_template else f"{OPEN_TAG}\n"
    thinking = text + opening + last.thinking
    if not last.content:
        return Prompt(thinking, in_thinking=True, at_start=False)
    return Prompt(f"{thinking}\n{CLOSE_TAG}\n\n{last.content}", in_thinking=False, at_start=False)
