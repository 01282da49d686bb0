"""Tuning as a service, with an engine whose speed is a formula."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.domain import settings
from app.services.engine_runner import EngineRunner
from app.services.models import ModelPhase, ModelService
from app.services.notices import Notice
from app.services.tuned_models import find_tuned, remember_tuned
from app.services.tuning import TuningService, TuningState
from app.store import Store
from inference.engine import BenchRequest
from inference.errors import EngineDied, ModelTooLarge
from inference.tune import Tuned
from tests.fakes.engine import FakeEngine, Step, UntilCancelled, measured


class Told:
    def __init__(self, tuning: TuningService) -> None:
        self.states: list[TuningState | None] = []
        self.results: list[Notice] = []
        self.failures: list[Notice] = []
        tuning.state_changed.connect(self.states.append)
        tuning.finished.connect(self.results.append)
        tuning.failed.connect(self.failures.append)


@pytest.fixture
def model(data_dir: Path) -> Path:
    folder = data_dir / "models"
    folder.mkdir(parents=True)
    path = folder / "small.gguf"
    path.write_bytes(b"GGUF and more")
    return path


@pytest.fixture
def models(qtbot: QtBot, store: Store, runner: EngineRunner, model: Path) -> ModelService:
    service = ModelService(store, runner, model.parent)
    service.choose(model)
    qtbot.waitUntil(lambda: service.state.phase is ModelPhase.READY)
    return service


@pytest.fixture
def tuning(store: Store, runner: EngineRunner, models: ModelService) -> TuningService:
    return TuningService(store, runner, models)


@pytest.fixture
def told(tuning: TuningService) -> Told:
    return Told(tuning)


def small_batches_are_fast(asked: BenchRequest) -> tuple[Step, ...]:
    return (measured(asked, prefill=2000.0 if asked.model.n_batch == 256 else 1000.0),)


def test_what_is_found_is_kept_loaded_and_told(
    qtbot: QtBot, tuning, told, models, engine: FakeEngine, store: Store, model: Path
) -> None:
    engine.bench = small_batches_are_fast

    tuning.start()
    qtbot.waitUntil(lambda: told.results != [], timeout=30_000)
    qtbot.waitUntil(lambda: models.state.phase is ModelPhase.READY)

    assert told.results[0].title == "small is tuned"
    assert "batch 256" in told.results[0].detail
    assert "% faster than before" in told.results[0].detail
    assert told.states[-1] is None
    fractions = [state.fraction for state in told.states if state is not None]
    assert fractions == sorted(fractions)
    found = find_tuned(store, model)
    assert found is not None
    assert found.n_batch == 256
    assert models.current().params == found.applied_to(models.current().params)
    assert engine.load_requests[-1].model.n_batch == 256
    assert "batch 256" in models.state.tuned


def test_stopping_keeps_nothing_and_loads_the_model_as_it_was(
    qtbot: QtBot, tuning, told, models, engine: FakeEngine, store: Store, model: Path
) -> None:
    before = engine.load_requests[-1].model
    engine.bench = lambda _asked: (UntilCancelled(),)

    tuning.start()
    qtbot.waitUntil(lambda: any(isinstance(one, BenchRequest) for one in engine.requests))
    tuning.stop()
    qtbot.waitUntil(lambda: len(engine.load_requests) == 2)

    assert engine.load_requests[-1].model == before
    assert not tuning.is_running
    assert told.states[-1] is None
    assert told.results == told.failures == []
    assert find_tuned(store, model) is None


def test_a_candidate_that_does_not_fit_is_passed_over(
    qtbot: QtBot, tuning, told, engine: FakeEngine
) -> None:
    def bench(asked: BenchRequest) -> tuple[Step, ...]:
        if asked.model.n_batch == 128:
            return (ModelTooLarge("It does not fit"),)
        return small_batches_are_fast(asked)

    engine.bench = bench
    tuning.start()
    qtbot.waitUntil(lambda: told.results != [], timeout=30_000)

    assert "batch 256" in told.results[0].detail


@pytest.mark.parametrize("error", [EngineDied("It died"), ModelTooLarge("It does not fit")])
def test_an_error_that_is_not_the_candidates_is_told(
    qtbot: QtBot, tuning, told, models, engine: FakeEngine, error: EngineDied | ModelTooLarge
) -> None:
    engine.bench = lambda _asked: (error,)

    tuning.start()
    qtbot.waitUntil(lambda: told.failures != [])

    assert told.failures == [Notice(error.title)]
    assert not tuning.is_running
    qtbot.waitUntil(lambda: models.state.phase is ModelPhase.READY)


def test_settings_are_kept_by_model_and_machine(store: Store, model: Path, monkeypatch) -> None:
    other = model.with_name("other.gguf")
    other.write_bytes(b"GGUF and something else")
    renamed = model.with_name("renamed.gguf")
    renamed.write_bytes(model.read_bytes())

    remember_tuned(store, model, Tuned(3, 1024))

    assert find_tuned(store, model) == find_tuned(store, renamed) == Tuned(3, 1024)
    assert find_tuned(store, other) is None
    assert find_tuned(store, model.with_name("missing.gguf")) is None
    remember_tuned(store, model, None)
    assert find_tuned(store, model) is None


@pytest.mark.parametrize("kept", ["words", [1], {"a machine": 1}, {"a machine": {"m": {"x": 1}}}])
def test_what_was_kept_in_another_form_counts_as_nothing(
    store: Store, model: Path, monkeypatch: pytest.MonkeyPatch, kept: object
) -> None:
    monkeypatch.setattr("app.services.tuned_models.model_key", lambda _path: "m")
    monkeypatch.setattr("inference.machine.Machine.words", property(lambda _self: "a machine"))
    store.submit(lambda repository: repository.set_setting(settings.TUNED, kept)).result(5)

    assert find_tuned(store, model) is None
    remember_tuned(store, model, Tuned(2))
    assert find_tuned(store, model) == Tuned(2)
