"""Sees pictures: llama.cpp's libmtmd turns them into embeddings and puts those into a context.

A picture has one or more pieces (a large one is cut into tiles by some projectors), each between
words of its own, such as the mark of its beginning. Where pictures stand in a prompt is
`prompt.picture_marks`'s.

Source: tools/mtmd/mtmd.h and mtmd-helper.h of llama.cpp, as in llama-cpp-python 0.3.36.
"""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import llama_cpp.llama_cpp as llama
import llama_cpp.mtmd_cpp as mtmd

from inference.engine import Picture
from inference.errors import PictureTooLarge, PictureUnreadable, ProjectorMismatch
from inference.llama.native_log import NativeLog, explanation
from inference.llama.picture_tokens import chunk_tokens
from inference.llama.watch import ABORTED
from inference.pictures import pixels_of
from inference.projector import failed
from inference.prompt.picture_marks import digest
from inference.states.fingerprint import sampled_digest

_MARKER = b"<__media__>"
_MISMATCH = re.compile(
    r"text model \(n_embd = (?P<model>\d+)\) and mmproj \(n_embd = (?P<projector>\d+)\)"
)
_NODES_BETWEEN_QUESTIONS = 32
"""While a picture is encoded it can be stopped behind every so many nodes of the graph."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """One piece of a picture, by its place among libmtmd's chunks."""

    digest: str
    chunk: int
    n_tokens: int


class Projector:
    """The projector of one loaded model.

    Args:
        path: Its file.
        model: The model's handle.
        log: Where llama.cpp says why it refuses something.
        use_gpu: Whether it may lie on a graphics device.
        n_threads: Threads to compute with.

    Raises:
        ProjectorFailed: llama.cpp refuses it.
        ProjectorMismatch: It is for a model of another size.
    """

    def __init__(
        self, path: Path, model: int, log: NativeLog, *, use_gpu: bool, n_threads: int
    ) -> None:
        self._path = path
        self._log = log
        self._is_stopped: Callable[[], bool] = lambda: False
        self._was_stopped = False
        self._n_nodes = 0
        self._callback = llama.ggml_backend_sched_eval_callback(self._on_node)
        mtmd.mtmd_helper_log_set(log.callback, ctypes.c_void_p(0))
        params = mtmd.mtmd_context_params_default()
        params.use_gpu = use_gpu
        params.n_threads = n_threads
        params.print_timings = False
        params.warmup = False
        params.media_marker = _MARKER
        params.cb_eval = self._callback
        self._context = mtmd.mtmd_init_from_file(os.fsencode(path), model, params)
        if not self._context:
            raise self._refusal()
        self.has_two_dimensions = bool(mtmd.mtmd_decode_use_mrope(self._context))
        self._key = sampled_digest(path)
        self._shown: dict[str, Picture] = {}
        self._tokens: dict[str, list[int]] = {}
        self._pieces: dict[int, _Piece] = {}
        self._chunks: tuple[str, int] = ("", 0)

    def close(self) -> None:
        """Free it."""
        self._keep_chunks("", 0)
        mtmd.mtmd_free(self._context)

    def show(self, pictures: Iterable[Picture], *, also: bool = False) -> None:
        """From now on these can be in prompts.

        Args:
            pictures: Those of a request.
            also: Beside those that were shown before.
        """
        before = self._shown if also else {}
        self._shown = before | {digest(picture): picture for picture in pictures}

    def tokens(self, name: str) -> list[int]:
        """The ids of a picture in a prompt, words around it included.

        Args:
            name: Its digest.

        Raises:
            PictureUnreadable, PictureTooLarge: It cannot be used.
        """
        if name not in self._tokens:
            self._tokens[name] = self._counted(name)
        return self._tokens[name]

    def length(self, token: int) -> int:
        """How many tokens the piece of a picture has that begins with this id."""
        return self._pieces[token].n_tokens

    def evaluate(
        self,
        context: int,
        first: int,
        position: int,
        n_batch: int,
        is_stopped: Callable[[], bool],
    ) -> int:
        """Put a piece of a picture into a context.

        Args:
            context: llama.cpp's.
            first: The piece's first id.
            position: Where it begins.
            n_batch: Tokens of one micro-batch.
            is_stopped: Asked while it is encoded.

        Returns:
            What `llama_decode` returned; `ABORTED` where it was stopped.

        Raises:
            PictureUnreadable: It cannot be encoded.
            PictureTooLarge: It must be evaluated at once, and has more tokens than a batch.
        """
        piece = self._pieces[first]
        chunk = mtmd.mtmd_input_chunks_get(self._native(piece.digest), piece.chunk)
        self._check_batch(piece, chunk, n_batch)
        self._is_stopped, self._was_stopped = is_stopped, False
        self._log.lines.clear()
        if mtmd.mtmd_encode_chunk(self._context, chunk):
            raise self._not_encoded(piece.digest)
        if self._was_stopped or is_stopped():
            return ABORTED
        end = llama.llama_pos()
        embeddings = mtmd.mtmd_get_output_embd(self._context)
        nobody = mtmd.mtmd_helper_post_decode_callback()
        return int(
            mtmd.mtmd_helper_decode_image_chunk(
                self._context,
                context,
                chunk,
                embeddings,
                position,
                0,
                n_batch,
                ctypes.byref(end),
                nobody,
                None,
            )
        )

    def _on_node(self, _tensor: object, is_question: bool, _data: object) -> bool:
        """Whether ggml shall wait behind a node, and then, whether it shall go on."""
        if is_question:
            self._n_nodes += 1
            return self._n_nodes % _NODES_BETWEEN_QUESTIONS == 0
        self._was_stopped = self._was_stopped or self._is_stopped()
        return not self._was_stopped

    def _counted(self, name: str) -> list[int]:
        chunks = self._native(name)
        found: list[int] = []
        for place in range(mtmd.mtmd_input_chunks_size(chunks)):
            chunk = mtmd.mtmd_input_chunks_get(chunks, place)
            if mtmd.mtmd_input_chunk_get_type(chunk) == mtmd.MTMD_INPUT_CHUNK_TYPE_TEXT:
                found += _words(chunk)
                continue
            n_tokens = int(mtmd.mtmd_input_chunk_get_n_tokens(chunk))
            n_positions = int(mtmd.mtmd_input_chunk_get_n_pos(chunk))
            ids = chunk_tokens(f"{self._key} {name}", place, n_tokens, n_positions)
            self._pieces[ids[0]] = _Piece(name, place, n_tokens)
            found += ids
        return found

    def _native(self, name: str) -> int:
        """libmtmd's chunks of a picture; those of the last one are kept."""
        if self._chunks[0] != name:
            self._keep_chunks(name, self._cut(self._shown[name]))
        return self._chunks[1]

    def _keep_chunks(self, name: str, chunks: int) -> None:
        if self._chunks[1]:
            mtmd.mtmd_input_chunks_free(self._chunks[1])
        self._chunks = (name, chunks)

    def _cut(self, picture: Picture) -> int:
        """Scale a picture and cut it into chunks as the projector wants it."""
        pixels = pixels_of(picture)
        self._log.lines.clear()  # what follows is about this picture alone
        height, width, _ = pixels.shape
        data = pixels.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))
        bitmap = mtmd.mtmd_bitmap_init(width, height, data)
        chunks = mtmd.mtmd_input_chunks_init()
        text = mtmd.mtmd_input_text(_MARKER, len(_MARKER), False, True)
        bitmaps = (mtmd.mtmd_bitmap_p_ctypes * 1)(bitmap)
        try:
            if mtmd.mtmd_tokenize(self._context, chunks, ctypes.byref(text), bitmaps, 1):
                mtmd.mtmd_input_chunks_free(chunks)
                raise _unusable(picture, f"{width:,} x {height:,} pixels", self._log)
        finally:
            mtmd.mtmd_bitmap_free(bitmap)
        return int(chunks)

    def _check_batch(self, piece: _Piece, chunk: int, n_batch: int) -> None:
        at_once = mtmd.mtmd_decode_use_non_causal(self._context, chunk)
        if at_once and piece.n_tokens > n_batch:
            name = self._shown[piece.digest].name or "The picture"
            raise PictureTooLarge(
                "The picture has too many tokens for one step",
                f"{name} has {piece.n_tokens:,} tokens, which this model reads all at once; a step "
                f"has {n_batch:,}.",
                "Set the tokens of a prefill step higher, or make the picture smaller.",
            )

    def _not_encoded(self, name: str) -> PictureUnreadable:
        return _unusable(self._shown[name], "llama.cpp could not encode it", self._log)

    def _refusal(self) -> Exception:
        lines = list(self._log.lines)
        found = next((hit for line in lines if (hit := _MISMATCH.search(line))), None)
        if found is not None:
            return ProjectorMismatch(
                "The projector does not belong to this model",
                f"{self._path.name} makes embeddings of {int(found['projector']):,} numbers; the "
                f"model takes {int(found['model']):,}.",
                "Choose the projector that was published with this model, or go on without it.",
            )
        return failed(f"{self._path.name}: {explanation(lines)}")


def _words(chunk: int) -> Sequence[int]:
    count = ctypes.c_size_t()
    tokens = mtmd.mtmd_input_chunk_get_tokens_text(chunk, ctypes.byref(count))
    return [int(token) for token in tokens[: count.value]]


def _unusable(picture: Picture, what: str, log: NativeLog) -> PictureUnreadable:
    return PictureUnreadable(
        "The model cannot take in the picture",
        f"{picture.name or 'The picture'}: {what}. {explanation(list(log.lines))}",
        "Try another picture, or the same one in another size.",
    )
