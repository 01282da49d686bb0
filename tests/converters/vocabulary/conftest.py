"""Real tokenizers and what Conclave reads from them: written and read once for all tests."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from converters.vocabulary import Vocabulary, read_vocabulary
from tests.converters.vocabulary.real_tokenizers import write_real

ReadReal = Callable[[str], tuple[Path, Vocabulary]]


@pytest.fixture(scope="session")
def read_real(tmp_path_factory: pytest.TempPathFactory) -> ReadReal:
    """The folder of a real tokenizer and the vocabulary read from it, by name."""
    parent = tmp_path_factory.mktemp("tokenizers")

    @cache
    def read(name: str) -> tuple[Path, Vocabulary]:
        folder, config = write_real(parent, name)
        return folder, read_vocabulary(folder, config)

    return read
