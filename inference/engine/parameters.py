"""Which model is run, and how: what holds for an engine, for a load, for the drawing of tokens."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

N_BATCH = 512
"""Tokens of one prefill step, where a model's parameters say nothing else: between two steps
progress is told and a cancel is seen."""


class EngineOptions(Struct, frozen=True):
    """What holds for all requests of an engine.

    Args:
        state_memory_bytes: Room for the KV states of conversations that are not in the context
            just now; 0 keeps none in memory.
        state_disk_bytes: The same on disk; 0 keeps none there.
        state_folder: Where those lie; None keeps none on disk.
        idle_unload_s: The model is unloaded after so long without a request, and loaded again by
            the next one; 0 keeps it.
        prepares_next_turn: After an answer, while nothing is asked, evaluate what the next prompt
            will have in its place: an answer without its thinking.
    """

    state_memory_bytes: int = 1 << 30
    state_disk_bytes: int = 8 << 30
    state_folder: Path | None = None
    idle_unload_s: float = 0.0
    prepares_next_turn: bool = True


class Adapter(Struct, frozen=True):
    """A LoRA adapter in GGUF: it changes weights of the model it was made for, times `scale`."""

    path: Path
    scale: float = 1.0


class ModelParams(Struct, frozen=True):
    """Which model to run and how; two equal values mean the same loaded model.

    Args:
        path: The GGUF file (for a split model, its first part).
        n_ctx: Context length in tokens; 0 takes the model's own, at most 8192.
        n_gpu_layers: Layers to offload; -1 offloads all that the build can.
        n_threads: Threads for decoding; 0 takes the physical cores, less one where there are more
            than two.
        n_expert_layers: Layers on devices whose routed experts lie there too; -1: as many as fit.
        max_device_bytes: Memory to use of each device; 0: all that is free.
        kv_type: Type of the KV cache, such as "f16" or "q8_0".
        rpc_servers: `host:port` of workers on other machines, used like graphics cards.
        n_batch: Tokens of one prefill step; 0 takes `N_BATCH`.
        flash_attention: "on", "off", or "auto", which leaves it to llama.cpp.
        gives_way: Compute threads that wait for others soon give their core away, instead of
            spinning: a little slower on a quiet machine, much faster beside a busy program.
        adapters: What changes the model's weights.
        projector_path: The file (mmproj) with which the model sees pictures; None takes the one
            that lies beside it and fits, if there is one.
    """

    path: Path
    n_ctx: int = 0
    n_gpu_layers: int = -1
    n_threads: int = 0
    n_expert_layers: int = -1
    max_device_bytes: int = 0
    kv_type: str = "f16"
    rpc_servers: tuple[str, ...] = ()
    n_batch: int = 0
    flash_attention: str = "auto"
    gives_way: bool = False
    adapters: tuple[Adapter, ...] = ()
    projector_path: Path | None = None

    @property
    def step_tokens(self) -> int:
        """Tokens of one prefill step."""
        return self.n_batch or N_BATCH


class Sampling(Struct, frozen=True):
    """How the next token is drawn; None leaves a value to the model's own defaults.

    Names, units and neutral values are llama.cpp's; `inference.sampling` has the ranges. A value
    outside of its range is an error before anything is evaluated.

    Args:
        temperature: 0 is greedy: the likeliest token after biases and penalties.
        top_k: 0 switches it off.
        seed: None draws a fresh one.
        max_tokens: 0 means up to the end of the context.
        dynatemp_range: The temperature moves this far up and down with the entropy.
        top_n_sigma: 0 switches it off.
        penalty_last_n: Tokens that the three penalties look at, prompt included; -1 is the context.
        dry_last_n: The same for DRY.
        dry_breakers: Texts that end a repetition.
        mirostat: 0 is off; 1 and 2 are its versions, which replace all links but the penalties.
        order: Names of the links from first to last; a link that is not named is not used.
        logit_bias: What is added to the logit of a token, given by its id, or of all the tokens
            of a text; minus infinity forbids it.
        stop: The answer ends before the first of these texts.
    """

    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    min_p: float | None = None
    repeat_penalty: float | None = None
    seed: int | None = None
    max_tokens: int = 0
    dynatemp_range: float | None = None
    dynatemp_exponent: float | None = None
    typical_p: float | None = None
    top_n_sigma: float | None = None
    xtc_probability: float | None = None
    xtc_threshold: float | None = None
    penalty_last_n: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    dry_multiplier: float | None = None
    dry_base: float | None = None
    dry_allowed_length: int | None = None
    dry_last_n: int | None = None
    dry_breakers: tuple[str, ...] | None = None
    mirostat: int | None = None
    mirostat_tau: float | None = None
    mirostat_eta: float | None = None
    order: tuple[str, ...] | None = None
    logit_bias: tuple[tuple[int | str, float], ...] = ()
    stop: tuple[str, ...] = ()
