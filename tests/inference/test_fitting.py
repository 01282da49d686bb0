"""Prompts that fit, with templates of several kinds; one character is one token."""

from __future__ import annotations

from pathlib import Path

import pytest

from inference.engine import (
    ChatMessage,
    ContextPolicy,
    GenerateRequest,
    MessagesUnseen,
    ModelParams,
    Summary,
)
from inference.errors import ContextFull, PromptTooLong
from inference.prompt.chat_template import ChatTemplate
from inference.prompt.fitting import Fitted, PromptFitter
from inference.prompt.jinja_template import render

PLAIN = "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}"
REFUSES_SYSTEM = (
    "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}" + PLAIN
)
DROPS_SYSTEM = (
    "{% for m in messages if m.role != 'system' %}[{{ m.role }}]{{ m.content }}{% endfor %}"
)
DOUBLES_LONG = (
    "{% for m in messages %}{{ m.content }}{% if m.content|length > 9 %}{{ m.content }}{% endif %}"
    "{% endfor %}"
)
N_CTX = 1000
LIMIT = 750
"""A quarter is kept for the answer."""


def fitter(template: str) -> PromptFitter:
    made = ChatTemplate(template, "", "", "tiny", render)
    return PromptFitter(made, lambda text: list(text.encode()), len, N_CTX)


def talk(n_turns: int, length: int = 50) -> tuple[ChatMessage, ...]:
    """Turns with a question and an answer of so many characters, and a last question."""
    said = []
    for number in range(n_turns):
        text = f"{number:03}".ljust(length, "x")
        said += [ChatMessage("user", text), ChatMessage("assistant", text)]
    return (*said, ChatMessage("user", "last?"))


def fit(template: str, messages: tuple[ChatMessage, ...], **more: object) -> Fitted:
    request = GenerateRequest("1", ModelParams(Path("m")), messages, **more)  # type: ignore[arg-type]
    return fitter(template).fit(request)


def test_what_fits_is_whole() -> None:
    fitted = fit(PLAIN, talk(3))

    assert fitted.unseen is None
    assert fitted.rendered.prompt.text.startswith("[user]000x")


def test_the_oldest_turns_leave_until_half_of_the_room_is_used() -> None:
    fitted = fit(PLAIN, talk(6))

    # A turn has 50 + 6 and 50 + 11 characters: six and the question's 11 make 713, which fits.
    assert fitted.unseen is None
    fitted = fit(PLAIN, talk(7))
    # Seven make 830. Until at most 375 are left, four leave: 3 * 117 + 11 = 362.
    assert fitted.unseen == MessagesUnseen(0, 7, 4 * 117 + 4, ContextPolicy.DROP_OLDEST)
    assert fitted.rendered.prompt.text.startswith("[user]004x")
    assert len(fitted.rendered.tokens) == 362


def test_an_estimate_that_was_too_low_is_mended() -> None:
    # The frame is measured on one letter, which this template does not double.
    fitted = fit(DOUBLES_LONG, talk(7))

    assert fitted.unseen is not None
    # 200 a turn: three and the question's 5 fit into 750.
    assert len(fitted.rendered.tokens) == 3 * 200 + 5
    with pytest.raises(ContextFull) as caught:
        fit(DOUBLES_LONG, talk(7), context_policy=ContextPolicy.STOP)
    assert "1,405 tokens" in caught.value.detail


@pytest.mark.parametrize("template", [REFUSES_SYSTEM, DROPS_SYSTEM])
def test_a_template_without_system_prompts_gets_the_summary_in_the_question(template: str) -> None:
    fitted = fit(template, talk(2), summary=Summary("They met.", 2))

    assert fitted.rendered.prompt.text == (
        "[user]Summary of the earlier part of this conversation, which is not shown any more:\n"
        f"They met.\n\n{talk(2)[2].content}[assistant]{talk(2)[3].content}[user]last?"
    )
    assert fitted.unseen is not None
    assert (fitted.unseen.first, fitted.unseen.last) == (0, 1)
    assert fitted.unseen.policy is ContextPolicy.SUMMARISE


def test_more_than_the_summary_covers_is_told_as_left_out() -> None:
    summary = Summary("They met.", 2)
    fitted = fit(PLAIN, talk(9), summary=summary)

    assert fitted.unseen is not None
    assert fitted.unseen.policy is ContextPolicy.DROP_OLDEST
    assert fitted.unseen.summary == summary
    assert fitted.unseen.last > 1
    assert "They met." in fitted.rendered.prompt.text


def test_a_summary_never_covers_the_last_turn() -> None:
    fitted = fit(PLAIN, talk(1), summary=Summary("They met.", 99))

    assert fitted.unseen is not None
    assert fitted.unseen.last == 1
    assert fitted.rendered.prompt.text.endswith("[user]last?")


def test_a_summary_that_is_too_long_is_named() -> None:
    with pytest.raises(PromptTooLong) as caught:
        fit(PLAIN, talk(1), summary=Summary("x" * 990, 2))

    assert "990 of them the summary" in caught.value.detail
    assert "the summary" in caught.value.hint


def test_an_empty_summary_is_none() -> None:
    fitted = fit(PLAIN, talk(1), summary=Summary(" \n", 2))

    assert fitted.unseen is None


def test_a_block_to_summarise_is_what_leaves() -> None:
    def block(n_turns: int, policy: ContextPolicy) -> range:
        request = GenerateRequest("1", ModelParams(Path("m")), talk(n_turns), context_policy=policy)
        return fitter(PLAIN).block_to_summarise(request)

    assert not block(6, ContextPolicy.SUMMARISE)
    assert not block(7, ContextPolicy.DROP_OLDEST)
    # 125 of the 750 are for the summary, 78 for its heading and some for what stands around them:
    # about 270 may be left. Five leave, 2 * 117 + 11 = 245; with four it would be 362.
    assert block(7, ContextPolicy.SUMMARISE) == range(10)
