"""Runs models with llama.cpp, on its low-level API: the engine inside the engine's process.

It owns loading, the KV cache, the decode loop and the sampler chain. It leaves to others the pipe
(`child`), prompts (`chat_template`), and taking replies apart (`reply_text`). This is the only
module that imports `llama_cpp`; it must never be imported by the window's process.
"""

from __future__ import annotations

import ctypes
import os
import queue
import sys
import threading
import time
from collections import deque
from collections.abc import Generator, Iterator
from pathlib import Path

import llama_cpp.llama_cpp as llama

from inference.chat_template import CHATML_STOP, ChatTemplate
from inference.devices import Devices
from inference.engine import (
    Event,
    Finished,
    FinishReason,
    GenerateRequest,
    Loaded,
    LoadProgress,
    ModelParams,
    PrefillProgress,
    Request,
    Sampling,
)
from inference.errors import DecodeFailed, ModelLoadFailed, PromptTooLong, UnknownArchitecture
from inference.gguf_header import GgufHeader, read_header
from inference.memory import check_fits, choose_n_ctx, estimate
from inference.reply_text import ReplyText
from inference.sampling import SamplerSettings, defaults_of, settled
from inference.threads import default_n_threads

N_BATCH = 512
"""Tokens of one prefill step: between two steps progress is told and a cancel is seen."""
MIN_ANSWER_TOKENS = 32
PENALTY_LAST_N = 64
LOG_LINES = 200
LOG_LEVEL_DEBUG = 1
ABORTED = 2
"""What `llama_decode` returns when the abort callback said so."""
NO_KV_SLOT = 1


class _NativeLog:
    """The last lines llama.cpp logged, which are the only place where it explains a failure."""

    def __init__(self) -> None:
        self.lines: deque[str] = deque(maxlen=LOG_LINES)
        self._partial = ""
        self._callback = llama.llama_log_callback(self._on_text)
        llama.llama_log_set(self._callback, ctypes.c_void_p(0))

    def _on_text(self, level: int, text: bytes, _user_data: object) -> None:
        if level == LOG_LEVEL_DEBUG:
            return
        *whole, self._partial = (self._partial + text.decode("utf-8", "replace")).split("\n")
        for line in whole:
            self.lines.append(line)
            print(line, file=sys.stderr)  # noqa: T201  (stderr is the engine's log)

    def explanation(self) -> str:
        """The first line that speaks of an error, else the last one."""
        telling = (line for line in self.lines if "error" in line.lower())
        return next(telling, self.lines[-1] if self.lines else "it logged nothing").strip()


class _Sampler:
    """One C sampler chain, freed with the request."""

    def __init__(self, settings: SamplerSettings, seed: int | None, n_vocab: int) -> None:
        self.chain = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
        drawn = seed if seed is not None else int.from_bytes(os.urandom(4))
        for link in self._links(settings, drawn & 0xFFFFFFFF, n_vocab):
            llama.llama_sampler_chain_add(self.chain, link)

    @staticmethod
    def _links(sampling: SamplerSettings, seed: int, n_vocab: int) -> Iterator[int]:
        if sampling.repeat_penalty != 1.0:
            yield llama.llama_sampler_init_penalties(
                n_vocab, PENALTY_LAST_N, sampling.repeat_penalty, 0.0, 0.0
            )
        if sampling.temperature <= 0:
            yield llama.llama_sampler_init_greedy()
            return
        if sampling.top_k > 0:
            yield llama.llama_sampler_init_top_k(sampling.top_k)
        if sampling.top_p < 1:
            yield llama.llama_sampler_init_top_p(sampling.top_p, 1)
        if sampling.min_p > 0:
            yield llama.llama_sampler_init_min_p(sampling.min_p, 1)
        yield llama.llama_sampler_init_temp(sampling.temperature)
        yield llama.llama_sampler_init_dist(seed)

    def close(self) -> None:
        llama.llama_sampler_free(self.chain)


class _Model:
    """A loaded model with its context; `tokens` is what the KV cache holds, in order."""

    def __init__(
        self, params: ModelParams, header: GgufHeader, model: int, context: int, info: Loaded
    ) -> None:
        self.params = params
        self.info = info
        self.context = context
        self._model = model
        self.vocab = llama.llama_model_get_vocab(model)
        self.n_vocab: int = llama.llama_vocab_n_tokens(self.vocab)
        self.tokens: list[int] = []
        self.sampler_defaults = defaults_of(header)
        self._piece_buffer = ctypes.create_string_buffer(512)
        self._one = (llama.llama_token * 1)()
        self._one_batch = llama.llama_batch_get_one(self._one, 1)
        self.bos_text = self._special_text(llama.llama_vocab_bos(self.vocab))
        self.template = ChatTemplate(
            header.text("tokenizer.chat_template"),
            self.bos_text,
            self._special_text(llama.llama_vocab_eos(self.vocab)),
            params.path.name,
        )

    def close(self) -> None:
        llama.llama_free(self.context)
        llama.llama_model_free(self._model)

    def _special_text(self, token: int) -> str:
        if token < 0:
            return ""
        return str(llama.llama_vocab_get_text(self.vocab, token).decode("utf-8", "replace"))

    def tokenize(self, text: str) -> list[int]:
        """Token ids of a rendered prompt; BOS is added unless the template wrote it."""
        add_special = not (self.bos_text and text.startswith(self.bos_text))
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        ids = (llama.llama_token * room)()
        count = llama.llama_tokenize(self.vocab, data, len(data), ids, room, add_special, True)
        if count < 0:
            raise DecodeFailed(
                "The prompt could not be tokenized",
                f"{len(data):,} bytes gave {-count:,} tokens, more than one a byte.",
                "Choose another model.",
            )
        return list(ids[:count])

    def piece(self, token: int) -> bytes:
        """The bytes a token stands for; control tokens stand for nothing."""
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
        shared = 0
        for held, wanted in zip(self.tokens, prompt[:-1], strict=False):
            if held != wanted:
                break
            shared += 1
        memory = llama.llama_get_memory(self.context)
        if shared < len(self.tokens) and not llama.llama_memory_seq_rm(memory, 0, shared, -1):
            shared = 0  # a memory that cannot be cut: recurrent and hybrid models
        if shared == 0:
            llama.llama_memory_clear(memory, True)
        del self.tokens[shared:]
        return shared

    def evaluate(self, tokens: list[int]) -> bool:
        """Evaluate tokens behind what the KV cache holds.

        Returns:
            False if the abort callback ended it; the KV cache then holds no part of `tokens`.

        Raises:
            DecodeFailed: llama.cpp refused the batch; likewise.
        """
        if len(tokens) == 1:
            self._one[0] = tokens[0]
            status = llama.llama_decode(self.context, self._one_batch)
        else:
            ids = (llama.llama_token * len(tokens))(*tokens)
            status = llama.llama_decode(self.context, llama.llama_batch_get_one(ids, len(tokens)))
        if status == 0:
            self.tokens += tokens
            return True
        self._drop_beyond_tokens()
        if status == ABORTED:
            return False
        reason = "no room in the KV cache" if status == NO_KV_SLOT else f"error {status}"
        raise DecodeFailed(
            "The model could not go on",
            f"llama_decode: {reason} at {len(self.tokens):,} of {self.info.n_ctx:,} tokens.",
            "Try again, or start a new conversation.",
        )

    def _drop_beyond_tokens(self) -> None:
        memory = llama.llama_get_memory(self.context)
        if not llama.llama_memory_seq_rm(memory, 0, len(self.tokens), -1):
            llama.llama_memory_clear(memory, True)
            self.tokens.clear()


class LlamaEngine:
    """The engine of this process. Implements `inference.engine.Engine`; run it from one thread."""

    def __init__(self) -> None:
        self._log = _NativeLog()
        llama.llama_backend_init()
        self._devices = Devices(llama._lib, Path(llama.__file__).parent / "lib")
        self._model: _Model | None = None
        self._cancelled_id = ""
        self._running_id = ""
        self._abort_callback = llama.ggml_abort_callback(lambda _data: self._is_cancelled())
        self._no_abort_callback = llama.ggml_abort_callback()

    def run(self, request: Request) -> Iterator[Event]:
        """Carry out one request; see `Engine.run`."""
        self._running_id = request.id
        loaded_before = self._model.params if self._model is not None else None
        try:
            yield from self._load(request.model)
            if self._model is None or self._model.params != request.model:
                yield _cancelled_before_prefill()
            elif isinstance(request, GenerateRequest):
                yield from self._generate(self._model, request)
            elif request.model == loaded_before:
                yield self._model.info
        finally:
            self._running_id = ""

    def cancel(self, request_id: str) -> None:
        """End a request soon; see `Engine.cancel`."""
        self._cancelled_id = request_id

    def close(self) -> None:
        """Free the model; see `Engine.close`."""
        if self._model is not None:
            self._model.close()
            self._model = None

    def _is_cancelled(self) -> bool:
        return self._cancelled_id == self._running_id

    # Loading

    def _load(self, params: ModelParams) -> Iterator[Event]:
        """Make `params` the loaded model; after a cancel it is not, and nothing is loaded."""
        if self._model is not None and self._model.params == params:
            return
        header = read_header(params.path)
        n_ctx = choose_n_ctx(header, params.n_ctx)
        self.close()
        check_fits(header, estimate(header, n_ctx, N_BATCH), self._devices.free_bytes())
        self._log.lines.clear()  # what follows is about this model alone
        progress: queue.SimpleQueue[float | None] = queue.SimpleQueue()
        result: list[int] = []
        thread = threading.Thread(
            target=self._load_weights, args=(params, progress, result), name="load", daemon=True
        )
        thread.start()
        while (fraction := progress.get()) is not None:
            yield LoadProgress(fraction)
        thread.join()
        if self._is_cancelled():
            if result:
                llama.llama_model_free(result[0])
            return
        if not result:
            raise self._load_failure(header)
        self._model = self._with_context(params, header, result[0], n_ctx)
        yield self._model.info

    def _load_weights(
        self,
        params: ModelParams,
        progress: queue.SimpleQueue[float | None],
        result: list[int],
    ) -> None:
        told = -1.0

        def on_progress(fraction: float, _user_data: object) -> bool:
            nonlocal told
            if fraction - told >= 0.01 or fraction >= 1:
                told = fraction
                progress.put(fraction)
            return not self._is_cancelled()

        native = llama.llama_model_default_params()
        native.n_gpu_layers = params.n_gpu_layers
        native.progress_callback = llama.llama_progress_callback(on_progress)
        try:
            model = llama.llama_model_load_from_file(os.fsencode(params.path), native)
            if model:
                result.append(model)
        finally:
            progress.put(None)

    def _load_failure(self, header: GgufHeader) -> ModelLoadFailed | UnknownArchitecture:
        words = self._log.explanation()
        if any("unknown model architecture" in line for line in self._log.lines):
            return UnknownArchitecture(
                "This model's architecture is not supported",
                f"{header.path.name} is of architecture '{header.architecture}', which this build "
                "of llama.cpp does not know.",
                "Choose another model, or update Conclave.",
            )
        return ModelLoadFailed(
            "The model could not be loaded",
            f"{header.path.name}: {words}",
            "Choose another model, or download this one again.",
        )

    def _with_context(
        self, params: ModelParams, header: GgufHeader, model: int, n_ctx: int
    ) -> _Model:
        native = llama.llama_context_default_params()
        native.n_ctx = n_ctx
        native.n_batch = native.n_ubatch = N_BATCH
        native.n_threads = native.n_threads_batch = params.n_threads or default_n_threads()
        native.no_perf = True
        context = llama.llama_init_from_model(model, native)
        if not context:
            llama.llama_model_free(model)
            raise ModelLoadFailed(
                "The model's context could not be made",
                f"{header.path.name} with {n_ctx:,} tokens: {self._log.explanation()}",
                "Choose a shorter context or a smaller model.",
            )
        info = Loaded(
            name=header.text("general.name") or params.path.stem,
            architecture=header.architecture,
            n_params=llama.llama_model_n_params(model),
            size_bytes=header.tensor_bytes,
            n_ctx=llama.llama_n_ctx(context),
            n_ctx_train=llama.llama_model_n_ctx_train(model),
            n_threads=native.n_threads,
            device=self._devices.describe(),
        )
        try:
            return _Model(params, header, model, context, info)
        except Exception:
            llama.llama_free(context)
            llama.llama_model_free(model)
            raise

    # Generating

    def _generate(self, model: _Model, request: GenerateRequest) -> Iterator[Event]:
        prompt = model.template.render(request.messages, request.continue_last)
        tokens = model.tokenize(prompt.text)
        _check_length(len(tokens), model.info.n_ctx)
        began = time.perf_counter()
        n_reused = model.keep_prefix(tokens)
        whole = yield from self._prefill(model, tokens, n_reused)
        prefilled = time.perf_counter()
        reply = ReplyText(
            in_thinking=prompt.in_thinking,
            at_start=prompt.at_start,
            stop_strings=(CHATML_STOP,) if model.template.is_fallback else (),
        )
        n_out, reason = 0, FinishReason.CANCELLED
        if whole:
            n_out, reason = yield from self._decode(model, request.sampling, reply)
        yield Finished(
            reason=reason,
            tokens_in=len(tokens),
            tokens_out=n_out,
            tokens_reused=n_reused,
            prefill_ms=(prefilled - began) * 1000,
            decode_ms=(time.perf_counter() - prefilled) * 1000,
            n_ctx=model.info.n_ctx,
        )

    def _prefill(
        self, model: _Model, tokens: list[int], n_done: int
    ) -> Generator[PrefillProgress, None, bool]:
        """Evaluate the prompt behind its reused part; returns whether it came to the end.

        The abort callback stands only here: ggml asks it at every node of the graph, which is
        nothing beside a batch of prompt tokens, but would slow single tokens down.
        """
        llama.llama_set_abort_callback(model.context, self._abort_callback, None)
        try:
            yield PrefillProgress(n_done, len(tokens))
            while n_done < len(tokens):
                if self._is_cancelled() or not model.evaluate(tokens[n_done : n_done + N_BATCH]):
                    return False
                n_done = min(n_done + N_BATCH, len(tokens))
                yield PrefillProgress(n_done, len(tokens))
            return True
        finally:
            llama.llama_set_abort_callback(model.context, self._no_abort_callback, None)

    def _decode(
        self, model: _Model, sampling: Sampling, reply: ReplyText
    ) -> Generator[Event, None, tuple[int, FinishReason]]:
        """Draw tokens until the reply ends; returns their number and why it ended."""
        settings = settled(sampling, model.sampler_defaults)
        sampler = _Sampler(settings, sampling.seed, model.n_vocab)
        limit = sampling.max_tokens or model.info.n_ctx
        n_out = 0
        reason = FinishReason.LENGTH
        try:
            while n_out < limit:
                if self._is_cancelled():
                    reason = FinishReason.CANCELLED
                    break
                token = llama.llama_sampler_sample(sampler.chain, model.context, -1)
                if llama.llama_vocab_is_eog(model.vocab, token):
                    reason = FinishReason.STOP
                    break
                n_out += 1
                yield from reply.feed(model.piece(token))
                if reply.stopped:
                    reason = FinishReason.STOP
                    break
                if len(model.tokens) >= model.info.n_ctx:
                    break
                model.evaluate([token])
        finally:
            sampler.close()
        yield from reply.finish()
        return n_out, reason


def _check_length(n_tokens: int, n_ctx: int) -> None:
    if n_tokens + MIN_ANSWER_TOKENS <= n_ctx:
        return
    raise PromptTooLong(
        "This conversation is too long for the model",
        f"It has {n_tokens:,} tokens; the context holds {n_ctx:,}, of which {MIN_ANSWER_TOKENS} "
        "are kept for the answer.",
        "Shorten the message, or start a new conversation.",
    )


def _cancelled_before_prefill() -> Finished:
    return Finished(FinishReason.CANCELLED, 0, 0, 0, 0.0, 0.0, 0)
