"""A loaded model with its context: tokens in and out, and what the KV cache holds."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from dataclasses import dataclass

import llama_cpp.llama_cpp as llama

from inference.engine import Loaded, ModelParams
from inference.errors import DecodeFailed, ModelLoadFailed
from inference.gguf_header import GgufHeader
from inference.llama.native_adapters import NativeAdapters
from inference.llama.projector import Projector
from inference.llama.sequence import KvSequence
from inference.llama.tokenizing import tokenized
from inference.llama.watch import ABORTED, Watch
from inference.prompt.chat_template import ChatTemplate, Renderer
from inference.prompt.fitting import PromptFitter
from inference.prompt.picture_marks import parts
from inference.sampling import defaults_of
from inference.states.kept import as_tokens

NO_KV_SLOT = 1
SLOW_TOKEN_S = 0.1
"""A stop is to take effect within 0.3 s; tokens that take less than this need no watching."""


@dataclass(frozen=True, slots=True)
class NativeModel:
    """llama.cpp's handles of a model and a context, and what the context was made with."""

    model: int
    context: int
    params: llama.llama_context_params
    adapters: NativeAdapters
    projector: Projector | None = None


class LoadedModel:
    """A loaded model with its context; `sequence` is what the KV cache holds."""

    def __init__(
        self,
        params: ModelParams,
        header: GgufHeader,
        native: NativeModel,
        info: Loaded,
        renderer: Renderer,
        is_cancelled: Callable[[], bool],
        fingerprint: str,
    ) -> None:
        self.params = params
        self.fingerprint = fingerprint
        self.info = info
        self.context = native.context
        self.context_params = native.params
        self._adapters = native.adapters
        self._model = model = native.model
        self.projector = native.projector
        is_recurrent = llama.llama_model_is_recurrent(model) or llama.llama_model_is_hybrid(model)
        self.watch = Watch(self.context, is_cancelled, can_be_cut=not is_recurrent)
        self._is_slow = True  # until a token shows that it is not
        self.vocab = llama.llama_model_get_vocab(model)
        self.n_vocab: int = llama.llama_vocab_n_tokens(self.vocab)
        self.sequence = KvSequence(model, self.context)
        self.tokens = self.sequence.tokens
        self.sampler_defaults = defaults_of(header)
        self._piece_buffer = ctypes.create_string_buffer(512)
        self._one = (llama.llama_token * 1)()
        self._one_batch = llama.llama_batch_get_one(self._one, 1)
        self._one_position = (llama.llama_pos * 1)()
        self._tells_positions = self.projector is not None and self.projector.has_two_dimensions
        if self._tells_positions:  # llama.cpp cannot guess what follows a picture there
            self._one_batch.pos = self._one_position
        self.bos_text = self._special_text(llama.llama_vocab_bos(self.vocab))
        self.template = ChatTemplate(
            header.text("tokenizer.chat_template"),
            self.bos_text,
            self._special_text(llama.llama_vocab_eos(self.vocab)),
            params.path.name,
            renderer,
        )
        self.fitter = PromptFitter(self.template, self.tokenize, self._count, info.n_ctx)
        self._markers = self._marker_tokens()

    def close(self) -> None:
        """Free context and model."""
        if self.projector is not None:
            self.projector.close()
        llama.llama_free(self.context)
        llama.llama_model_free(self._model)

    def make_context_anew(self) -> None:
        """Make the context by `context_params` again; what the KV cache holds moves, if it can.

        Raises:
            ModelLoadFailed: It could not be made; nothing can be done with the model but close it.
        """
        held, checkpoints = as_tokens(self.tokens), tuple(self.sequence.checkpoints)
        data = self.sequence.read()
        llama.llama_free(self.context)
        self.context = llama.llama_init_from_model(self._model, self.context_params)
        if not self.context:
            raise ModelLoadFailed(
                "The model's context could not be made anew",
                f"{self.params.path.name} with {self.info.n_ctx:,} tokens.",
                "Try again, or choose a shorter context.",
            )
        self._adapters.set_on(self.context)
        self.watch = self.watch.on_context(self.context)
        self.sequence.move_to(self.context)
        if data is not None:
            self.sequence.write(held, data, checkpoints)

    def _special_text(self, token: int) -> str:
        if token < 0:
            return ""
        return str(llama.llama_vocab_get_text(self.vocab, token).decode("utf-8", "replace"))

    def _marker_tokens(self) -> dict[int, bytes]:
        """The tokens of marks around thinking and calls of tools, which may be control tokens."""
        found = {}
        family = self.template.tool_family
        of_tools = family.markers if family else ()
        for text in (*self.template.tags.markers, *of_tools):
            tokens = self.tokenize_part(text, parse_special=True)
            if len(tokens) == 1:
                found[tokens[0]] = text.encode()
        return found

    @property
    def opening_token(self) -> int | None:
        """The token that opens thinking, where it is a single one."""
        opening = self.template.tags.open.encode()
        return next((token for token, text in self._markers.items() if text == opening), None)

    def tokenize(self, text: str) -> list[int]:
        """Token ids of a rendered prompt; BOS is added unless the template wrote it."""
        add_special = not (self.bos_text and text.startswith(self.bos_text))
        tokens = self._with_pictures(text, add_special)
        if tokens and tokens[-1] < 0:  # what comes next is drawn behind words only
            tokens += self.tokenize_part("\n", parse_special=False)
        return tokens

    def tokenize_part(self, text: str, *, parse_special: bool) -> list[int]:
        """Token ids of a text in the middle of a sequence."""
        ids = tokenized(self.vocab, text, add_special=False, parse_special=parse_special)
        return list(ids.tolist())

    def _count(self, text: str) -> int:
        return len(self._with_pictures(text, add_special=False))

    def _with_pictures(self, text: str, add_special: bool) -> list[int]:
        """Token ids of a text, and of pictures where their marks stand."""
        tokens: list[int] = []
        for index, (words, picture) in enumerate(parts(text)):
            is_first = index == 0
            if words or is_first:
                special = add_special and is_first
                ids = tokenized(self.vocab, words, add_special=special, parse_special=True)
                tokens += ids.tolist()
            if picture and self.projector is not None:
                tokens += self.projector.tokens(picture)
        return tokens

    def picture_length(self, token: int) -> int:
        """How many tokens the piece of a picture has that begins with this id."""
        assert self.projector is not None, "a token below zero stands for a picture"
        return self.projector.length(token)

    def piece(self, token: int) -> bytes:
        """The bytes a token stands for; of control tokens, only markers stand for something."""
        if token in self._markers:
            return self._markers[token]
        length = llama.llama_token_to_piece(
            self.vocab, token, self._piece_buffer, len(self._piece_buffer), 0, False
        )
        if length < 0:
            self._piece_buffer = ctypes.create_string_buffer(-length)
            return self.piece(token)
        return self._piece_buffer.raw[:length]

    def keep_prefix(self, prompt: list[int]) -> int:
        """Cut the KV cache back to what it shares with the prompt.

        Returns:
            Number of tokens kept; at least the last one of the prompt is always left to evaluate,
            since its logits are needed.
        """
        return self.sequence.cut(self.sequence.usable(as_tokens(prompt)))

    def evaluate(self, tokens: list[int]) -> bool:
        """Evaluate tokens behind what the KV cache holds: words, or one piece of a picture.

        Returns:
            False if the abort callback ended it; the KV cache then holds no part of `tokens`, and
            in a recurrent model it may be back at a checkpoint.

        Raises:
            DecodeFailed: llama.cpp refused the batch; likewise.
        """
        if tokens[0] < 0:
            status = self._evaluate_picture(tokens[0])
        elif len(tokens) == 1:
            status = self._evaluate_one(tokens[0])
        else:
            status = self._evaluate_words(tokens)
        if status == 0:
            self.tokens += tokens
            return True
        self.sequence.drop_unfinished()
        if status == ABORTED:
            return False
        reason = "no room in the KV cache" if status == NO_KV_SLOT else f"error {status}"
        raise DecodeFailed(
            "The model could not go on",
            f"llama_decode: {reason} at {len(self.tokens):,} of {self.info.n_ctx:,} tokens.",
            "Try again, or start a new conversation.",
        )

    def _evaluate_words(self, tokens: list[int]) -> int:
        n = len(tokens)
        ids = (llama.llama_token * n)(*tokens)  # llama.cpp only borrows it
        batch = llama.llama_batch_get_one(ids, n)
        if self._tells_positions:
            start = self.sequence.position(len(self.tokens))
            batch.pos = (llama.llama_pos * n)(*range(start, start + n))
        return int(llama.llama_decode(self.context, batch))

    def _evaluate_picture(self, first: int) -> int:
        assert self.projector is not None, "a token below zero stands for a picture"
        return self.projector.evaluate(
            self.context,
            first,
            self.sequence.position(len(self.tokens)),
            self.params.step_tokens,
            self.watch.is_stopped,
        )

    def _evaluate_one(self, token: int) -> int:
        """Of slow tokens even one can be stopped in its middle."""
        self._one[0] = token
        if self._tells_positions:
            self._one_position[0] = self.sequence.position(len(self.tokens))
        began = time.perf_counter()
        if self._is_slow:
            with self.watch.on():
                status = llama.llama_decode(self.context, self._one_batch)
        else:
            status = llama.llama_decode(self.context, self._one_batch)
        self._is_slow = time.perf_counter() - began > SLOW_TOKEN_S
        return int(status)

    def synchronize(self) -> None:
        """Wait until the device has done what it was given."""
        llama.llama_synchronize(self.context)
