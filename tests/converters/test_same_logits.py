"""llama.cpp answers from Conclave's files as transformers does from the checkpoints."""

from pathlib import Path

import gguf
import pytest

from converters.architectures.registry import ARCHITECTURES
from converters.llama import Judge
from tests.converters.answering import DIFFERENT, divergences
from tests.converters.making import converted
from tests.converters.quantizing import quantize
from tests.converters.tiny_checkpoints import RECIPES, write_checkpoint

_MOST = 1e-5
# Far above what rounding gives: about 1e-12.
_NO_ACCIDENT = 1e-7
_NAMES = {name for architecture in ARCHITECTURES for name in architecture.names}
FAMILIES = [family for family in RECIPES if RECIPES[family].config["architectures"][0] in _NAMES]


def _converted(tmp_path: Path, judge: Judge, family: str) -> Path:
    path = tmp_path / "f32.gguf"
    converted(write_checkpoint(tmp_path, family), path, judge, type="F32")
    if not RECIPES[family].mxfp4:
        return path
    # llama.cpp multiplies packed experts with activations of eight bits; here only the weights
    # count.
    plain = tmp_path / "unpacked.gguf"
    return quantize(path, plain, gguf.LlamaFileType.ALL_F32, allow_requantize=True)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_answers_as_transformers_does(tmp_path: Path, judge: Judge, family: str) -> None:
    path = _converted(tmp_path, judge, family)
    assert divergences(path, family).mean() <= _MOST
    if family in DIFFERENT:
        # When this fails, llama.cpp has changed; docs/conversion.md says what differs.
        assert divergences(path, family, as_llama_cpp=False).mean() > _NO_ACCIDENT
