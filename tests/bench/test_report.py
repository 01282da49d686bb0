from __future__ import annotations

import pytest

from bench.report import Line


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (Line("start", [1.0, 3.0, 2.0], at_most=2.0), "at most 2 held"),
        (Line("start", [1.0, 3.0, 2.1], at_most=2.0), "at most 2 MISSED"),
        (Line("speed", [0.94, 0.96, 0.99], at_least=0.95), "at least 0.95 held"),
        (Line("speed", [0.94, 0.9, 0.99], at_least=0.95), "at least 0.95 MISSED"),
    ],
)
def test_a_limit_is_held_by_the_median(line: Line, words: str) -> None:
    assert " ".join(str(line).split()).endswith(words)


def test_a_line_without_a_limit_is_only_told() -> None:
    assert "at most" not in str(Line("start", [1.0]))
