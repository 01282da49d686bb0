"""Pixels from the bytes of a picture: formats, limits, and the way up that a camera has noted.

Nothing is believed: what a file says of its size is looked at before any pixel is made, and only a
few formats are tried at all. Whoever reads pictures of strangers does it in a child process.
"""

from __future__ import annotations

import warnings
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from inference.engine import Picture
from inference.errors import PictureTooLarge, PictureUnreadable

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
MAX_FILE_BYTES = 50_000_000
MAX_PIXELS = 64_000_000
"""Of a picture as it is stored; as pixels these are 192 MB."""
MAX_EDGE = 16_384

Pixels = npt.NDArray[np.uint8]
"""Red, green and blue, (height, width, 3)."""


def pixels_of(picture: Picture) -> Pixels:
    """The pixels of a picture the right way up; what is transparent becomes white.

    Raises:
        PictureUnreadable, PictureTooLarge: See `opened`.
    """
    return np.ascontiguousarray(np.asarray(opened(picture), dtype=np.uint8))


def opened(picture: Picture, max_edge: int = 0) -> Image.Image:
    """A picture as RGB, the right way up; of an animation the first frame.

    Args:
        picture: Its file's bytes.
        max_edge: Make it smaller so that no edge is longer; 0 leaves it.

    Raises:
        PictureUnreadable: It is damaged, cut off, or of another format.
        PictureTooLarge: It has more bytes or pixels than are read.
    """
    name = picture.name or "The picture"
    if len(picture.data) > MAX_FILE_BYTES:
        raise _too_large(name, f"{len(picture.data):,} bytes", f"{MAX_FILE_BYTES:,}")
    try:
        with warnings.catch_warnings():
            # Pillow's own limit is higher than ours, and oddities of metadata do no harm.
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(picture.data), formats=FORMATS) as image:
                _check_size(name, image)
                return _right_way_up(image, max_edge)
    except UnidentifiedImageError as error:
        raise _unreadable(
            name, f"its {len(picture.data):,} bytes are of no known format"
        ) from error
    except PictureTooLarge:
        raise
    except MemoryError:
        raise
    except Exception as error:  # each of Pillow's formats fails in ways of its own
        raise _unreadable(name, f"{type(error).__name__}: {error}") from error


def _check_size(name: str, image: Image.Image) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS or max(width, height) > MAX_EDGE:
        limit = f"{MAX_PIXELS:,}, and {MAX_EDGE:,} on an edge,"
        raise _too_large(name, f"{width:,} x {height:,} pixels", limit)


def _right_way_up(image: Image.Image, max_edge: int) -> Image.Image:
    if max_edge:
        image.draft("RGB", (max_edge, max_edge))  # a JPEG is made smaller while it is read
    upright = ImageOps.exif_transpose(image)
    if max_edge:
        upright.thumbnail((max_edge, max_edge), Image.Resampling.LANCZOS)
    if not upright.has_transparency_data:
        return upright.convert("RGB")
    seen = upright.convert("RGBA")
    ground = Image.new("RGBA", seen.size, "white")
    return Image.alpha_composite(ground, seen).convert("RGB")


def _too_large(name: str, what: str, limit: str) -> PictureTooLarge:
    return PictureTooLarge(
        "The picture is too large",
        f"{name} has {what}; at most {limit} are read.",
        "Make it smaller, or cut out the part that the question is about.",
    )


def _unreadable(name: str, reason: str) -> PictureUnreadable:
    return PictureUnreadable(
        "The picture cannot be read",
        f"{name}: {reason}.",
        "Open it in a program for pictures, and save it again as PNG or JPEG.",
    )
