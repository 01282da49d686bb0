"""The generated checkpoints are the same on every machine, and those of the references."""

from pathlib import Path

import pytest

from tests.converters.comparing import digests, expectation
from tests.converters.tiny_checkpoints import RECIPES, write_checkpoint


@pytest.mark.parametrize("family", RECIPES)
def test_checkpoint_is_that_of_the_reference(tmp_path: Path, family: str) -> None:
    folder = write_checkpoint(tmp_path, family)
    assert digests(folder) == expectation(family)["checkpoint"]
