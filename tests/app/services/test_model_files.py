from __future__ import annotations

from pathlib import Path

import pytest

from app.services.model_files import find_models, is_model_path, model_name


@pytest.mark.parametrize(
    ("name", "is_model"),
    [
        ("a.gguf", True),
        ("A.GGUF", True),
        ("a.gguf.part", False),
        ("mmproj-a-f16.gguf", False),
        ("a-00001-of-00003.gguf", True),
        ("a-00002-of-00003.gguf", False),
        ("readme.txt", False),
    ],
)
def test_which_files_are_models(name: str, is_model: bool) -> None:
    assert is_model_path(Path(name)) is is_model


def test_name_has_no_part_number() -> None:
    assert model_name(Path("/m/Big-Q4_K-00001-of-00003.gguf")) == "Big-Q4_K"


def test_finds_models_in_folders_and_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    (folder / "deep").mkdir(parents=True)
    (folder / "b-00001-of-00002.gguf").write_bytes(b"12345")
    (folder / "b-00002-of-00002.gguf").write_bytes(b"123")
    (folder / "deep" / "a.gguf").write_bytes(b"1")
    (folder / "folder.gguf").mkdir()
    other = tmp_path / "C.gguf"
    other.write_bytes(b"12")
    found = find_models(folder, [other, tmp_path / "gone.gguf"])
    assert [(file.name, file.size_bytes) for file in found] == [("a", 1), ("b", 8), ("C", 2)]
