"""llama.cpp's process, one for all tests of a session: it takes a second to start."""

from collections.abc import Iterator

import pytest

from converters.llama import Judge


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge]:
    with Judge() as judge:
        yield judge
