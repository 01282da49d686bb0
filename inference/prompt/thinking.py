"""How families of models mark their thinking, and what closes or skips it.

Sources: chat templates of DeepSeek-R1, Qwen3, gpt-oss and Ministral-3-Reasoning (models/templates/
of llama.cpp, as of llama-cpp-python 0.3.36).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ThinkingTags:
    """The marks of one family.

    Args:
        open: Thinking begins behind it.
        close: Thinking ends before it.
        opening: What is written to make the model think, or to continue its thinking.
        closing: What is written behind thinking so that the answer begins.
        skipped: What is written in place of thinking.
        markers: The texts that may be control tokens, which otherwise would leave no text.
        are_channels: The answer has a mark of its own; see `channel_text`.
    """

    open: str
    close: str
    opening: str
    closing: str
    skipped: str
    markers: tuple[str, ...]
    are_channels: bool = False


THINK = ThinkingTags(
    open="<think>",
    close="</think>",
    opening="<think>\n",
    closing="\n</think>\n\n",
    skipped="<think>\n\n</think>\n\n",
    markers=("<think>", "</think>"),
)
MISTRAL = ThinkingTags(
    open="[THINK]",
    close="[/THINK]",
    opening="[THINK]",
    closing="[/THINK]",
    skipped="[THINK][/THINK]",
    markers=("[THINK]", "[/THINK]"),
)
CHANNELS = ThinkingTags(
    open="<|channel|>analysis<|message|>",
    close="<|end|>",
    opening="<|channel|>analysis<|message|>",
    closing="<|end|><|start|>assistant<|channel|>final<|message|>",
    skipped="<|channel|>final<|message|>",
    markers=("<|start|>", "<|channel|>", "<|constrain|>", "<|message|>", "<|end|>"),
    are_channels=True,
)


def tags_of(template: str) -> ThinkingTags:
    """The family of a chat template."""
    if "<|channel|>" in template and "<|message|>" in template:
        return CHANNELS
    return MISTRAL if MISTRAL.open in template else THINK


def knows_thinking(template: str, tags: ThinkingTags) -> bool:
    """Whether a template speaks of thinking at all."""
    return tags.are_channels or tags.close in template


def can_think(template: str) -> bool:
    """Whether a model with this chat template can be asked to think."""
    tags = tags_of(template)
    return knows_thinking(template, tags) or tags.open in template
