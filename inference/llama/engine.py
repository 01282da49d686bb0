"""The engine inside the engine's process: holds one model, evaluates prompts, draws answers.

It leaves to others the pipe (`inference.child`), loading (`loader`), prompts (`chat_template`),
taking replies apart (`reply_text`), and what a loaded model is (`model`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from functools import partial

from msgspec.structs import replace

from inference.engine import (
    BenchRequest,
    Counted,
    CountRequest,
    EngineOptions,
    Event,
    Finished,
    FinishReason,
    GenerateRequest,
    ModelParams,
    Rank,
    Request,
    Summary,
)
from inference.errors import ModelLoadFailed
from inference.llama.answer import Answer, new_reply
from inference.llama.backend import Backend
from inference.llama.drawing import Drawer
from inference.llama.expert_recording import ExpertRecorder
from inference.llama.keeper import StateKeeper
from inference.llama.loader import Loader, ModelFiles, look_at
from inference.llama.model import LoadedModel
from inference.llama.next_turn import NextTurn
from inference.llama.picture_tokens import n_of_pictures, words_only
from inference.llama.prefill import Prefill
from inference.llama.speed import SpeedMeasurement
from inference.llama.summarising import SummaryWriter
from inference.prompt.fitting import Fitted, Rendered
from inference.prompt.picture_marks import check_question, in_words, pictures_of
from inference.prompt.template_process import TemplateProcess


class LlamaEngine:
    """The engine of this process. Implements `inference.engine.Engine`; run it from one thread.

    Args:
        template_command: What starts the process that renders chat templates.
    """

    def __init__(self, template_command: Sequence[str]) -> None:
        self._templates = TemplateProcess(template_command)
        self._loader = Loader(Backend(), self._templates.render, self._is_cancelled)
        self._model: LoadedModel | None = None
        self._recorder = ExpertRecorder()
        self._files: ModelFiles | None = None
        self.n_steps = 0
        self._cancelled_id: str | None = None
        self._running_id = ""
        self._is_leaving = False
        self._prefill = Prefill(self._is_cancelled)
        self._keeper = StateKeeper()

    def run(self, request: Request) -> Iterator[Event]:
        """Carry out one request; see `Engine.run`."""
        if isinstance(request, CountRequest):
            yield self._counted(request)
            return
        self._running_id = request.id
        self._keeper.hold()
        loaded_before = self._model
        try:
            yield from self._load(request.model)
            if self._model is None or self._model.params != request.model:
                yield Finished.before_start()
            elif isinstance(request, GenerateRequest):
                yield from self._generate(self._model, request)
            elif isinstance(request, BenchRequest):
                yield from self._bench(self._model, request)
            elif self._model is loaded_before:
                yield self._model.info
        except ModelLoadFailed:
            if self._model is not None and not self._model.context:
                self._keeper.forget()
                self._close_model()
            raise
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
        self._close_model()  # before the disk: another process may want the memory already
        self._keeper.finish(deadline - time.monotonic())

    def close(self) -> None:
        """Free the model; see `Engine.close`."""
        self._keeper.finish(0.0)
        self._close_model()
        self._templates.close()

    @property
    def is_loaded(self) -> bool:
        """Whether a model is held."""
        return self._model is not None

    def unload(self) -> None:
        """Give the model back, between two requests; the next one loads it again."""
        if self._model is not None:
            self._keeper.detach()
            self._close_model()

    def _close_model(self) -> None:
        if self._model is not None:
            self._model.close()
            self._model = None

    def _is_cancelled(self) -> bool:
        # Whoever asks has just done a piece of work: the parent is told that it moves on.
        self.n_steps += 1
        return self._is_leaving or self._cancelled_id == self._running_id

    # Loading

    def _load(self, params: ModelParams) -> Iterator[Event]:
        """Make `params` the loaded model; after a cancel it is not, and nothing is loaded."""
        if self._is_current(params):
            return
        files = look_at(params)
        self.unload()
        self._templates.start()
        self._model = yield from self._loader.load(files)
        self._files = files
        if self._model is not None:
            self._recorder.attach(self._model, files.header)
            self._keeper.attach(self._model)

    def _is_current(self, params: ModelParams) -> bool:
        """Whether just this is loaded, from files that are still the same."""
        if self._model is None or self._model.params != params:
            return False
        return self._files is not None and not self._files.have_changed

    # Generating

    def _generate(self, model: LoadedModel, request: GenerateRequest) -> Iterator[Event]:
        drawer = Drawer(model, request)
        request = _as_seen(model, request)
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
        messages = in_words(request.messages[block.start : block.stop])
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
        self._recorder.begin(request)
        n_reused = self._keeper.prepare(request, tokens)
        whole = yield from self._prefill.run(model, tokens, n_reused)
        prefilled = time.perf_counter()
        reply = new_reply(prompt, request, model.template.tool_family)
        n_out, reason, seed = 0, FinishReason.CANCELLED, None
        if whole:
            with closing(drawer.chain(words_only(tokens))) as chain:
                seed = chain.seed
                answer = Answer(model, chain, reply, request, prompt.tags)
                next_turn = NextTurn(model, request, rendered.messages)
                decoding = self._recorder.watched(answer.decode(self._is_cancelled))
                n_out, reason = yield from next_turn.listen(decoding)
            if reason is FinishReason.STOP and request.rank is Rank.SCREEN and not request.tools:
                self._keeper.expect(next_turn.beginning)
        yield from self._recorder.ended()
        return Finished(
            reason=reason,
            tokens_in=len(tokens),
            tokens_out=n_out,
            tokens_reused=n_reused,
            prefill_ms=(prefilled - began) * 1000,
            decode_ms=(time.perf_counter() - prefilled) * 1000,
            n_ctx=model.info.n_ctx,
            n_used=len(model.tokens),
            seed=seed,
            sampling=drawer.words,
            tokens_of_pictures=n_of_pictures(tokens),
        )

    def _counted(self, request: CountRequest) -> Counted:
        model = self._model
        if model is None or not self._is_current(request.model):
            return Counted(0, 0, 0)
        if model.projector is None:
            messages = in_words(request.messages)
            return model.fitter.counted(replace(request, messages=messages))
        model.projector.show(pictures_of(request.messages), also=True)
        return model.fitter.counted(request)

    def _bench(self, model: LoadedModel, request: BenchRequest) -> Iterator[Event]:
        self._keeper.put_all_aside()
        self._recorder.switch(on=False)
        measurement = SpeedMeasurement(model, request, self._is_cancelled)
        for depth in request.depths:
            point = measurement.at(depth)
            if point is None:
                yield _cancelled(model)
                return
            yield point


def _as_seen(model: LoadedModel, request: GenerateRequest) -> GenerateRequest:
    """The request as this model can take it in.

    Raises:
        CannotSeePictures: The question has pictures, and the model has no projector.
    """
    if model.projector is not None:
        model.projector.show(pictures_of(request.messages))
        return request
    check_question(request.messages, model.params.path.name)
    return replace(request, messages=in_words(request.messages))


def _cancelled(model: LoadedModel) -> Finished:
    """An answer that was cancelled before its prompt was known."""
    n_used = len(model.tokens)
    return Finished(FinishReason.CANCELLED, 0, 0, 0, 0.0, 0.0, model.info.n_ctx, n_used)
