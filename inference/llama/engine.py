"""The engine inside the engine's process: loads models, evaluates prompts, draws answers.

It leaves to others the pipe (`inference.child`), prompts (`chat_template`), taking replies apart
(`reply_text`), and what a loaded model is (`model`).
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import llama_cpp.llama_cpp as llama

from inference.engine import (
    N_BATCH,
    BenchRequest,
    EngineOptions,
    Event,
    Finished,
    FinishReason,
    GenerateRequest,
    Loaded,
    LoadProgress,
    ModelParams,
    Rank,
    Request,
    Summary,
)
from inference.errors import ModelLoadFailed, UnknownArchitecture
from inference.gguf_header import GgufHeader, read_header
from inference.llama.answer import Answer, new_reply
from inference.llama.devices import Devices
from inference.llama.drawing import Drawer
from inference.llama.fingerprint import state_fingerprint
from inference.llama.keeper import StateKeeper
from inference.llama.loading import PlacedModel, context_params
from inference.llama.model import LoadedModel
from inference.llama.native_log import NativeLog
from inference.llama.next_turn import NextTurn
from inference.llama.planning import LoadPlan, Planner, memory_line
from inference.llama.prefill import Prefill
from inference.llama.speed import SpeedMeasurement
from inference.llama.summarising import SummaryWriter
from inference.memory.context_length import choose_n_ctx
from inference.prompt.fitting import Fitted, Rendered
from inference.prompt.template_process import TemplateProcess

log = logging.getLogger(__name__)


class LlamaEngine:
    """The engine of this process. Implements `inference.engine.Engine`; run it from one thread.

    Args:
        template_command: What starts the process that renders chat templates.
    """

    def __init__(self, template_command: Sequence[str]) -> None:
        self._templates = TemplateProcess(template_command)
        self._log = NativeLog()
        llama.llama_backend_init()
        devices = Devices(llama._lib, Path(llama.__file__).parent / "lib")
        self._planner = Planner(devices, self._log)
        self._model: LoadedModel | None = None
        self._cancelled_id = ""
        self._running_id = ""
        self._is_leaving = False
        self._prefill = Prefill(self._is_cancelled)
        self._keeper = StateKeeper()

    def run(self, request: Request) -> Iterator[Event]:
        """Carry out one request; see `Engine.run`."""
        self._running_id = request.id
        self._keeper.hold()
        loaded_before = self._model.params if self._model is not None else None
        try:
            yield from self._load(request.model)
            if self._model is None or self._model.params != request.model:
                yield Finished.before_start()
            elif isinstance(request, GenerateRequest):
                yield from self._generate(self._model, request)
            elif isinstance(request, BenchRequest):
                yield from self._bench(self._model, request)
            elif request.model == loaded_before:
                yield self._model.info
        finally:
            self._running_id = ""
            self._keeper.release()

    def cancel(self, request_id: str) -> None:
        """End a request soon; see `Engine.cancel`."""
        self._cancelled_id = request_id

    def configure(self, options: EngineOptions) -> None:
        """Take other options, between two requests."""
        self._keeper.configure(options)

    def rest(self, is_wanted: Callable[[], bool]) -> float | None:
        """Use the time between two requests.

        Args:
            is_wanted: Whether a request has come; everything stops at once then. Any thread.

        Returns:
            Seconds after which there is more to do, None where there is not.
        """
        return self._keeper.rest(is_wanted)

    def leave(self) -> None:
        """Let the running request end soon, whichever it is; any thread."""
        self._is_leaving = True

    def save(self, timeout_s: float) -> None:
        """Keep the conversation on the screen for the next start, and free the model."""
        deadline = time.monotonic() + timeout_s
        if not self._keeper.save_all():
            return
        if self._model is not None:
            self._model.close()  # before the disk: another process may want the memory already
            self._model = None
        self._keeper.finish(deadline - time.monotonic())

    def close(self) -> None:
        """Free the model; see `Engine.close`."""
        self._keeper.finish(0.0)
        if self._model is not None:
            self._model.close()
            self._model = None
        self._templates.close()

    def _free_model(self) -> None:
        if self._model is not None:
            self._keeper.detach()
            self._model.close()
            self._model = None

    def _is_cancelled(self) -> bool:
        return self._is_leaving or self._cancelled_id == self._running_id

    # Loading

    def _load(self, params: ModelParams) -> Iterator[Event]:
        """Make `params` the loaded model; after a cancel it is not, and nothing is loaded."""
        if self._model is not None and self._model.params == params:
            return
        header = read_header(params.path)
        self._free_model()
        self._templates.start()
        context = context_params(params, choose_n_ctx(header, params.n_ctx), N_BATCH)
        load = self._planner.planned(params, header, context)
        try:
            yield from self._load_as_planned(load, context)
        except ModelLoadFailed:
            tighter = self._planner.tightened(load, context)
            if tighter is None or not self._log.speaks_of_memory():
                raise
            log.warning("the load failed; %s", tighter.changed)
            yield from self._load_as_planned(tighter, context)

    def _load_as_planned(
        self, load: LoadPlan, context: llama.llama_context_params
    ) -> Iterator[Event]:
        log.info("%s; %s", load.placement.summary(), memory_line(load.placement))
        self._log.lines.clear()  # what follows is about this load alone
        progress: queue.SimpleQueue[float | None] = queue.SimpleQueue()
        result: list[int] = []
        thread = threading.Thread(
            target=self._load_weights,
            args=(self._planner.placed_model(load), progress, result),
            name="load",
            daemon=True,
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
            raise self._load_failure(load.header)
        self._model = self._with_context(load, result[0], context)
        self._keeper.attach(self._model)
        yield self._model.info

    def _load_weights(
        self,
        placed: PlacedModel,
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

        placed.native.progress_callback = llama.llama_progress_callback(on_progress)
        try:
            model = placed.load()
            if model is not None:
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
        self, load: LoadPlan, model: int, native: llama.llama_context_params
    ) -> LoadedModel:
        header = load.header
        context = llama.llama_init_from_model(model, native)
        if not context:
            llama.llama_model_free(model)
            raise ModelLoadFailed(
                "The model's context could not be made",
                f"{header.path.name} with {native.n_ctx:,} tokens: {self._log.explanation()}",
                "Choose a shorter context or a smaller model.",
            )
        info = Loaded(
            name=header.text("general.name") or header.path.stem,
            architecture=header.architecture,
            n_params=llama.llama_model_n_params(model),
            size_bytes=header.tensor_bytes,
            n_ctx=llama.llama_n_ctx(context),
            n_ctx_train=llama.llama_model_n_ctx_train(model),
            n_threads=native.n_threads,
            device=load.device_names,
            placement=load.placement.summary(),
            memory_bytes=load.placement.bytes_by_device,
            notes=load.notes,
        )
        try:
            name = state_fingerprint(header, native)
            return LoadedModel(
                load.params, header, model, context, info, self._templates.render, name
            )
        except Exception:
            llama.llama_free(context)
            llama.llama_model_free(model)
            raise

    # Generating

    def _generate(self, model: LoadedModel, request: GenerateRequest) -> Iterator[Event]:
        drawer = Drawer(model, request)
        fitted = yield from self._fitted(model, request)
        if fitted is None:
            yield _cancelled(model)
            return
        if fitted.unseen is not None:
            yield fitted.unseen
        yield (yield from self._reply(model, drawer, request, fitted.rendered))

    def _fitted(
        self, model: LoadedModel, request: GenerateRequest
    ) -> Generator[Event, None, Fitted | None]:
        """The prompt of a request, behind a summary where one is to be written; None if cancelled.

        Without the summary that was wanted the oldest turns are left out, and the event says why.
        """
        block = model.fitter.block_to_summarise(request)
        if not block:
            return model.fitter.fit(request)
        writer = SummaryWriter(model.fitter, request, partial(self._summary_reply, model))
        earlier = request.summary.text if request.summary is not None else ""
        messages = request.messages[block.start : block.stop]
        written = yield from writer.write(messages, earlier)
        if self._is_cancelled():
            return None
        if written.text:
            request = replace(request, summary=Summary(written.text, block.stop))
        return model.fitter.fit(request, is_new=bool(written.text), note=written.note)

    def _summary_reply(
        self, model: LoadedModel, request: GenerateRequest, rendered: Rendered
    ) -> Generator[Event, None, Finished]:
        return self._reply(model, Drawer(model, request), request, rendered)

    def _reply(
        self, model: LoadedModel, drawer: Drawer, request: GenerateRequest, rendered: Rendered
    ) -> Generator[Event, None, Finished]:
        """Evaluate a prompt and draw its answer."""
        prompt, tokens = rendered.prompt, rendered.tokens
        began = time.perf_counter()
        n_reused = self._keeper.prepare(request, tokens)
        whole = yield from self._prefill.run(model, tokens, n_reused)
        prefilled = time.perf_counter()
        reply = new_reply(prompt, request, model.template.tool_family)
        n_out, reason = 0, FinishReason.CANCELLED
        if whole:
            with closing(drawer.chain(tokens)) as chain:
                answer = Answer(model, chain, reply, request, prompt.tags)
                next_turn = NextTurn(model, request, rendered.messages)
                n_out, reason = yield from next_turn.listen(answer.decode(self._is_cancelled))
            if reason is FinishReason.STOP and request.rank is Rank.SCREEN and not request.tools:
                self._keeper.expect(next_turn.beginning)
        return Finished(
            reason=reason,
            tokens_in=len(tokens),
            tokens_out=n_out,
            tokens_reused=n_reused,
            prefill_ms=(prefilled - began) * 1000,
            decode_ms=(time.perf_counter() - prefilled) * 1000,
            n_ctx=model.info.n_ctx,
            n_used=len(model.tokens),
        )

    def _bench(self, model: LoadedModel, request: BenchRequest) -> Iterator[Event]:
        self._keeper.put_all_aside()
        measurement = SpeedMeasurement(model, request, self._is_cancelled)
        for depth in request.depths:
            point = measurement.at(depth)
            if point is None:
                yield Finished.before_start()
                return
            yield point


def _cancelled(model: LoadedModel) -> Finished:
    """An answer that was cancelled before its prompt was known."""
    n_used = len(model.tokens)
    return Finished(FinishReason.CANCELLED, 0, 0, 0, 0.0, 0.0, model.info.n_ctx, n_used)
