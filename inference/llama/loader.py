"""From a request's parameters to a loaded model: checks of its files, plan, weights, context.

All that can be seen without loading is looked at first, so that a bad choice costs neither time nor
the model that was loaded before.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import llama_cpp.llama_cpp as llama
from msgspec.structs import replace

from inference.adapters import read_adapters
from inference.checksum import check_sum, checksum_file
from inference.endings import speaks_of_memory
from inference.engine import Event, Loaded, LoadProgress, ModelParams
from inference.errors import (
    ModelError,
    ModelFileChanged,
    ModelLoadFailed,
    ModelTooLarge,
    ProjectorFailed,
)
from inference.gguf_header import GgufHeader, read_header
from inference.llama.backend import Backend
from inference.llama.fingerprint import state_fingerprint
from inference.llama.load_errors import load_error
from inference.llama.loading import PlacedModel, context_params
from inference.llama.model import LoadedModel, NativeModel
from inference.llama.native_adapters import NativeAdapters
from inference.llama.planning import LoadPlan, memory_line
from inference.llama.projector import Projector
from inference.memory.context_length import choose_n_ctx
from inference.model_kind import check_chats
from inference.projector import find_projector, read_projector
from inference.prompt.chat_template import Renderer
from inference.prompt.thinking import can_think
from inference.sampling import as_sampling, defaults_of

log = logging.getLogger(__name__)

FileState = tuple[int, int, int]
"""Number, size and time of change of a file: another file under the same name has others."""
_CHECKING_SHARE = 0.5
"""Of a load whose files are compared with their checksums first."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model's files as they were when they were looked at."""

    params: ModelParams
    header: GgufHeader
    adapters: tuple[GgufHeader, ...]
    states: dict[Path, FileState]
    projector: GgufHeader | None = None
    projector_note: str = ""

    @property
    def have_changed(self) -> bool:
        """Whether one was replaced since; one that is gone can still be used where it is loaded."""
        now = {path: _state(path) for path in self.states}
        return any(state is not None and state != self.states[path] for path, state in now.items())


def look_at(params: ModelParams) -> ModelFiles:
    """Read the headers of a model, its adapters and its projector, and see that they can be used.

    Raises:
        ModelError: They cannot.
    """
    header = read_header(params.path)
    check_chats(header)
    adapters = read_adapters(params.adapters, header)
    paths = [header.path, *(part.path for part in header.further_parts)]
    paths += [adapter.path for adapter in adapters]
    projector, note = _projector_of(params)
    paths += [projector.path] if projector is not None else []
    states = {path: state for path in paths if (state := _state(path)) is not None}
    return ModelFiles(params, header, adapters, states, projector, note)


def _projector_of(params: ModelParams) -> tuple[GgufHeader | None, str]:
    """The projector that a person chose, or the one beside the model; why that one is not used.

    Raises:
        ProjectorFailed: The chosen one cannot be used.
    """
    if params.projector_path is not None:
        return read_projector(params.projector_path), ""
    beside = find_projector(params.path)
    try:
        return (read_projector(beside), "") if beside is not None else (None, "")
    except ProjectorFailed as error:
        return None, _without_pictures(error)


def _without_pictures(error: ProjectorFailed) -> str:
    return f"The model is used without pictures. {error.title}: {error.detail}"


def _state(path: Path) -> FileState | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


class Loader:
    """Loads one model after the other.

    Args:
        backend: Decides what lies where, and keeps what llama.cpp says when it refuses something.
        renderer: Renders the models' chat templates.
        is_cancelled: Asked again and again while a model loads.
    """

    def __init__(
        self,
        backend: Backend,
        renderer: Renderer,
        is_cancelled: Callable[[], bool],
    ) -> None:
        self._planner = backend.planner
        self._log = backend.log
        self._renderer = renderer
        self._is_cancelled = is_cancelled
        self._checked: set[tuple[Path, FileState]] = set()

    def load(self, files: ModelFiles) -> Generator[Event, None, LoadedModel | None]:
        """Load; returns None where it was cancelled, and then nothing is loaded.

        Raises:
            ModelError: It cannot be loaded.
            WorkerUnreachable: One of the workers does not answer.
        """
        params, header = files.params, files.header
        context = context_params(params, choose_n_ctx(header, params.n_ctx))
        begin = yield from self._check_sums(files)
        reserved = sum(adapter.tensor_bytes for adapter in files.adapters)
        reserved += files.projector.tensor_bytes if files.projector is not None else 0
        plan = self._planner.planned(params, header, context, reserved)
        try:
            return (yield from self._load_as_planned(files, plan, context, begin))
        except (ModelLoadFailed, ModelTooLarge):
            tighter = self._planner.tightened(plan, context)
            if tighter is None or not speaks_of_memory(self._log.lines):
                raise
            log.warning("the load failed; %s", tighter.changed)
            return (yield from self._load_as_planned(files, tighter, context, begin))

    def _check_sums(self, files: ModelFiles) -> Generator[Event, None, float]:
        """Compare files with their checksums, once in this process; returns the share of a load."""
        wanted = [
            path
            for path, state in files.states.items()
            if checksum_file(path).is_file() and (path, state) not in self._checked
        ]
        if not wanted:
            return 0.0
        n_done, n_bytes = 0, max(1, sum(files.states[path][1] for path in wanted))
        for path in wanted:
            for n_read in check_sum(path):
                if self._is_cancelled():
                    return _CHECKING_SHARE
                n_done += n_read
                yield LoadProgress(_CHECKING_SHARE * min(1.0, n_done / n_bytes))
            self._checked.add((path, files.states[path]))
        return _CHECKING_SHARE

    def _load_as_planned(
        self,
        files: ModelFiles,
        plan: LoadPlan,
        context: llama.llama_context_params,
        begin: float,
    ) -> Generator[Event, None, LoadedModel | None]:
        log.info("%s; %s", plan.placement.summary(), memory_line(plan.placement))
        self._log.lines.clear()  # what follows is about this load alone
        result: list[int] = []
        for fraction in self._weights(self._planner.placed_model(plan), result):
            yield LoadProgress(begin + (1 - begin) * fraction)
        if self._is_cancelled():
            for model in result:
                llama.llama_model_free(model)
            return None
        if not result:
            raise self._refusal(plan.header, "The model could not be loaded")
        loaded = self._with_context(files, plan, result[0], context)
        yield loaded.info
        return loaded

    def _weights(self, placed: PlacedModel, result: list[int]) -> Iterator[float]:
        """Load on a thread of its own; how far it has come, from 0 to 1."""
        progress: queue.SimpleQueue[float | None] = queue.SimpleQueue()
        told = -1.0

        def on_progress(fraction: float, _user_data: object) -> bool:
            nonlocal told
            if fraction - told >= 0.01 or fraction >= 1:
                told = fraction
                progress.put(fraction)
            return not self._is_cancelled()

        def load() -> None:
            try:
                model = placed.load()
                if model is not None:
                    result.append(model)
            finally:
                progress.put(None)

        placed.native.progress_callback = llama.llama_progress_callback(on_progress)
        thread = threading.Thread(target=load, name="load", daemon=True)
        thread.start()
        while (fraction := progress.get()) is not None:
            yield fraction
        thread.join()

    def _refusal(self, header: GgufHeader, doing: str) -> ModelError:
        return load_error(header, list(self._log.lines), doing)

    def _with_context(
        self,
        files: ModelFiles,
        plan: LoadPlan,
        model: int,
        native: llama.llama_context_params,
    ) -> LoadedModel:
        context, projector = 0, None
        try:
            _check_unchanged(files)
            context = llama.llama_init_from_model(model, native)
            if not context:
                title = f"A context of {native.n_ctx:,} tokens could not be made"
                raise self._refusal(plan.header, title)
            name = state_fingerprint(plan.header, native, files.params.adapters)
            adapters = NativeAdapters(model, files.params.adapters, self._log)
            adapters.set_on(context)
            projector, note = self._projector(files, plan, model, native.n_threads)
            info = _info(plan, model, context, native.n_threads)
            info = replace(info, sees=projector is not None, notes=_joined(info.notes, note))
            return LoadedModel(
                files.params,
                plan.header,
                NativeModel(model, context, native, adapters, projector),
                info,
                self._renderer,
                self._is_cancelled,
                name,
            )
        except Exception:
            if projector is not None:
                projector.close()
            if context:
                llama.llama_free(context)
            llama.llama_model_free(model)
            raise

    def _projector(
        self, files: ModelFiles, plan: LoadPlan, model: int, n_threads: int
    ) -> tuple[Projector | None, str]:
        """What sees pictures, or why there is none though one lies beside the model.

        Raises:
            ProjectorFailed: The one that a person chose cannot be used.
        """
        if files.projector is None:
            return None, files.projector_note
        self._log.lines.clear()
        use_gpu = plan.placement.n_gpu_layers > 0
        path = files.projector.path
        try:
            return Projector(path, model, self._log, use_gpu=use_gpu, n_threads=n_threads), ""
        except ProjectorFailed as error:
            if files.params.projector_path is not None:
                raise
            return None, _without_pictures(error)


def _check_unchanged(files: ModelFiles) -> None:
    if files.have_changed:
        raise ModelFileChanged(
            "The model file was replaced while it was loaded",
            f"{files.header.path} is another file now than it was when the loading began.",
            "Load it again when the download or copy is done.",
        )


def _info(plan: LoadPlan, model: int, context: int, n_threads: int) -> Loaded:
    header = plan.header
    n_ctx, n_ctx_train = llama.llama_n_ctx(context), llama.llama_model_n_ctx_train(model)
    return Loaded(
        name=header.text("general.name") or header.path.stem,
        architecture=header.architecture,
        n_params=llama.llama_model_n_params(model),
        size_bytes=header.tensor_bytes,
        n_ctx=n_ctx,
        n_ctx_train=n_ctx_train,
        n_threads=n_threads,
        device=plan.device_names,
        placement=plan.placement.summary(),
        memory_bytes=plan.placement.bytes_by_device,
        notes=_joined(plan.notes, _beyond_training(n_ctx, n_ctx_train)),
        thinks=can_think(header.text("tokenizer.chat_template")),
        sampling=as_sampling(defaults_of(header)),
    )


def _joined(*notes: str) -> str:
    return " ".join(note for note in notes if note)


def _beyond_training(n_ctx: int, n_ctx_train: int) -> str:
    if not 0 < n_ctx_train < n_ctx:
        return ""
    return (
        f"The context of {n_ctx:,} tokens is longer than the {n_ctx_train:,} this model was "
        "trained for: answers get worse behind those."
    )
