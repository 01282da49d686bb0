"""The file with which a model sees pictures: found beside the model, checked before it is loaded.

Source: the keys `clip.*` in tools/mtmd/clip-impl.h of llama.cpp, as in llama-cpp-python 0.3.36, and
the names that its converter and publishers of models give such files (`mmproj-...gguf`).
"""

from __future__ import annotations

import re
from pathlib import Path

from inference.errors import ModelError, ProjectorFailed
from inference.gguf_header import GgufHeader, read_header

_MARK = "mmproj"
_HINT = "Choose the projector that was published with this model, or go on without pictures."
_TYPES = re.compile(
    r"(?i)(?<![a-z0-9])(f16|f32|bf16|fp16|fp32|i?q\d\w*|ud|model|vision)(?![a-z0-9])"
)
_SEPARATORS = re.compile(r"[-_. ]+")
_PART = re.compile(r"-\d{5}-of-\d{5}$")


def find_projector(model: Path) -> Path | None:
    """The projector that lies beside a model and belongs to it by its name; None if there is none.

    One that is named for no model (`mmproj-f16.gguf`) belongs to all that lie in its folder; one
    that is named for a model goes first.
    """
    try:
        found = sorted(path for path in model.parent.iterdir() if _is_named_so(path))
    except OSError:
        return None
    name = _bare(_PART.sub("", model.stem))
    named = [path for path in found if _bare(path.stem) and name.startswith(_bare(path.stem))]
    general = [path for path in found if not _bare(path.stem)]
    longest = sorted(named, key=lambda path: len(_bare(path.stem)), reverse=True)
    return next((path for path in (*longest, *general) if path.is_file()), None)


def _is_named_so(path: Path) -> bool:
    return path.suffix.lower() == ".gguf" and _MARK in path.name.lower()


def _bare(stem: str) -> str:
    """A name without what says that it is a projector, and of which type its numbers are."""
    words = _TYPES.sub("", re.sub(f"(?i){_MARK}", "", stem))
    return _SEPARATORS.sub("-", words).strip("-").lower()


def read_projector(path: Path) -> GgufHeader:
    """The header of a projector for pictures.

    Raises:
        ProjectorFailed: It cannot be read, or is none.
    """
    try:
        header = read_header(path)
    except ModelError as error:
        title = "The projector for pictures cannot be used"
        raise ProjectorFailed(title, f"{error.title}. {error.detail}", _HINT) from error
    if header.architecture != "clip":
        raise failed(f"{path.name} is no projector: its architecture is {header.architecture!r}.")
    if not header.metadata.get("clip.has_vision_encoder"):
        raise failed(f"{path.name} has no encoder for pictures.")
    return header


def failed(detail: str) -> ProjectorFailed:
    """The error for a projector that cannot be used."""
    return ProjectorFailed("The projector for pictures cannot be used", detail, _HINT)
