import json
from pathlib import Path

import pytest

from converters.checkpoint import Checkpoint
from converters.errors import DamagedCheckpoint, NotACheckpoint, PickledCheckpoint
from tests.converters.tiny_checkpoints import write_tensors
from tests.converters.tiny_checkpoints.weights import Stored

_INDEX = "model.safetensors.index.json"
_NAMES = ["a", "b", "c", "d"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkpoint of two shards with two tensors each."""
    tensors = {name: Stored("F32", (2,), bytes(8)) for name in _NAMES}
    write_tensors(tmp_path, tensors, n_shards=2)
    (tmp_path / "config.json").write_text('{"model_type": "llama"}')
    return tmp_path


def _change_index(folder: Path, **changes: str | None) -> None:
    index = json.loads((folder / _INDEX).read_text())
    for name, file in changes.items():
        index["weight_map"].pop(name, None)
        if file is not None:
            index["weight_map"][name] = file
    (folder / _INDEX).write_text(json.dumps(index))


def test_shards_are_one_checkpoint(folder: Path) -> None:
    checkpoint = Checkpoint.open(folder)
    assert list(checkpoint.tensors) == _NAMES
    assert checkpoint.n_bytes == 32
    assert checkpoint.config["model_type"] == "llama"
    checkpoint.close()


def test_shards_without_an_index_are_found(folder: Path) -> None:
    (folder / _INDEX).unlink()
    assert list(Checkpoint.open(folder).tensors) == _NAMES


def test_a_single_file_is_a_checkpoint(folder: Path) -> None:
    path = folder / "model-00002-of-00002.safetensors"
    assert list(Checkpoint.open(path).tensors) == ["c", "d"]


def test_a_cached_snapshot_is_found_and_named(folder: Path, tmp_path: Path) -> None:
    model = tmp_path / "hub" / "models--some-org--Some-Model"
    snapshot = model / "snapshots" / "0123abcd"
    snapshot.parent.mkdir(parents=True)
    (model / "refs").mkdir()
    (model / "refs" / "main").write_text("0123abcd")
    snapshot.symlink_to(folder, target_is_directory=True)
    for path in (model, snapshot):
        checkpoint = Checkpoint.open(path)
        assert checkpoint.model_id == "some-org/Some-Model"
        assert list(checkpoint.tensors) == _NAMES


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"e": "model-00001-of-00002.safetensors"}, "e should be in .* and is missing"),
        ({"a": None}, "a is in model-00001-of-00002.safetensors and not in the index"),
        ({"a": "model-00002-of-00002.safetensors"}, "a should be in model-00002"),
        ({"a": "../model.safetensors"}, "which is no file name"),
        ({"a": "gone.safetensors"}, "gone.safetensors; they hold 1 tensors: a"),
    ],
)
def test_an_index_that_disagrees_names_the_tensor(
    folder: Path, changes: dict[str, str | None], words: str
) -> None:
    _change_index(folder, **changes)
    with pytest.raises(DamagedCheckpoint, match=words):
        Checkpoint.open(folder)


def test_a_tensor_in_two_files_is_an_error(folder: Path) -> None:
    (folder / _INDEX).unlink()
    write_tensors(folder, {"a": Stored("F32", (2,), bytes(8))})
    with pytest.raises(DamagedCheckpoint, match="a is both in"):
        Checkpoint.open(folder)


def test_pickled_weights_are_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x02")
    with pytest.raises(PickledCheckpoint, match="a program that runs") as caught:
        Checkpoint.open(tmp_path)
    assert "safetensors" in caught.value.hint


def test_other_folders_are_no_checkpoints(tmp_path: Path) -> None:
    with pytest.raises(NotACheckpoint, match=r"holds no config\.json"):
        Checkpoint.open(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(NotACheckpoint, match=r"no \.safetensors file"):
        Checkpoint.open(tmp_path)
    with pytest.raises(NotACheckpoint, match="neither a folder"):
        Checkpoint.open(tmp_path / "gone")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": NaN'])
def test_a_configuration_that_is_no_object_is_damaged(folder: Path, text: str) -> None:
    (folder / "config.json").write_text(text)
    with pytest.raises(DamagedCheckpoint, match=r"config\.json"):
        Checkpoint.open(folder)
