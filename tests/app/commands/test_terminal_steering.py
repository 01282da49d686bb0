"""The terminal answers a conversation as its owner has set it in the window."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.commands.model_choice import TerminalModel
from app.commands.terminal import TerminalChat
from app.commands.turn import TerminalSession
from app.domain.steering import Steering
from app.store import Repository, Store
from inference.engine import ChatMessage, ModelParams, Sampling, Thinking
from inference.errors import ModelLoadFailed
from tests.fakes.engine import FakeEngine


@pytest.fixture
def store(data_dir: Path) -> Iterator[Store]:
    opened = Store(data_dir / "conclave.db")
    yield opened
    opened.close()


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def own_model(tmp_path: Path) -> Path:
    path = tmp_path / "Own.gguf"
    path.write_bytes(b"GGUF")
    return path


def steered(store: Store, steering: Steering) -> None:
    def make(repository: Repository) -> None:
        conversation = repository.create_conversation("Steered")
        repository.add_user_message(conversation.id, "Earlier", parent_id=None)
        repository.steering.set(conversation.id, steering)

    store.submit(make).result(5)


def chat(
    monkeypatch: pytest.MonkeyPatch, store: Store, engine: FakeEngine, lines: str, **options: object
) -> None:
    """Type these lines; the model at the start is `Fake`."""
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    fake = Path(store._path.parent / "Fake.gguf")
    fake.write_bytes(b"GGUF")
    model = TerminalModel("Fake", ModelParams(fake))
    session = TerminalSession(store, engine, model, Sampling(temperature=0.5), **options)
    TerminalChat(session, fake.parent / "models").run()


def test_a_conversation_goes_on_as_it_is_set(monkeypatch, store, engine, own_model) -> None:
    sampling = Sampling(temperature=1.0, top_k=3)
    steered(store, Steering("Be brief.", own_model, sampling, Thinking.OFF, 64))
    chat(monkeypatch, store, engine, "/list\n/open 1\nhello\n/new\nother\n/list\n/open 1\nthird\n")
    first, other, third = engine.generate_requests
    assert first.messages[0] == ChatMessage("system", "Be brief.")
    assert first.model.path == own_model
    # What the command line says counts more.
    assert first.sampling == Sampling(temperature=0.5, top_k=3)
    assert (first.thinking, first.thinking_budget) == (Thinking.OFF, 64)
    assert [message.role for message in other.messages] == ["user"]
    assert other.model.path.name == "Fake.gguf"
    assert third.model.path.name == "Fake.gguf"
    messages = store.submit(lambda repository: repository.messages(1)).result(5)
    assert messages[-1].model == "Own"


def test_a_model_that_was_named_answers_in_any_case(monkeypatch, store, engine, own_model) -> None:
    steered(store, Steering(model=own_model))
    chat(monkeypatch, store, engine, "/list\n/open 1\nhello\n", is_model_named=True)
    [request] = engine.generate_requests
    assert request.model.path.name == "Fake.gguf"
    messages = store.submit(lambda repository: repository.messages(1)).result(5)
    assert messages[-1].model == "Fake"


def test_an_own_model_that_is_gone_is_told(monkeypatch, store, engine, own_model, capsys) -> None:
    steered(store, Steering(model=own_model.with_name("Gone.gguf")))
    steered(store, Steering(model=own_model))
    engine.loads()
    engine.loads(ModelLoadFailed("It is damaged", "12 bytes are missing", "Copy it again."))
    chat(monkeypatch, store, engine, "/list\n/open 1\n/open 2\nhello\n")
    told = capsys.readouterr().out
    assert "Its own model cannot be used: It is damaged" in told
    assert "Its own model cannot be used: There is no such model" in told
    [request] = engine.generate_requests
    assert request.model.path.name == "Fake.gguf"
