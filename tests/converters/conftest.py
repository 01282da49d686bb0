"""What all tests of a session share: llama.cpp's process, and kernels that were compiled before."""

from collections.abc import Iterator

import pytest

from converters.llama import Judge
from tests.converters.shared_kernels import shared_kernels

__all__ = ["shared_kernels"]


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge]:
    with Judge() as judge:
        yield judge
