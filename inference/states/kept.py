"""A KV state that was put aside, and how much of it a prompt can use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.engine import Rank

Tokens = npt.NDArray[np.int32]
"""Token ids, (n_tokens,)."""
Bytes = npt.NDArray[np.uint8]
"""What llama.cpp wrote, (n_bytes,)."""

FEW_TOKENS = 32
"""Evaluated again rather than kept: within what a turn may cost beside its new tokens."""
MANY_TOKENS = 512
"""A branch of a conversation that has gone on elsewhere is kept if it is longer, and longer than
half of it: an answer that was asked for again is not."""


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """The part of a state that cannot be cut, as it was behind `n_tokens` tokens."""

    n_tokens: int
    data: Bytes


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose tokens they are; see `GenerateRequest` for the fields."""

    conversation: str = ""
    rank: Rank = Rank.BACKGROUND
    is_private: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class KeptState:
    """A whole sequence: its tokens and all that the model needs to go on behind them.

    Args:
        fingerprint: Of model, context and engine; it is useless to any other.
        tokens: What was evaluated.
        data: The sequence as llama.cpp writes it.
        checkpoints: Where it can be cut back to; unused where `can_be_cut`.
        can_be_cut: Whether it can be cut back to any length.
        owner: Whose it is.
    """

    fingerprint: str
    tokens: Tokens
    data: Bytes
    checkpoints: tuple[Checkpoint, ...]
    can_be_cut: bool
    owner: Owner

    @property
    def n_bytes(self) -> int:
        """Memory that it takes."""
        parts = (self.data, *(checkpoint.data for checkpoint in self.checkpoints))
        return self.tokens.nbytes + sum(part.nbytes for part in parts)

    def usable(self, prompt: Tokens) -> int:
        """Tokens of this state that the prompt can use."""
        positions = (checkpoint.n_tokens for checkpoint in self.checkpoints)
        return usable_tokens(self.tokens, prompt, positions, can_be_cut=self.can_be_cut)

    def replaces(self, other: KeptState) -> bool:
        """Whether too little would be lost without the other to keep both."""
        is_of_model = other.fingerprint == self.fingerprint
        return is_of_model and self.covers(other.tokens, other.owner.conversation)

    def covers(self, tokens: Tokens, conversation: str) -> bool:
        """Whether nearly all of another state of the same model is in this one."""
        is_same = conversation != "" and conversation == self.owner.conversation
        return is_little(len(tokens) - shared(tokens, self.tokens), len(tokens), is_same=is_same)

    def holds(self, other: KeptState) -> bool:
        """Whether whoever needs the other is served by this one as well."""
        n_other = len(other.tokens)
        if self.fingerprint != other.fingerprint or shared(self.tokens, other.tokens) < n_other:
            return False
        return (
            self.can_be_cut
            or n_other == len(self.tokens)
            or any(checkpoint.n_tokens == n_other for checkpoint in self.checkpoints)
        )


def is_little(n_lost: int, n_held: int, *, is_same: bool) -> bool:
    """Whether so many of the held tokens can go without a copy.

    Args:
        n_lost: Tokens that nothing else holds.
        n_held: Tokens of the state.
        is_same: Whether they give way to another branch of the same conversation.
    """
    return n_lost <= (max(MANY_TOKENS, n_held // 2) if is_same else FEW_TOKENS)


def as_tokens(tokens: Sequence[int]) -> Tokens:
    """Token ids as an array."""
    return np.asarray(tokens, dtype=np.int32)


def shared(first: Tokens, second: Tokens) -> int:
    """Length of the longest common prefix."""
    n = min(len(first), len(second))
    differing = np.flatnonzero(first[:n] != second[:n])
    return int(differing[0]) if differing.size else n


def usable_tokens(
    held: Tokens, prompt: Tokens, checkpoints: Iterable[int], *, can_be_cut: bool
) -> int:
    """How many tokens of a sequence remain when it is cut back to what a prompt shares with it.

    The prompt's last token is never among them: its logits are needed, so it is evaluated again.
    """
    n_shared = shared(held, prompt[:-1])
    if can_be_cut or n_shared == len(held):
        return n_shared
    return max((n_tokens for n_tokens in checkpoints if n_tokens <= n_shared), default=0)
