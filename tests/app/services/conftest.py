"""The services as the window has them: the real store, and an engine that plays scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.services.chat import ChatService
from app.services.chat_events import ModelChoice
from app.services.engine_runner import EngineRunner
from app.store import Store
from inference.engine import ModelParams
from tests.app.services.listener import ChatListener
from tests.fakes.engine import FakeEngine

MODEL = ModelChoice("Fake model", ModelParams(Path("fake.gguf")))


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def store(data_dir: Path) -> Iterator[Store]:
    opened = Store(data_dir / "conclave.db", timeout_s=0.2)
    yield opened
    opened.close()


@pytest.fixture
def runner(qtbot: QtBot, engine: FakeEngine) -> Iterator[EngineRunner]:
    made = EngineRunner(engine)
    yield made
    made.close()
    engine.close()


@pytest.fixture
def chat(store: Store, runner: EngineRunner) -> ChatService:
    return ChatService(store, runner, lambda: MODEL)


@pytest.fixture
def heard(chat: ChatService) -> ChatListener:
    return ChatListener(chat)
