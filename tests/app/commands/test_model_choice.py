from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.commands.model_choice import TerminalModel, choose_model
from app.domain import settings
from app.store import JsonValue, Store
from inference.engine import ModelParams
from inference.errors import ModelNotFound


@pytest.fixture
def store(data_dir: Path) -> Iterator[Store]:
    opened = Store(data_dir / "conclave.db")
    yield opened
    opened.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A models folder with two models, one of them in parts and in a folder of its own."""
    folder = tmp_path / "models"
    (folder / "big").mkdir(parents=True)
    for name in ("zeta-Q4.gguf", "big/Alpha-00001-of-00002.gguf", "big/Alpha-00002-of-00002.gguf"):
        (folder / name).write_bytes(b"GGUF")
    return folder


def choose_in_window(store: Store, value: JsonValue) -> None:
    store.submit(lambda repository: repository.set_setting(settings.MODEL_PATH, value)).result()


def test_first_by_name_without_a_choice(store: Store, folder: Path) -> None:
    chosen = choose_model(store, folder, "")

    path = folder / "big" / "Alpha-00001-of-00002.gguf"
    assert chosen == TerminalModel("Alpha", ModelParams(path))


def test_the_choice_of_the_window_counts(store: Store, folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "Elsewhere.gguf"
    elsewhere.write_bytes(b"GGUF")
    choose_in_window(store, str(elsewhere))

    assert choose_model(store, folder, "").params.path == elsewhere
    assert choose_model(store, folder, "zeta-q4").params.path == folder / "zeta-Q4.gguf"


@pytest.mark.parametrize("value", ["/gone/model.gguf", 7, None, ["/a.gguf"]])
def test_choice_that_is_of_no_use(store: Store, folder: Path, value: JsonValue) -> None:
    choose_in_window(store, value)

    assert choose_model(store, folder, "").name == "Alpha"


@pytest.mark.parametrize("wanted", ["alpha", "ALPHA", "Alpha-00001-of-00002.gguf"])
def test_names_in_the_folder(store: Store, folder: Path, wanted: str) -> None:
    assert choose_model(store, folder, wanted).name == "Alpha"


def test_path_is_taken_as_it_is(
    store: Store, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "any.bin").write_bytes(b"GGUF")
    monkeypatch.chdir(tmp_path)

    chosen = choose_model(store, folder, "any.bin")

    assert chosen == TerminalModel("any", ModelParams(tmp_path / "any.bin"))


def test_unknown_name_says_which_there_are(store: Store, folder: Path) -> None:
    with pytest.raises(ModelNotFound) as caught:
        choose_model(store, folder, "Alpha-00002-of-00002.gguf")

    assert caught.value.hint == "Models there: Alpha, zeta-Q4"
    assert "Alpha-00002-of-00002.gguf" in caught.value.detail


@pytest.mark.parametrize("exists", [True, False])
def test_no_models(store: Store, tmp_path: Path, exists: bool) -> None:
    folder = tmp_path / "models"
    if exists:
        folder.mkdir()

    with pytest.raises(ModelNotFound, match="no model yet"):
        choose_model(store, folder, "")
    with pytest.raises(ModelNotFound) as caught:
        choose_model(store, folder, "some")

    assert caught.value.hint == "Models there: none"


def test_workers_of_the_settings_unless_others_are_named(store: Store, folder: Path) -> None:
    store.submit(
        lambda repository: repository.set_setting(settings.ENGINE_RPC_WORKERS, ["10.0.0.2:50052"])
    ).result()

    assert choose_model(store, folder, "zeta-q4").params.rpc_servers == ("10.0.0.2:50052",)
    named = choose_model(store, folder, "zeta-q4", ("10.0.0.3:50052",))
    assert named.params.rpc_servers == ("10.0.0.3:50052",)
