"""What is said where a prompt does not fit the context."""

from __future__ import annotations

from inference.errors import ContextFull, PromptTooLong
from inference.prompt.context_window import MIN_ANSWER_TOKENS


def context_full(n_tokens: int, n_ctx: int, n_answer: int) -> ContextFull:
    """Messages would have to be left out, which is not wanted.

    Args:
        n_tokens: Of the conversation.
        n_ctx: What the context holds.
        n_answer: What of it is kept for the answer.
    """
    return ContextFull(
        "The context is full",
        f"The conversation has {n_tokens:,} tokens; the context holds {n_ctx:,}, of which "
        f"{n_answer:,} are kept for the answer.",
        "Let the oldest messages be left out or summarised, use a longer context, or start a "
        "new conversation.",
    )


def prompt_too_long(n_tokens: int, n_summary: int, n_ctx: int) -> PromptTooLong:
    """The least that the prompt can be is too long.

    Args:
        n_tokens: Of system prompt, summary and last turn.
        n_summary: Of the summary alone; 0 where there is none.
        n_ctx: What the context holds.
    """
    of_these = f", {n_summary:,} of them the summary" if n_summary else ""
    what = "the summary or the message" if n_summary else "the message"
    return PromptTooLong(
        "This message is too long for the model",
        f"With the system prompt it has {n_tokens:,} tokens{of_these}; the context holds "
        f"{n_ctx:,}, of which {MIN_ANSWER_TOKENS} are kept for the answer.",
        f"Shorten {what}, or use a longer context.",
    )
