from __future__ import annotations

from pathlib import Path

import pytest

from inference.projector import find_projector


@pytest.mark.parametrize(
    ("model", "files", "found"),
    [
        ("gemma-3-4b-it-Q4_K_M", ["mmproj-model-f16"], "mmproj-model-f16"),
        ("gemma-3-4b-it-Q4_K_M", ["mmproj"], "mmproj"),
        ("gemma-3-4b-it-Q4_K_M", ["mmproj-BF16"], "mmproj-BF16"),
        ("Qwen2.5-VL-7B-Instruct-Q4_K_M", ["mmproj-Qwen2.5-VL-7B-Instruct-f16"], "same"),
        ("Qwen2.5-VL-7B-Instruct-Q4_K_M", ["Qwen2.5-VL-7B-Instruct-mmproj-Q8_0"], "same"),
        ("big-Q8_0-00001-of-00003", ["mmproj-big-f16"], "same"),
        ("Qwen2.5-VL-7B-Instruct-Q4_K_M", ["mmproj-Qwen2.5-VL-3B-Instruct-f16"], None),
        ("Llama-3-8B", ["mmproj-llava-8b-f16"], None),
        ("Llama-3-8B", ["Llama-3-8B-vision"], None),
        ("Llama-3-8B", [], None),
        # One that is named for the model goes before one that is named for none.
        ("a-Q4_0", ["mmproj-f16", "mmproj-a-f32", "mmproj-b"], "mmproj-a-f32"),
    ],
)
def test_the_projector_beside_a_model(
    tmp_path: Path, model: str, files: list[str], found: str | None
) -> None:
    for name in (model, *files):
        (tmp_path / f"{name}.gguf").touch()
    wanted = files[0] if found == "same" else found
    path = find_projector(tmp_path / f"{model}.gguf")
    assert (path.stem if path is not None else None) == wanted


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert find_projector(tmp_path / "none" / "model.gguf") is None
