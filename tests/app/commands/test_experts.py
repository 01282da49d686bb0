"""`conclave experts` as a process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from tests.app.commands.shell import Shell
from tests.inference.tiny_models import N_EXPERT, write_tiny_model

QUESTION = ("Who?", "--max-tokens", "5")


@pytest.fixture
def mixture(tmp_path: Path) -> Path:
    return write_tiny_model(tmp_path / "mixture.gguf", "deepseek2", n_layer=3)


def test_the_table_has_a_row_for_each_layer_with_experts(
    empty_shell: Shell, mixture: Path, tmp_path: Path
) -> None:
    png = tmp_path / "map.png"

    done = empty_shell.run("experts", str(mixture), *QUESTION, "--png", str(png))

    assert (done.returncode, done.stderr) == (0, "")
    assert "Experts of the answer: 5 tokens" in done.stdout
    rows = [
        line.split("│")[1].strip()
        for line in done.stdout.splitlines()
        if "│" in line and "%" in line
    ]
    assert rows == ["1", "2"]  # the first layer is dense
    with Image.open(png) as picture:
        picture.verify()
    assert empty_shell.stored() == []


def test_json_has_the_counts_of_both_parts(empty_shell: Shell, mixture: Path) -> None:
    done = empty_shell.run("experts", str(mixture), *QUESTION, "--json")

    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert (report["n_experts"], report["n_used"]) == (N_EXPERT, 2)
    assert [row["layer"] for row in report["answer"]] == [1, 2]
    assert [sum(row["counts"]) for row in report["answer"]] == [10, 10]
    assert sum(report["prompt"][0]["counts"]) == 2 * report["finished"]["tokens_in"]


def test_a_model_without_experts_is_refused(empty_shell: Shell, tmp_path: Path) -> None:
    dense = write_tiny_model(tmp_path / "dense.gguf", "llama", n_layer=1)

    done = empty_shell.run("experts", str(dense), *QUESTION)

    assert done.returncode == 2
    assert "This model has no experts. dense.gguf (llama) names no expert_count" in done.stderr
    assert done.stdout == ""


def test_a_place_for_the_picture_is_looked_at_first(
    empty_shell: Shell, mixture: Path, tmp_path: Path
) -> None:
    png = tmp_path / "missing" / "map.png"

    done = empty_shell.run("experts", str(mixture), *QUESTION, "--png", str(png))

    assert done.returncode == 1
    assert "The picture cannot be written" in done.stderr
    assert done.stdout == ""
