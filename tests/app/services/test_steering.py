"""What is set for a conversation reaches the engine, and the model that is shown follows it."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from app.domain.conversations import Message, Role, Status
from app.domain.steering import Steering
from app.services.chat import ChatService
from app.services.history import NOT_STORED, history_of
from app.services.models import ModelPhase, ModelService
from app.services.steering import SteeringService
from app.services.turns import overridden
from inference.engine import ChatMessage, LoadProgress, Sampling, TextDelta
from inference.errors import ModelLoadFailed
from tests.fakes.engine import FakeEngine, finished, loaded


@pytest.fixture
def files(data_dir: Path) -> tuple[Path, Path]:
    folder = data_dir / "models"
    folder.mkdir(parents=True)
    paths = folder / "a.gguf", folder / "b.gguf"
    for path in paths:
        path.write_bytes(b"GGUF")
    return paths


@pytest.fixture
def models(store, runner, files, qtbot: QtBot) -> ModelService:
    made = ModelService(store, runner, files[0].parent)
    made.choose(files[0])
    qtbot.waitUntil(lambda: made.state.phase is ModelPhase.READY)
    return made


@pytest.fixture
def chat(store, runner, models: ModelService) -> ChatService:
    return ChatService(store, runner, models.current, model_at=models.at)


@pytest.fixture
def steering(store, models: ModelService) -> SteeringService:
    return SteeringService(store, models)


def test_overriding_takes_what_is_set() -> None:
    base = Sampling(temperature=1.0, top_k=5, max_tokens=7, stop=("a",))
    over = Sampling(temperature=0.0, max_tokens=9)
    assert overridden(base, over) == Sampling(temperature=0.0, top_k=5, max_tokens=9, stop=("a",))
    assert overridden(base, Sampling()) == base


def test_the_system_prompt_is_no_stored_message() -> None:
    said = Message(7, 1, None, Role.USER, "hi", "", Status.COMPLETE, None)
    history = history_of([said], continuing=False, system_prompt="  Be brief.\n")
    assert history.messages == (ChatMessage("system", "Be brief."), ChatMessage("user", "hi"))
    assert history.ids == (NOT_STORED, 7)
    assert history_of([said], continuing=False, system_prompt=" \n").ids == (7,)


def test_a_new_conversation_keeps_the_model_it_began_with(
    qtbot: QtBot, chat, steering, store, files
) -> None:
    steering.change(system_prompt="Be brief.")
    beginning = steering.beginning()
    with qtbot.waitSignal(chat.question_stored) as stored:
        chat.send(None, "hi", steering=beginning)
    # Something more is set between sending and storing.
    steering.change(sampling=Sampling(top_k=3))
    conversation_id = stored.args[0].conversation_id
    steering.begun(conversation_id, beginning)
    found = store.submit(lambda repository: repository.steering.get(conversation_id)).result(5)
    assert found == Steering("Be brief.", files[0], Sampling(top_k=3))
    assert steering.steering == found
    steering.show(None)
    assert steering.steering == Steering()


def test_nothing_is_set_while_a_conversation_is_being_read(qtbot, steering, store) -> None:
    conversation = store.submit(lambda repository: repository.create_conversation("x")).result(5)
    kept = Steering("Kept")
    store.submit(lambda repository: repository.steering.set(conversation.id, kept)).result(5)
    with qtbot.waitSignal(steering.changed):
        steering.show(conversation.id)
        steering.change(system_prompt="lost")
    assert steering.steering == kept


def test_a_message_loads_its_own_model_and_the_state_says_so(
    qtbot, chat, models, engine: FakeEngine, files
) -> None:
    other = files[1]
    models.show(other)
    assert (models.state.path, models.state.phase) == (other, ModelPhase.UNLOADED)
    facts = replace(loaded("B"), thinks=True)
    engine.answers(LoadProgress(0.5), facts, TextDelta("Hi."), finished())
    chat.send(None, "hi", steering=Steering(model=other))
    qtbot.waitUntil(lambda: models.state.phase is ModelPhase.READY)
    assert models.facts(other) == facts
    assert models.shown().params.path == other
    models.show(None)
    # The engine holds one model at a time.
    assert (models.state.path, models.state.phase) == (files[0], ModelPhase.UNLOADED)
    assert models.current().params.path == files[0]
    assert engine.generate_requests[0].model.path == other


def test_an_own_model_that_fails_leaves_the_chosen_one_as_it_is(
    qtbot, chat, models, engine: FakeEngine, files
) -> None:
    engine.answers(ModelLoadFailed("Refused", "bad magic", "Choose another."))
    with qtbot.waitSignal(chat.turn_failed) as failed:
        chat.send(None, "hi", steering=Steering(model=files[1]))
    assert failed.args[0].model_error
    models.show(files[1])
    assert models.state.phase is ModelPhase.FAILED
    models.show(None)
    assert models.state.phase is ModelPhase.READY


def test_a_conversation_with_a_model_needs_no_chosen_one(
    qtbot, store, runner, engine: FakeEngine, files
) -> None:
    chat = ChatService(store, runner, lambda: None)
    with qtbot.waitSignal(chat.question_stored):
        chat.send(None, "hi", steering=Steering(model=files[1]))
    qtbot.waitUntil(lambda: bool(engine.generate_requests))
    assert engine.generate_requests[0].model.path == files[1]
