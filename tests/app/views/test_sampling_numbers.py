"""The numbers that the panel offers are such as the engine takes."""

from __future__ import annotations

import pytest

from app.views.steering.numbers import NUMBERS, Number
from inference.engine import Sampling
from inference.sampling import SamplerSettings, settled


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number.name)
def test_the_engine_takes_both_ends(number: Number) -> None:
    for value in (number.low, number.high):
        whole = value if number.decimals else round(value)
        if not (number.off and value == number.low):
            settled(Sampling(**{number.name: whole}), SamplerSettings())


def test_values_are_shown_without_zeros_at_their_end() -> None:
    temperature = next(number for number in NUMBERS if number.name == "temperature")
    assert [temperature.words(value) for value in (0, 0.7, 1.25, 10)] == ["0", "0.7", "1.25", "10"]
    top_k = next(number for number in NUMBERS if number.name == "top_k")
    assert top_k.words(100) == "100"
    assert "default is 0.7" in temperature.described(0.7)
    assert "once it is loaded" in temperature.described(None)
