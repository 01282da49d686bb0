"""Draws how layers used their experts: a row a layer, a column an expert, as a PNG file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from inference.errors import PictureNotWritten
from inference.experts import LayerUse

_GROUND, _INK, _MUTED = (255, 255, 255), (32, 33, 36), (110, 114, 120)
# From paper to ink through ever darker colours, so that it reads in grey as well.
_RAMP = ((246, 247, 249), (190, 215, 238), (107, 168, 214), (40, 104, 172), (10, 38, 92))
_MARGIN, _LEGEND_WIDTH, _LEGEND_HEIGHT = 24, 220, 14
_MAP_WIDTH, _MAP_HEIGHT = 1400, 1000
_MIN_CELL, _MAX_CELL = 4, 30
_TITLE_SIZE, _TEXT_SIZE = 22, 15
_NICE_STEPS = (1, 2, 4, 5, 8, 10, 16, 20, 32, 50, 64, 100)


def check_can_be_written(path: Path) -> None:
    """Refuse a place where no picture can be, before anything is computed for it.

    Raises:
        PictureNotWritten: There is no such folder, or nothing can be written there.
    """
    folder = path.parent
    if path.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        reason = "is a folder" if path.is_dir() else "cannot be written there"
        raise PictureNotWritten(
            "The picture cannot be written", f"{path} {reason}", "Name a file in another folder."
        )


def write_map(path: Path, title: str, uses: Sequence[LayerUse]) -> None:
    """Write the picture; `path` gets all of it or is left as it was.

    Raises:
        PictureNotWritten: The disk did not take it.
    """
    picture = draw_map(title, uses)
    part: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=f".{path.name}.", suffix=".part", delete=False
        ) as file:
            part = Path(file.name)
            picture.save(file, format="PNG", optimize=True)
        part.chmod(0o644)
        part.replace(path)
    except OSError as error:
        if part is not None:
            part.unlink(missing_ok=True)
        raise PictureNotWritten(
            "The picture could not be written",
            f"{path}: {error.strerror or error}",
            "Free some space, or name another folder.",
        ) from error


def draw_map(title: str, uses: Sequence[LayerUse]) -> Image.Image:
    """The picture; the darkest cell is the expert with the largest share of a layer's tokens."""
    shares = np.array([use.shares for use in uses], np.float64)  # (n_layers, n_experts)
    top = max(float(shares.max(initial=0.0)), 1e-9)
    text = ImageFont.load_default(_TEXT_SIZE)
    width, height = _cell(shares.shape[1], _MAP_WIDTH), _cell(shares.shape[0], _MAP_HEIGHT)
    left = _MARGIN + 60
    upper = _MARGIN + _TITLE_SIZE + 34
    cells = Image.fromarray(_colours(shares / top)).resize(
        (shares.shape[1] * width, shares.shape[0] * height), Image.Resampling.NEAREST
    )
    heading = ImageFont.load_default(_TITLE_SIZE)
    size = (
        max(left + cells.width, left + int(heading.getlength(title)), left + 2 * _LEGEND_WIDTH)
        + _MARGIN,
        upper + cells.height + 100 + _MARGIN,
    )
    picture = Image.new("RGB", size, _GROUND)
    draw = ImageDraw.Draw(picture)
    draw.text((left, _MARGIN), title, _INK, heading)
    picture.paste(cells, (left, upper))
    draw.rectangle((left - 1, upper - 1, left + cells.width, upper + cells.height), outline=_MUTED)
    for row in _labelled(len(uses), height):
        middle = upper + row * height + height // 2
        draw.text((left - 8, middle), str(uses[row].layer), _INK, text, anchor="rm")
    for column in _labelled(shares.shape[1], width):
        middle = left + column * width + width // 2
        draw.text((middle, upper + cells.height + 6), str(column), _INK, text, anchor="mt")
    draw.text((left - 8, upper - 8), "layer", _MUTED, text, anchor="rb")
    draw.text((left, upper + cells.height + 28), "expert", _MUTED, text, anchor="lt")
    _draw_legend(picture, (left, upper + cells.height + 60), top, text)
    return picture


def _draw_legend(
    picture: Image.Image,
    place: tuple[int, int],
    top: float,
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont,
) -> None:
    scale = np.linspace(0, 1, _LEGEND_WIDTH)[np.newaxis].repeat(_LEGEND_HEIGHT, axis=0)
    picture.paste(Image.fromarray(_colours(scale)), place)
    draw = ImageDraw.Draw(picture)
    x, y = place
    draw.rectangle((x - 1, y - 1, x + _LEGEND_WIDTH, y + _LEGEND_HEIGHT), outline=_MUTED)
    below = y + _LEGEND_HEIGHT + 6
    draw.text((x, below), "0", _INK, font, anchor="lt")
    words = f"{top * 100:.0f} % of the layer's tokens"
    draw.text((x + _LEGEND_WIDTH + 12, y + _LEGEND_HEIGHT // 2), words, _INK, font, anchor="lm")


def _colours(values: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """Colours of values from 0 to 1: shape (..., 3)."""
    places = np.linspace(0, 1, len(_RAMP))
    channels = [np.interp(values, places, channel) for channel in zip(*_RAMP, strict=True)]
    return np.stack(channels, axis=-1).round().astype(np.uint8)


def _cell(n: int, room: int) -> int:
    """Pixels of one of `n` cells in so much room."""
    return min(_MAX_CELL, max(_MIN_CELL, room // max(1, n)))


def _labelled(n: int, cell: int) -> range:
    """Every how many cells a number stands, so that none touches the next."""
    step = next((step for step in _NICE_STEPS if step * cell >= 2 * _TEXT_SIZE), _NICE_STEPS[-1])
    return range(0, n, step)
