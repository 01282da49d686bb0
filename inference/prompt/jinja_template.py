"""Renders chat templates in Jinja's immutable sandbox, with the names that templates expect.

It bounds the text, not the time: that is the business of `template_process`, which runs this in a
process of its own.

Source: https://github.com/huggingface/transformers/blob/v4.57.6/src/transformers/utils/chat_template_utils.py
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

MAX_OUTPUT_CHARS = 16 * 1024 * 1024
"""Several times what the longest context holds."""


class TemplateBroken(Exception):
    """A template refused the messages, or is not a template; the message says why."""


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


@lru_cache(maxsize=4)
def _compiled(source: str) -> jinja2.Template:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[_GenerationBlock, loopcontrols],
    )
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _raise_exception
    environment.globals["strftime_now"] = _strftime_now
    return environment.from_string(source)


def render(source: str, variables: dict[str, Any]) -> str:
    """The text of a template.

    Raises:
        TemplateBroken: For whatever reason, of which there are many.
    """
    pieces, n_chars = [], 0
    try:
        for piece in _compiled(source).generate(**variables):
            pieces.append(piece)
            n_chars += len(piece)
            if n_chars > MAX_OUTPUT_CHARS:
                raise TemplateBroken(f"it wrote more than {MAX_OUTPUT_CHARS:,} characters")
        return "".join(pieces)
    except TemplateBroken:
        raise
    except Exception as error:  # a template may raise anything at all
        raise TemplateBroken(f"{type(error).__name__}: {error}"[:1000]) from error
