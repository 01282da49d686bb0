from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from app.documents import read_document
from app.domain.attachments import AttachmentKind
from app.errors import AttachmentRefused


def jpeg(size: tuple[int, int], orientation: int = 1) -> bytes:
    """Red above, blue below, as the camera has stored it."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (0, size[1] // 2, *size))
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = BytesIO()
    image.save(file, "JPEG", exif=exif)
    return file.getvalue()


def test_a_photograph_is_turned_and_made_smaller(tmp_path: Path) -> None:
    path = tmp_path / "IMG_1.JPG"
    path.write_bytes(jpeg((4000, 3000), orientation=3))

    made = read_document(path, lambda done: None)

    assert (made.kind, made.text, made.note) == (
        AttachmentKind.PICTURE,
        "",
        "2,048 x 1,536 pixels.",
    )
    assert made.size_bytes == path.stat().st_size
    with Image.open(BytesIO(made.data)) as seen, Image.open(BytesIO(made.preview)) as small:
        assert seen.size == (made.width, made.height) == (2048, 1536)
        assert small.size == (640, 480)
        # It was held upside down.
        top = seen.getpixel((1000, 100))
        assert isinstance(top, tuple)
        assert top[2] > 200 > top[0]
        assert not seen.getexif()


def test_a_bomb_is_refused_with_its_numbers(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    Image.new("1", (16_000, 5_000)).save(path)
    assert path.stat().st_size < 50_000
    with pytest.raises(AttachmentRefused) as caught:
        read_document(path, lambda done: None)

    assert caught.value.title == "The picture is too large"
    assert "16,000 x 5,000 pixels" in caught.value.detail
