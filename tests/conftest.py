"""What every test gets: a user folder of its own, no screen, and a log that nobody may soil."""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Processes that tests start are to be as quick as those of an installation.
os.environ["PYTHONPATH"] = os.pathsep.join(
    [str(Path(__file__).parent / "as_installed"), *filter(None, [os.environ.get("PYTHONPATH")])]
)

from app import paths
from app.services.model_files import starter_model

# Before the folder of the test takes the place of the user's.
STARTER = starter_model(paths.models_dir())
_MUCH_GARBAGE = 200_000


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "expects_errors: the test provokes messages of level ERROR in the log"
    )


def pytest_unconfigure() -> None:
    """Close what llama_cpp opens when it is imported and leaves open, which Python would tell.

    Only its class `Llama` writes there, which nobody here uses.
    """
    utils = sys.modules.get("llama_cpp._utils")
    for name in ("outnull_file", "errnull_file") if utils else ():
        getattr(utils, name).close()


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user folder of this test, beside the folder that is the test's own."""
    home = tmp_path.with_name(f"{tmp_path.name}-user")
    home.mkdir()
    folder = home / "conclave-data"
    monkeypatch.setenv("CONCLAVE_DATA_DIR", str(folder))
    return folder


@pytest.fixture(scope="session", autouse=True)
def _no_collection_on_other_threads() -> Iterator[None]:
    # A widget that is collected on the store's thread ends with a warning of Qt, or worse.
    gc.disable()
    gc.collect()
    gc.freeze()  # modules stay: looking through them at each collection would take long
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def _collect_on_this_thread(request: pytest.FixtureRequest) -> None:
    # What the test before has left; windows lie in reference cycles.
    if "qtbot" in request.fixturenames or gc.get_count()[0] > _MUCH_GARBAGE:
        gc.collect()


class _Errors(logging.Handler):
    """Keeps messages of level ERROR and above."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture(autouse=True)
def _quiet_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """An error in the log fails the test, unless it looks at the log itself or says so."""
    watched = "caplog" in request.fixturenames
    expected = request.node.get_closest_marker("expects_errors") is not None
    handler = _Errors()
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)
    if handler.records and not watched and not expected:
        lines = [f"{record.name}: {record.getMessage()}" for record in handler.records]
        pytest.fail("unexpected errors in the log:\n" + "\n".join(lines))


@pytest.fixture
def starter_model() -> Path:
    """The starter model of this computer's user; read, never written."""
    if not STARTER.is_file():
        pytest.fail(f"the starter model is missing; `python3 dev.py test` puts it at {STARTER}")
    return STARTER
