"""What is said about counts, by hand calculation; and the picture, read back with Pillow."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from PIL import Image

from inference.engine import ExpertCounts
from inference.errors import PictureNotWritten
from inference.expert_map import check_can_be_written, write_map
from inference.experts import LayerUse, Part, layer_uses

DARKEST, PAPER = (10, 38, 92), (246, 247, 249)


def test_shares_are_parts_of_the_tokens() -> None:
    use = LayerUse(3, (4, 1, 0, 3), n_used=2)

    assert use.n_tokens == 4
    assert use.shares == (1.0, 0.25, 0.0, 0.75)
    assert use.most_used(8) == [(0, 1.0), (3, 0.75), (1, 0.25)]
    assert use.n_unused == 1


@pytest.mark.parametrize(
    ("counts", "balance"),
    [
        ((5, 5, 5, 5), 1.0),
        ((20, 0, 0, 0), 0.0),
        ((10, 10, 0, 0), 0.5),  # one bit of two
        ((2, 1, 1, 0), 1.5 / 2),  # 1/2 * 1 bit + 2 * 1/4 * 2 bits
        ((0, 0, 0, 0), 0.0),
    ],
)
def test_balance_is_entropy_in_parts_of_the_largest(
    counts: tuple[int, ...], balance: float
) -> None:
    assert math.isclose(LayerUse(0, counts, 1).balance, balance, abs_tol=1e-12)


def test_answer_and_prompt_are_told_apart() -> None:
    counts = ExpertCounts(2, 1, (1, 5), answer=((1, 0), (0, 1)), prompt=((3, 1), (1, 0)))

    assert [(use.layer, use.counts) for use in layer_uses(counts, Part.PROMPT)] == [
        (1, (3, 1)),
        (5, (1, 0)),
    ]
    assert [use.counts for use in layer_uses(counts, Part.ANSWER)] == [(1, 0), (0, 1)]


def test_the_darkest_cell_is_the_largest_share(tmp_path: Path) -> None:
    path = tmp_path / "map.png"

    write_map(path, "A title", [LayerUse(0, (0, 4, 0), 1), LayerUse(1, (2, 0, 2), 1)])

    with Image.open(path) as picture:
        found = picture.convert("RGB").getcolors(1 << 24)
    assert found is not None
    cells = {colour: n for n, colour in found}
    # 30 by 30 pixels each; the legend adds a few of either colour.
    assert 900 <= cells[DARKEST] < 1100
    assert 2700 <= cells[PAPER] < 2900
    assert sorted(tmp_path.iterdir()) == [path]


def test_a_picture_that_cannot_be_written_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "map.png"
    path.write_bytes(b"the old one")

    def full(*_args: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(PictureNotWritten, match="No space left"):
        write_map(path, "A title", [LayerUse(0, (1, 0), 1)])

    assert path.read_bytes() == b"the old one"
    assert sorted(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("place", [".", "missing/map.png"])
def test_a_place_without_room_for_a_picture_is_refused_first(tmp_path: Path, place: str) -> None:
    with pytest.raises(PictureNotWritten) as caught:
        check_can_be_written(tmp_path / place)

    assert str(tmp_path) in caught.value.detail
    assert caught.value.hint
