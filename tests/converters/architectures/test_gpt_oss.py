"""gpt-oss: experts of a wrong shape are told, packed or not."""

from pathlib import Path

import pytest

from converters.architectures import architecture_of
from converters.checkpoint import Checkpoint
from converters.errors import WrongTensors
from converters.numbers import read_sources
from tests.converters.tiny_checkpoints import stored_tensors, write_checkpoint, write_tensors
from tests.converters.tiny_checkpoints.weights import Stored

_PART = "model.layers.0.mlp.experts"


@pytest.mark.parametrize(
    ("family", "wrong"),
    [
        ("gpt-oss-plain", {"gate_up_proj": Stored("BF16", (8, 256), bytes(8 * 256 * 2))}),
        (
            "gpt-oss",
            {
                "down_proj_blocks": Stored("U8", (8, 2, 16), bytes(8 * 2 * 16)),
                "down_proj_scales": Stored("U8", (8, 2), bytes(8 * 2)),
            },
        ),
    ],
)
def test_experts_with_too_few_axes(tmp_path: Path, family: str, wrong: dict[str, Stored]) -> None:
    folder = write_checkpoint(tmp_path, family)
    tensors = stored_tensors(family) | {f"{_PART}.{name}": part for name, part in wrong.items()}
    tensors["model.layers.0.strange"] = Stored("F32", (2,), bytes(8))
    for shard in folder.glob("model*"):
        shard.unlink()
    write_tensors(folder, tensors)
    checkpoint = Checkpoint.open(folder)
    found = architecture_of(checkpoint.config)(checkpoint.config, read_sources(checkpoint))
    with pytest.raises(WrongTensors, match="is no shape of experts") as caught:
        list(found.tensors())
    assert "model.layers.0.strange is unknown" in caught.value.detail
