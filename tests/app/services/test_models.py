from __future__ import annotations

import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.domain import settings
from app.services.chat import ChatService
from app.services.engine_runner import EngineRunner
from app.services.models import LoadFailed, ModelPhase, ModelService, ModelState
from app.store import Store
from inference.engine import LoadProgress, TextDelta
from inference.errors import EngineDied, ModelLoadFailed
from tests.fakes.engine import FakeEngine, UntilCancelled, finished, loaded


class Heard:
    def __init__(self, models: ModelService) -> None:
        self.states: list[ModelState] = []
        self.failures: list[LoadFailed] = []
        models.state_changed.connect(self.states.append)
        models.load_failed.connect(self.failures.append)


@pytest.fixture
def folder(data_dir: Path) -> Path:
    made = data_dir / "models"
    made.mkdir(parents=True)
    return made


@pytest.fixture
def models(store: Store, runner: EngineRunner, folder: Path) -> ModelService:
    return ModelService(store, runner, folder)


@pytest.fixture
def told(models: ModelService) -> Heard:
    return Heard(models)


def put(folder: Path, *names: str) -> list[Path]:
    paths = [folder / name for name in names]
    for path in paths:
        path.write_bytes(b"GGUF")
    return paths


def remembered(store: Store, key: str) -> object:
    return store.submit(lambda repository: repository.setting(key)).result(5)


def test_without_models_there_is_none(qtbot: QtBot, models, told, engine) -> None:
    with qtbot.waitSignal(models.models_found) as found:
        models.start()
    assert found.args == [()]
    assert models.state.phase is ModelPhase.NONE
    assert models.current() is None
    assert not engine.requests


def test_first_start_takes_the_first_model(qtbot, models, told, engine, folder) -> None:
    paths = put(folder, "b.gguf", "a.gguf")
    engine.loads(LoadProgress(0.43), loaded("A"))
    models.start()
    qtbot.waitUntil(lambda: models.state.phase is ModelPhase.READY)
    assert models.state.path == paths[1]
    assert models.state.loaded == loaded("A")
    assert 0.43 in [state.fraction for state in told.states]
    assert models.current().name == "a"


def test_chosen_model_is_remembered(qtbot, models, engine, folder, store, runner) -> None:
    paths = put(folder, "a.gguf", "b.gguf")
    models.choose(paths[1])
    qtbot.waitUntil(lambda: models.state.phase is ModelPhase.READY)
    assert remembered(store, settings.MODEL_PATH) == str(paths[1])
    again = ModelService(store, runner, folder)
    again.start()
    qtbot.waitUntil(lambda: again.state.phase is ModelPhase.READY)
    assert again.state.path == paths[1]


def test_file_from_elsewhere_stays_in_the_list(
    qtbot, models, engine, folder, store, tmp_path
) -> None:
    (other,) = put(tmp_path, "elsewhere.gguf")
    with qtbot.waitSignal(models.models_found) as found:
        models.add(other)
    assert [file.path for file in found.args[0]] == [other]
    assert remembered(store, settings.MODEL_FILES) == [str(other)]
    assert models.state.path == other


def test_failed_load_is_told_and_another_can_be_chosen(qtbot, models, told, engine, folder) -> None:
    bad, good = put(folder, "bad.gguf", "good.gguf")
    engine.loads(ModelLoadFailed("Refused", "bad magic", "Choose another."))
    models.choose(bad)
    qtbot.waitUntil(lambda: len(told.failures) == 1)
    assert told.failures[0].path == bad
    assert told.failures[0].notice.detail == "bad magic"
    assert models.state.phase is ModelPhase.FAILED
    models.choose(good)
    qtbot.waitUntil(lambda: models.state.phase is ModelPhase.READY)
    assert models.state.path == good


def test_choosing_another_ends_the_load_before(qtbot, models, told, engine, folder) -> None:
    slow, quick = put(folder, "slow.gguf", "quick.gguf")
    engine.loads(LoadProgress(0.1), UntilCancelled())
    models.choose(slow)
    qtbot.waitUntil(lambda: told.states[-1:] != [] and told.states[-1].fraction == 0.1)
    models.choose(quick)
    qtbot.waitUntil(lambda: models.state.phase is ModelPhase.READY)
    assert models.state.path == quick
    assert not told.failures


def test_engine_that_dies_in_an_answer_unloads_the_model(
    qtbot, models, engine, folder, store, runner
) -> None:
    (path,) = put(folder, "a.gguf")
    chat = ChatService(store, runner, models.current)
    models.choose(path)
    qtbot.waitUntil(lambda: models.state.phase is ModelPhase.READY)
    engine.answers(EngineDied("died"))
    chat.send(None, "hi")
    qtbot.waitUntil(lambda: models.state.phase is ModelPhase.UNLOADED)
    engine.answers(LoadProgress(0.5), loaded(), TextDelta("Hi."), finished())
    chat.retry(1)
    qtbot.waitUntil(lambda: models.state.phase is ModelPhase.READY)


def test_new_model_in_the_folder_is_found_and_taken(qtbot, models, engine, folder) -> None:
    with qtbot.waitSignal(models.models_found):
        models.start()
    put(folder, "new.gguf")
    models.rescan()
    qtbot.waitUntil(lambda: models.state.phase is ModelPhase.READY)
    assert isinstance(engine, FakeEngine)
    assert len(engine.load_requests) == 1


def test_an_idle_model_that_was_given_back_is_shown_and_comes_again(
    qtbot, models, engine, folder, store, runner
) -> None:
    (path,) = put(folder, "a.gguf")
    chat = ChatService(store, runner, models.current)
    models.choose(path)
    qtbot.waitUntil(lambda: models.state.phase is ModelPhase.READY)

    thread = threading.Thread(target=runner.tell_unloaded)
    thread.start()
    qtbot.waitUntil(lambda: models.state.phase is ModelPhase.UNLOADED)
    thread.join()
    assert models.state.loaded is None
    assert models.current() is not None

    engine.answers(LoadProgress(0.5), loaded(), TextDelta("Hi."), finished())
    chat.send(None, "hi")
    qtbot.waitUntil(lambda: models.state.phase is ModelPhase.READY)
    assert models.state.loaded == loaded()


@pytest.mark.parametrize(
    ("value", "workers"),
    [
        (["10.0.0.2:50052", " 10.0.0.3:50052 ", 7, ""], ("10.0.0.2:50052", "10.0.0.3:50052")),
        ("10.0.0.2:50052", ()),
        (None, ()),
    ],
)
def test_workers_of_the_settings_hold_part_of_the_model(
    qtbot, models, engine, folder, store, value, workers
) -> None:
    put(folder, "a.gguf")
    store.submit(
        lambda repository: repository.set_setting(settings.ENGINE_RPC_WORKERS, value)
    ).result(5)
    models.start()
    qtbot.waitUntil(lambda: models.state.phase is ModelPhase.READY)

    assert engine.load_requests[0].model.rpc_servers == workers
    assert models.current().params.rpc_servers == workers
