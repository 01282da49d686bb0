from __future__ import annotations

import pytest

from app.commands import one_line
from app.errors import AppError
from inference.errors import EngineError


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (EngineError("It stopped", "signal 9", "Try again."), "It stopped. signal 9. Try again."),
        (AppError("The disk is full"), "The disk is full."),
        (AppError("The disk is full", "", "Clear it..."), "The disk is full. Clear it."),
        (EngineError("It stopped", "log:\n  first\n\tsecond\n"), "It stopped. log: first second."),
    ],
)
def test_title_detail_and_hint_on_one_line(error: AppError | EngineError, line: str) -> None:
    assert one_line(error) == line
