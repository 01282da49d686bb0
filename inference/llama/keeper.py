"""No token evaluated twice: what is in the context, what was put aside, and what takes whose place.

A context holds one sequence, the present one. It is put aside when a request comes that would drop
more of it than is worth a copy, and found again by the longest common prefix. Why copies and not
several sequences in one cache, and what they cost: docs/decisions/kv-states.md.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from inference.engine import EngineOptions, GenerateRequest, Rank
from inference.errors import EngineError
from inference.llama.model import LoadedModel
from inference.llama.prefill import Prefill
from inference.states.disk import DiskShelf
from inference.states.files import StateFile
from inference.states.kept import FEW_TOKENS, KeptState, Owner, Tokens, as_tokens, is_little, shared
from inference.states.memory import MemoryShelf, best_of
from inference.states.writer import StateWriter

log = logging.getLogger(__name__)

SAVE_AFTER_S = 10.0
"""The conversation on the screen goes to the disk after so long without a request."""


@dataclass(frozen=True, slots=True)
class _Screen:
    """The screen's conversation is the beginning of what a request of lower rank has left."""

    owner: Owner
    n_tokens: int


class StateKeeper:
    """Decides what the context holds; used by the engine's one thread."""

    def __init__(self) -> None:
        self._options = EngineOptions()
        self._memory = MemoryShelf(self._options.state_memory_bytes)
        self._writer = StateWriter(self._options.state_memory_bytes)
        self._disk: DiskShelf | None = None
        self._model: LoadedModel | None = None
        self._owner = Owner()
        self._screen: _Screen | None = None
        self._next_prompt: Callable[[], list[int]] | None = None
        self._save_at: float | None = None

    def configure(self, options: EngineOptions) -> None:
        """Take other budgets and another folder."""
        if (options.state_folder, options.state_disk_bytes) != (
            self._options.state_folder,
            self._options.state_disk_bytes,
        ):
            folder, budget = options.state_folder, options.state_disk_bytes
            self._disk = DiskShelf(folder, budget) if folder is not None and budget > 0 else None
        self._options = options
        self._share_memory()

    # One model after the other

    def attach(self, model: LoadedModel) -> None:
        """A model is loaded; its context is empty."""
        self._model = model
        self._owner = Owner()
        self._share_memory()

    def detach(self) -> None:
        """The model goes: put aside what its context holds."""
        if self._model is None:
            return
        self.put_all_aside()
        self._model = None

    def forget(self) -> None:
        """The model has lost its context, and what that held."""
        self._model = None
        self._screen = None
        self._next_prompt = None

    def put_all_aside(self) -> None:
        """Keep what the context holds; something else needs it now."""
        self._bring_screen_back()
        if self._model is not None and len(self._model.tokens) > FEW_TOKENS:
            self._keep_present()
        self._owner = Owner()
        self._next_prompt = None

    # One request after the other

    def hold(self) -> None:
        """A request runs: nothing is written meanwhile."""
        self._writer.hold()

    def release(self) -> None:
        """The request has ended."""
        self._save_at = time.monotonic() + SAVE_AFTER_S
        self._writer.release()

    def prepare(self, request: GenerateRequest, tokens: list[int]) -> int:
        """Let the context hold as much of a prompt as is known.

        Returns:
            Number of tokens that need not be evaluated; the last one always does.
        """
        model = self._loaded()
        owner = Owner(request.conversation, request.rank, request.is_private)
        prompt = as_tokens(tokens)
        self._next_prompt = None
        if owner.rank is Rank.SCREEN:
            self._end_prefix()
        found = self._found(prompt, model.sequence.usable(prompt) + FEW_TOKENS)
        if owner.rank is Rank.BACKGROUND:
            self._protect_screen(prompt, stays=found is None)
        if isinstance(found, KeptState) and _gives_way(found, prompt, owner):
            self._memory.take(found)  # before its place is needed
        self._put_aside(prompt, owner)
        if found is not None:
            self._take_over(found)
        n_reused = model.sequence.cut(model.sequence.usable(prompt))
        if owner.rank is Rank.SCREEN:
            self._unpin()
        self._owner = owner
        model.sequence.take_checkpoint()
        return n_reused

    def expect(self, next_prompt: Callable[[], list[int]]) -> None:
        """Say with what the next turn's prompt will begin; evaluated when there is time."""
        self._next_prompt = next_prompt

    # Between two requests

    def rest(self, is_wanted: Callable[[], bool]) -> float | None:
        """Use the time until the next request; see `LlamaEngine.rest`."""
        if self._model is None:
            return None
        self._bring_screen_back()
        self._evaluate_expected(is_wanted)
        if self._save_at is None or is_wanted():
            return None
        wait_s = self._save_at - time.monotonic()
        if wait_s > 0:
            return wait_s
        self._save_at = None
        self._save_screen()
        return None

    def save_all(self) -> bool:
        """Hand what the context holds to the writer; returns whether anything is to be written."""
        if self._model is not None:
            self._bring_screen_back()
            self._save_screen()
        return bool(self._writer.waiting)

    def finish(self, timeout_s: float) -> bool:
        """Write what waits, for so long; returns whether all is written."""
        return self._writer.finish(timeout_s)

    def _loaded(self) -> LoadedModel:
        assert self._model is not None, "no model is loaded"
        return self._model

    def _share_memory(self) -> None:
        """Divide the budget: a model that needs checkpoints has half of it for them."""
        budget = self._options.state_memory_bytes
        self._writer.set_budget(budget)
        if self._model is not None and not self._model.sequence.can_be_cut:
            self._model.sequence.checkpoint_bytes = budget // 2
            budget -= budget // 2
        self._memory.set_budget(budget)

    # Finding

    def _found(self, prompt: Tokens, more_than: int) -> KeptState | StateFile | None:
        """The kept state of which the prompt can use most, if that is more than so many tokens."""
        name = self._loaded().fingerprint
        kept, n_kept = best_of((*self._memory.states, *self._writer.waiting), name, prompt)
        if self._disk is not None:
            file, n_file = self._disk.best(name, prompt)
            if n_file > max(n_kept + FEW_TOKENS, more_than):
                return file
        return kept if n_kept > more_than else None

    def _take_over(self, found: KeptState | StateFile) -> None:
        """Let the context hold a kept state; a damaged one leaves it as it is."""
        state = found
        if isinstance(state, StateFile):
            assert self._disk is not None
            read = self._disk.read(state)
            if read is None:
                return
            state = read
        if not self._loaded().sequence.write(state.tokens, state.data, state.checkpoints):
            log.warning("llama.cpp does not take back a kept state; evaluating anew")
            self._memory.take(state)
            if isinstance(found, StateFile) and self._disk is not None:
                self._disk.discard(found, "llama.cpp refuses it")
        else:
            self._memory.use(state)

    # Putting aside

    def _put_aside(self, prompt: Tokens, owner: Owner) -> None:
        """Keep the present sequence, if the prompt drops more of it than is worth a copy."""
        held = as_tokens(self._loaded().tokens)
        n_lost = len(held) - shared(held, prompt)
        is_same = owner.conversation != "" and owner.conversation == self._owner.conversation
        if not is_little(n_lost, len(held), is_same=is_same):
            self._keep_present()

    def _keep_present(self) -> None:
        if self._owner.rank is Rank.BACKGROUND and not self._owner.conversation:
            return
        state = self._copy_of_present()
        if state is not None:
            self._memory.put(state)
            self._write_out(state)

    def _copy_of_present(self) -> KeptState | None:
        model = self._loaded()
        data = model.sequence.read()
        if data is None:
            log.info("memory has no room to put %d tokens aside", len(model.tokens))
            return None
        return KeptState(
            fingerprint=model.fingerprint,
            tokens=as_tokens(model.tokens),
            data=data,
            checkpoints=tuple(model.sequence.checkpoints),
            can_be_cut=model.sequence.can_be_cut,
            owner=self._owner,
        )

    def _write_out(self, state: KeptState) -> None:
        may_go = not state.owner.is_private and state.owner.rank is Rank.SCREEN
        if self._disk is not None and may_go:
            self._writer.put(self._disk, state)

    def _save_screen(self) -> None:
        """Write the present sequence, unless the disk has nearly all of it."""
        model, owner = self._loaded(), self._owner
        if self._disk is None or owner.is_private or owner.rank is not Rank.SCREEN:
            return
        whole = np.append(as_tokens(model.tokens), np.int32(0))  # the last one is never counted
        _, n_known = best_of(self._writer.waiting, model.fingerprint, whole)
        _, n_on_disk = self._disk.best(model.fingerprint, whole)
        if len(model.tokens) - max(n_known, n_on_disk) <= FEW_TOKENS:
            return
        state = self._copy_of_present()
        if state is not None:
            self._write_out(state)

    # The conversation on the screen

    def _protect_screen(self, prompt: Tokens, *, stays: bool) -> None:
        """Before a request of lower rank: let the screen's sequence come back unharmed.

        Where the request only goes on behind it, nothing needs to be copied.
        """
        sequence = self._loaded().sequence
        if self._screen is not None and not (
            stays and sequence.usable(prompt) >= self._screen.n_tokens
        ):
            self._end_prefix()
        if self._owner.rank is not Rank.SCREEN or not sequence.tokens:
            return
        n_tokens = len(sequence.tokens)
        if stays and sequence.can_be_cut and sequence.usable(prompt) == n_tokens:
            self._screen = _Screen(self._owner, n_tokens)
            return
        self._memory.pinned = self._copy_of_present()
        self._owner = Owner()
        if self._memory.pinned is None:
            log.warning("memory has no room for the conversation on the screen")

    def _unpin(self) -> None:
        """Another conversation is on the screen now."""
        state = self._memory.pinned
        if state is not None:
            self._memory.unpin()
            self._write_out(state)

    def _end_prefix(self) -> None:
        """Cut off what a request of lower rank has added to the screen's sequence."""
        if self._screen is not None:
            self._loaded().sequence.cut(self._screen.n_tokens)
            self._owner = self._screen.owner
            self._screen = None

    def _bring_screen_back(self) -> None:
        """After a request of lower rank: let the context hold the screen's sequence again."""
        self._end_prefix()
        state = self._memory.pinned
        if state is None or self._model is None:
            return
        self._keep_present()
        self._memory.pinned = None
        if self._model.sequence.write(state.tokens, state.data, state.checkpoints):
            self._owner = state.owner

    # The next turn

    def _evaluate_expected(self, is_wanted: Callable[[], bool]) -> None:
        """Evaluate what the next prompt will have in place of what the context holds."""
        expected, self._next_prompt = self._next_prompt, None
        if expected is None or not self._options.prepares_next_turn or is_wanted():
            return
        model = self._loaded()
        try:
            tokens = expected()
        except EngineError as error:
            log.info("the next prompt is not known: %s", error)
            return
        held, beginning = as_tokens(model.tokens), as_tokens([*tokens, 0])
        fits = len(tokens) < model.info.n_ctx
        if not fits or shared(held, beginning) in (len(held), len(tokens)):
            return
        n_done = model.sequence.cut(model.sequence.usable(beginning))
        for _ in Prefill(is_wanted).run(model, tokens, n_done):
            pass


def _gives_way(state: KeptState, prompt: Tokens, owner: Owner) -> bool:
    """Whether a kept state need not be kept once the context holds what a prompt uses of it."""
    if owner.rank is Rank.BACKGROUND and state.owner.rank is Rank.SCREEN:
        return False
    n_lost = len(state.tokens) - shared(state.tokens, prompt)
    return is_little(n_lost, len(state.tokens), is_same=False)
