"""What a file is that was taken for GGUF: told by its first bytes, with the way to what was wanted.

Source: the magic numbers of zip, gzip, pickle, HDF5 and safetensors
(https://github.com/huggingface/safetensors/blob/v0.5.0/README.md#format), of Git LFS pointers
(https://github.com/git-lfs/git-lfs/blob/v3.6.0/docs/spec.md) and of GGUF's forerunners
(https://github.com/ggml-org/ggml/blob/v0.9.4/docs/gguf.md#historical-state-of-affairs).
"""

from __future__ import annotations

import re
import struct

HEAD_BYTES = 512
GGUF_MAGIC = b"GGUF"
"""What a GGUF file begins with."""
_LFS = b"version https://git-lfs.github.com/spec/"
_LFS_SIZE = re.compile(rb"^size (\d+)", re.MULTILINE)
_HTML = (b"<!doctype html", b"<html", b"<head", b"<?xml")
_OLD_GGML = (b"lmgg", b"fmgg", b"tjgg", b"algg")
_CONVERT = "Convert the checkpoint to GGUF first, or get the model as GGUF."
_UNPACK = "Unpack it and choose the .gguf file in it."
_DOWNLOAD = "Download the file itself; behind a sign-in page, sign in first."
_CHOOSE = "Choose a file that ends in .gguf, or convert the checkpoint first."


def kind_of(head: bytes) -> tuple[str, str]:
    """What a file that is not GGUF is, and what to do instead.

    Args:
        head: The first `HEAD_BYTES` bytes of the file, fewer where it is shorter.
    """
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(_LFS):
        size = _LFS_SIZE.search(head)
        of_bytes = f" of {int(size[1]):,} bytes" if size else ""
        return (
            f"is a Git LFS pointer to a file{of_bytes}, not the file",
            "Fetch it with `git lfs pull`, or download it from the model's page.",
        )
    if text.startswith(_HTML):
        return "is a web page", _DOWNLOAD
    if _is_safetensors(head):
        return "is a safetensors file", _CONVERT
    if text.startswith((b"{", b"[")):
        return "is a JSON text, such as an error message of a server", _DOWNLOAD
    for magic, words, hint in (
        (b"PK\x03\x04", "is a zip archive or a PyTorch checkpoint", _CONVERT),
        (b"\x80\x02", "is a PyTorch checkpoint", _CONVERT),
        (b"\x89HDF", "is an HDF5 checkpoint", _CONVERT),
        (b"\x1f\x8b", "is a gzip archive", _UNPACK),
        (b"7z\xbc\xaf", "is a 7z archive", _UNPACK),
        (b"\x28\xb5\x2f\xfd", "is a zstd archive", _UNPACK),
    ):
        if head.startswith(magic):
            return words, hint
    if head.startswith(_OLD_GGML):
        return "is of a format older than GGUF", "Get a newer conversion of this model."
    if not head.strip(b"\0"):
        return (
            "begins with zeros, as an unfinished download does",
            "Let the download finish, or download the file again.",
        )
    found = f"begins with the bytes {head[:4].hex(' ')} instead of {GGUF_MAGIC.hex(' ')}"
    return f"{found}, which is GGUF", _CHOOSE


def _is_safetensors(head: bytes) -> bool:
    """Eight bytes of a length, then JSON."""
    if len(head) < 9:
        return False
    (length,) = struct.unpack_from("<Q", head)
    return head[8:9] == b"{" and 2 <= length < 1 << 32
