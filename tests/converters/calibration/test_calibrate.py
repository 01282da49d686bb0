"""Importance matrices of whole models, held against those of llama.cpp's own llama-imatrix.

The expected figures came from, with the model of the fixture and llama.cpp as of llama-cpp-python
0.3.36:

    llama-imatrix -m model.gguf -f text.txt -c 128 -b 128 -ub 128 -t 1 -o theirs.gguf
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from converters.calibration.calibrating import calibrate
from converters.calibration.values import Calibrated, CalibrateOptions, CalibrateProgress
from converters.errors import BadImportanceMatrix, OutputExists
from converters.importance import read_importance
from converters.progress import Cancelled
from tests.inference.tiny_models import write_tiny_model

TEXT = Path(__file__).parent.parent / "measurement" / "text.txt"
N_PIECES = 10

# Sums of the columns 0, 7 and 100.
DENSE = {
    "blk.0.attn_q.weight": (2147.05517578125, 566.2691650390625, 960.672607421875),
    "blk.1.attn_output.weight": (381.0684509277344, 267.7925109863281, 458.0274658203125),
    "blk.3.ffn_gate_inp.weight": (647.3194580078125, 903.0287475585938, 277.7015380859375),
}
# Tokens of each expert, and the sum of all columns of each.
UP_COUNTS = (73, 339, 173, 548, 446, 86, 503, 392)
UP_SUMS = (
    18684.353944778442, 86765.85596084595, 44279.28572845459, 140262.37614440918,
    114154.13078308105, 22011.660798072815, 128743.69492340088, 100332.38786315918,
)  # fmt: skip
ATTN_V_B = (125.92532348632812, 59.597511291503906, 550.7242431640625)
DOWN_COUNTS = (0, 144, 0, 1251, 342, 0, 823, 0)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("models") / "model.gguf", "qwen3moe")


@pytest.fixture
def options(model: Path, tmp_path: Path) -> CalibrateOptions:
    return CalibrateOptions(model, TEXT, tmp_path / "matrix.gguf", n_ctx=128, n_threads=1)


def calibrated(options: CalibrateOptions) -> Calibrated:
    *_progress, result = calibrate(options)
    assert isinstance(result, Calibrated)
    return result


def test_figures_are_llama_imatrixs(options: CalibrateOptions) -> None:
    result = calibrated(options)
    found = read_importance(result.path)

    assert (result.n_matrices, result.n_tokens) == (32, 1280)
    assert found.datasets == ("text.txt",)
    assert (found.n_chunks, found.chunk_tokens) == (N_PIECES, 128)
    for name, sums in DENSE.items():
        entry = found.entries[name]
        assert entry.counts.tolist() == [1280]
        assert entry.sums[0, [0, 7, 100]] == pytest.approx(sums, rel=1e-3)
    up = found.entries["blk.0.ffn_up_exps.weight"]
    assert up.counts == pytest.approx(UP_COUNTS, abs=3)
    assert up.sums.sum(axis=1) == pytest.approx(UP_SUMS, rel=2e-2)
    down = found.entries["blk.2.ffn_down_exps.weight"]
    assert down.counts == pytest.approx(DOWN_COUNTS, abs=3)


def test_experts_that_the_text_never_reached_are_told(options: CalibrateOptions) -> None:
    unreached = calibrated(options).unreached

    assert set(unreached) == {f"blk.2.ffn_{kind}_exps.weight" for kind in ("up", "gate", "down")}
    assert set(unreached.values()) == {(0, 2, 5, 7)}


def test_a_run_that_was_cancelled_goes_on_where_it_was(
    options: CalibrateOptions, tmp_path: Path
) -> None:
    whole = replace(options, target=tmp_path / "whole.gguf")
    calibrated(whole)

    seen: list[object] = []
    for event in calibrate(options, lambda: len(seen) >= 4):
        seen.append(event)
    assert isinstance(seen[-1], Cancelled)
    assert not options.target.exists()

    *progress, result = calibrate(options)
    assert isinstance(result, Calibrated)
    done = [event.done for event in progress if isinstance(event, CalibrateProgress)]
    assert done == [5, 6, 7, 8, 9, 10]
    again, before = read_importance(options.target), read_importance(whole.target)
    assert again.n_chunks == before.n_chunks
    for name, entry in before.entries.items():
        assert again.entries[name].sums == pytest.approx(entry.sums, rel=1e-5, abs=1e-5)
        assert (again.entries[name].counts == entry.counts).all()
    assert {path.name for path in tmp_path.iterdir()} == {"matrix.gguf", "whole.gguf"}


def test_what_another_text_left_is_not_taken(options: CalibrateOptions, tmp_path: Path) -> None:
    seen: list[object] = []
    for event in calibrate(options, lambda: len(seen) >= 2):
        seen.append(event)
    other = tmp_path / "other.txt"
    other.write_text(TEXT.read_text()[::-1])

    first = next(iter(calibrate(replace(options, text=other))))

    assert isinstance(first, CalibrateProgress)
    assert first.done == 1


def test_runs_are_combined(options: CalibrateOptions, tmp_path: Path) -> None:
    first = replace(options, target=tmp_path / "first.gguf", n_chunks=2)
    calibrated(first)
    both = replace(options, n_chunks=3, earlier=(first.target,))

    assert calibrated(both).n_tokens == 5 * 128
    only = replace(options, text=None, earlier=(first.target,) * 2, force=True)
    assert calibrated(only).n_tokens == 4 * 128


def test_a_file_is_not_replaced_unasked(options: CalibrateOptions) -> None:
    options.target.write_text("mine")

    with pytest.raises(OutputExists):
        calibrated(options)

    assert options.target.read_text() == "mine"


def test_a_matrix_of_another_model_is_not_added(
    options: CalibrateOptions, model: Path, tmp_path: Path
) -> None:
    dense = replace(
        options,
        model=write_tiny_model(tmp_path / "dense.gguf", "deepseek2"),
        target=tmp_path / "dense.imatrix.gguf",
        n_chunks=2,
    )
    calibrated(dense)

    with pytest.raises(BadImportanceMatrix) as caught:
        calibrated(replace(options, earlier=(dense.target,)))

    assert "another model" in caught.value.title


def test_a_stack_of_matrices_is_kept_whole_and_goes_on(tmp_path: Path) -> None:
    """MLA's `attn_v_b`: a matrix for each head, one count for all; figures as above, 4 pieces."""
    model = write_tiny_model(tmp_path / "mla.gguf", "deepseek2")
    options = CalibrateOptions(model, TEXT, tmp_path / "m.gguf", n_ctx=128, n_chunks=4, n_threads=1)
    seen: list[object] = []
    for event in calibrate(options, lambda: len(seen) >= 2):
        seen.append(event)

    found = read_importance(calibrated(options).path).entries["blk.1.attn_v_b.weight"]

    assert found.counts.tolist() == [512]
    assert found.sums.shape == (1, 768)
    assert found.sums[0, [0, 300, 700]] == pytest.approx(ATTN_V_B, rel=1e-3)
