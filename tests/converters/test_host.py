"""The converters' process as its parent sees it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from converters import host, wire
from converters.calibration.values import Calibrated, CalibrateOptions
from converters.errors import ConverterDied, NotACheckpoint
from converters.making import Converted, Planned
from converters.measurement.statistics import Divergence, Estimate, Quality
from converters.measurement.values import Measured, MeasureOptions
from converters.options import ConvertOptions, QuantizeOptions
from converters.progress import Cancelled, Progress
from tests.converters.comparing import is_same_file
from tests.converters.tiny_checkpoints import write_checkpoint

CHILD = [sys.executable, "-m", "app", "--child=convert"]
_ESTIMATE = Estimate(1.5, 0.25)
_DIVERGENCE = Divergence(_ESTIMATE, _ESTIMATE, _ESTIMATE, 1.0, 2.0, 3.0, 4.0, _ESTIMATE, _ESTIMATE)


def test_a_conversion(tmp_path: Path) -> None:
    checkpoint, target = write_checkpoint(tmp_path, "qwen3"), tmp_path / "x.gguf"
    options = ConvertOptions(source=checkpoint, output=target, type="F32", n_threads=1)
    *progress, result = host.run(CHILD, options)
    assert {type(event) for event in progress} == {Progress}
    assert isinstance(result, Converted)
    assert result.paths == (target,)
    assert is_same_file(target, "qwen3", "f32")
    options = ConvertOptions(source=checkpoint, output=tmp_path / "y.gguf", n_threads=1)
    assert list(host.run(CHILD, options, lambda: True))[-1] == Cancelled()
    assert not list(tmp_path.glob("y.gguf*"))


def test_an_error_is_the_childs(tmp_path: Path) -> None:
    with pytest.raises(NotACheckpoint) as caught:
        list(host.run(CHILD, ConvertOptions(source=tmp_path, output=tmp_path / "x.gguf")))
    assert str(tmp_path) in caught.value.detail
    assert caught.value.hint


def test_a_child_that_dies_is_told_with_its_last_words(tmp_path: Path) -> None:
    code = "import os, sys; sys.stdin.readline(); print('ouch', file=sys.stderr); sys.exit(3)"
    options = QuantizeOptions(source=tmp_path, output=tmp_path)
    with pytest.raises(ConverterDied, match=r"code 3.*ouch"):
        list(host.run([sys.executable, "-c", code], options))


@pytest.mark.parametrize(
    "options",
    [
        ConvertOptions(source=Path("a"), output=Path("b"), tensor_types=("x=F16",)),
        QuantizeOptions(source=Path("a"), output=Path("b"), imatrix=Path("c")),
        CalibrateOptions(Path("a"), None, Path("b"), (Path("c"), Path("d"))),
        MeasureOptions((Path("a"), Path("b")), Path("c"), Path("d")),
    ],
)
def test_orders_travel(options: wire.Options) -> None:
    assert wire.read_order(wire.order_line(options)) == options


@pytest.mark.parametrize(
    "event",
    [
        Planned((Path("a"),), (7,), {"Q4_K": (3, 9)}, 5, 6, 1.5, ("note",)),
        Calibrated(Path("a"), 3, 4, {"x": (1, 2)}),
        Measured(Path("a"), 1, 2, Quality(3, _ESTIMATE), _DIVERGENCE),
    ],
)
def test_events_travel(event: wire.Event) -> None:
    assert wire.read_event(wire.event_line(event)) == event
