"""A picture that is attached: the right way up, no larger than a model can use, and a small one."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from app.domain.attachments import Attachment, AttachmentKind
from app.errors import AttachmentRefused
from inference.engine import Picture
from inference.errors import PictureTooLarge, PictureUnreadable
from inference.pictures import opened

MAX_EDGE = 2048
"""Projectors of today take in less."""
PREVIEW_EDGE = 640
_MAX_PNG_BYTES = 2_000_000
"""A picture that has more without loss is a photograph: as a JPEG it loses nothing that is seen."""
_QUALITY = 92


def read_picture(name: str, data: bytes, digest: str) -> Attachment:
    """The picture in a file.

    Raises:
        AttachmentRefused: It cannot be read, or is too large.
    """
    try:
        image = opened(Picture(data, f"“{name}”"), MAX_EDGE)
    except (PictureTooLarge, PictureUnreadable) as error:
        raise AttachmentRefused(error.title, error.detail, error.hint) from error
    small = image.copy()
    small.thumbnail((PREVIEW_EDGE, PREVIEW_EDGE), Image.Resampling.LANCZOS)
    width, height = image.size
    return Attachment(
        name,
        AttachmentKind.PICTURE,
        len(data),
        digest,
        "",
        f"{width:,} x {height:,} pixels.",
        _written(image),
        _written(small),
        width,
        height,
    )


def _written(image: Image.Image) -> bytes:
    png = _file(image, "PNG")
    return png if len(png) <= _MAX_PNG_BYTES else _file(image, "JPEG")


def _file(image: Image.Image, kind: str) -> bytes:
    file = BytesIO()
    image.save(file, kind, quality=_QUALITY)
    return file.getvalue()
