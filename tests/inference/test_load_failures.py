"""Models that cannot be used, seeded one by one: each is told with cause, numbers and a way out."""

from __future__ import annotations

import hashlib
import os
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import gguf
import numpy as np
import pytest

from app.child import child_command
from inference import errors
from inference.engine import Loaded, LoadRequest, ModelParams
from inference.host import EngineHost
from inference.llama.engine import LlamaEngine
from inference.llama.loader import look_at
from tests.inference.changed_gguf import changed_copy
from tests.inference.conftest import ENGINE_COMMAND
from tests.inference.tiny_models import write_tiny_model
from tests.inference.workers import free_port

Made = tuple[ModelParams, type[errors.EngineError], tuple[str, ...], str]
"""What is loaded, the error, words of its detail, and a word of its hint."""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("models") / "tiny.gguf", "llama")


@pytest.fixture(scope="module")
def host() -> Iterator[EngineHost]:
    """One engine for this file, so that each failure is followed by work that must be done."""
    made = EngineHost(ENGINE_COMMAND)
    yield made
    made.close()


def load(host: EngineHost, params: ModelParams) -> Loaded:
    *_, last = host.run(LoadRequest(os.urandom(4).hex(), params))
    assert isinstance(last, Loaded)
    return last


def on(path: Path, **more: object) -> ModelParams:
    return ModelParams(path, n_ctx=512, n_threads=1, **more)  # type: ignore[arg-type]


def missing(tiny: Path, folder: Path) -> Made:
    return on(folder / "gone.gguf"), errors.ModelNotFound, ("gone.gguf", "No such file"), "path"


def a_folder(tiny: Path, folder: Path) -> Made:
    return on(folder), errors.ModelNotFound, (str(folder), "not a file"), "another model"


def empty(tiny: Path, folder: Path) -> Made:
    path = folder / "empty.gguf"
    path.touch()
    return on(path), errors.NotAModelFile, ("empty.gguf", "0 bytes"), "Download"


def web_page(tiny: Path, folder: Path) -> Made:
    path = folder / "page.gguf"
    path.write_text("\n<!DOCTYPE html><html><title>Sign in</title></html>")
    return on(path), errors.NotAModelFile, ("page.gguf", "web page"), "sign in"


def lfs_pointer(tiny: Path, folder: Path) -> Made:
    path = folder / "pointer.gguf"
    path.write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a21\nsize 4920739232\n"
    )
    return on(path), errors.NotAModelFile, ("Git LFS", "4,920,739,232 bytes"), "git lfs pull"


def safetensors(tiny: Path, folder: Path) -> Made:
    path = folder / "model.safetensors"
    header = b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(4))
    return on(path), errors.NotAModelFile, ("model.safetensors", "safetensors"), "Convert"


def checkpoint(tiny: Path, folder: Path) -> Made:
    path = folder / "pytorch_model.bin"
    path.write_bytes(b"PK\x03\x04" + bytes(100))
    return on(path), errors.NotAModelFile, ("PyTorch",), "Convert"


def unfinished(tiny: Path, folder: Path) -> Made:
    path = folder / "zeros.gguf"
    path.write_bytes(bytes(10_000))
    return on(path), errors.NotAModelFile, ("zeros", "unfinished"), "download"


def old_format(tiny: Path, folder: Path) -> Made:
    path = folder / "old.bin"
    path.write_bytes(b"tjgg" + bytes(100))
    return on(path), errors.NotAModelFile, ("older than GGUF",), "newer conversion"


def big_endian(tiny: Path, folder: Path) -> Made:
    path = folder / "big-endian.gguf"
    path.write_bytes(b"GGUF" + struct.pack(">I", 3) + bytes(100))
    return on(path), errors.NotAModelFile, ("big-endian",), "little-endian"


def truncated(tiny: Path, folder: Path) -> Made:
    path = folder / "truncated.gguf"
    whole = tiny.read_bytes()
    path.write_bytes(whole[:-1000])
    numbers = (f"{len(whole) - 1000:,} bytes", f"{len(whole):,}")
    return on(path), errors.ModelFileTruncated, numbers, "Download"


def unknown_architecture(tiny: Path, folder: Path) -> Made:
    path = changed_copy(tiny, folder / "new.gguf", keys={"general.architecture": "llama99"})
    return on(path), errors.UnknownArchitecture, ("new.gguf", "'llama99'"), "update"


def missing_tensor(tiny: Path, folder: Path) -> Made:
    path = changed_copy(tiny, folder / "hole.gguf", without_tensors={"blk.2.attn_k.weight"})
    # 4 layers of 9 tensors, embedding, norm and output, less one.
    return on(path), errors.ModelDamaged, ("blk.2.attn_k.weight", "38 tensors"), "Download"


def wrong_shape(tiny: Path, folder: Path) -> Made:
    other = {"blk.1.ffn_up.weight": np.zeros((256, 256), dtype=np.float16)}
    path = changed_copy(tiny, folder / "shape.gguf", tensors=other)
    words = ("blk.1.ffn_up.weight", "256 x 256", "256 x 512")
    return on(path), errors.ModelDamaged, words, "Download"


def unknown_type(tiny: Path, folder: Path) -> Made:
    path = folder / "type.gguf"
    path.write_bytes(tiny.read_bytes())
    reader = gguf.GGUFReader(path, "r+")
    tensor = next(one for one in reader.tensors if one.name == "blk.0.attn_q.weight")
    tensor.field.parts[4][0] = 99
    del reader
    return on(path), errors.ModelDamaged, ("blk.0.attn_q.weight", "99"), "quantization"


def no_tokenizer(tiny: Path, folder: Path) -> Made:
    names = ("model", "tokens", "scores", "token_type")
    without = {f"tokenizer.ggml.{name}" for name in names}
    path = changed_copy(tiny, folder / "mute.gguf", without_keys=without)
    return on(path), errors.ModelLoadFailed, ("mute.gguf", "tokenizer"), "newer conversion"


def unknown_tokenizer(tiny: Path, folder: Path) -> Made:
    path = changed_copy(tiny, folder / "odd.gguf", keys={"tokenizer.ggml.model": "runes"})
    return on(path), errors.ModelLoadFailed, ("odd.gguf", "'runes'"), "update"


def missing_key(tiny: Path, folder: Path) -> Made:
    key = "llama.attention.layer_norm_rms_epsilon"
    path = changed_copy(tiny, folder / "key.gguf", without_keys={key})
    return on(path), errors.ModelLoadFailed, (key,), "newer conversion"


def key_of_another_type(tiny: Path, folder: Path) -> Made:
    key = "llama.context_length"
    path = changed_copy(tiny, folder / "text.gguf", keys={key: "8192"})
    return on(path), errors.ModelLoadFailed, (key, "str", "u32"), "newer conversion"


def list_of_another_length(tiny: Path, folder: Path) -> Made:
    hybrid = write_tiny_model(folder / "hybrid.gguf", "lfm2", n_layer=2)  # its list is for four
    words = ("lfm2.attention.head_count_kv", "has 4 entries", "should have 2")
    return on(hybrid), errors.ModelLoadFailed, words, "newer conversion"


def eyes(tiny: Path, folder: Path) -> Made:
    keys: dict[str, str | int | bool] = {"general.architecture": "clip", "general.type": "mmproj"}
    path = changed_copy(tiny, folder / "mmproj.gguf", keys=keys)
    return on(path), errors.NotAChatModel, ("mmproj.gguf", "sees pictures"), "model itself"


def adapter_as_model(tiny: Path, folder: Path) -> Made:
    path = changed_copy(tiny, folder / "lora.gguf", keys={"general.type": "adapter"})
    return on(path), errors.NotAChatModel, ("lora.gguf", "LoRA"), "--adapter"


def encoder(tiny: Path, folder: Path) -> Made:
    keys: dict[str, str | int | bool] = {
        "general.architecture": "bert",
        "bert.attention.causal": False,
    }
    path = changed_copy(tiny, folder / "bert.gguf", keys=keys)
    return on(path), errors.NotAChatModel, ("'bert'", "embeddings"), "made for chats"


def only_a_vocabulary(tiny: Path, folder: Path) -> Made:
    names = {tensor.name for tensor in gguf.GGUFReader(tiny).tensors}
    path = changed_copy(tiny, folder / "vocab.gguf", without_tensors=names)
    return on(path), errors.NotAChatModel, ("vocabulary",), "model itself"


def damaged_content(tiny: Path, folder: Path) -> Made:
    path = folder / "bits.gguf"
    data = bytearray(tiny.read_bytes())
    good = hashlib.sha256(data).hexdigest()
    data[-500] ^= 1
    path.write_bytes(data)
    (folder / "bits.gguf.sha256").write_text(f"{good}  bits.gguf\n")
    return on(path), errors.ModelDamaged, (good, hashlib.sha256(data).hexdigest()), "Download"


def no_checksum(tiny: Path, folder: Path) -> Made:
    path = folder / "sum.gguf"
    path.write_bytes(tiny.read_bytes())
    (folder / "sum.gguf.sha256").write_text("404: Not Found")
    return on(path), errors.ModelDamaged, ("sum.gguf.sha256", "no SHA-256"), "remove"


def unknown_kv_type(tiny: Path, folder: Path) -> Made:
    return on(tiny, kv_type="q9_9"), errors.ModelLoadFailed, ("'q9_9'",), "q8_0"


def kv_type_of_other_blocks(tiny: Path, folder: Path) -> Made:
    # Heads of 40 values; those of the tiny model have 32, which is one block of q8_0.
    keys = {"llama.attention.key_length": 40, "llama.attention.value_length": 40}
    keys["llama.rope.dimension_count"] = 40
    values = {}
    for layer in range(4):
        for name, rows, columns in (
            ("attn_q", 320, 256),
            ("attn_k", 80, 256),
            ("attn_v", 80, 256),
            ("attn_output", 256, 320),
        ):
            values[f"blk.{layer}.{name}.weight"] = np.zeros((rows, columns), dtype=np.float16)
    path = changed_copy(tiny, folder / "heads.gguf", keys=keys, tensors=values)
    return on(path, kv_type="q8_0"), errors.ModelLoadFailed, ("40", "32", "q8_0"), "f16"


def context_beyond_memory(tiny: Path, folder: Path) -> Made:
    # 4 layers of K and V with 2 heads of 32 half-precision numbers: 1 KiB a token.
    params = ModelParams(tiny, n_ctx=2**31, n_threads=1)
    return params, errors.ModelTooLarge, ("2,147,483,648 tokens of context 2199.0 GB",), "would fit"


def worker_gone(tiny: Path, folder: Path) -> Made:
    address = f"127.0.0.1:{free_port()}"
    params = on(tiny, rpc_servers=(address,))
    return params, errors.WorkerUnreachable, (address,), "conclave rpc-worker"


SEEDED = (
    missing,
    a_folder,
    empty,
    web_page,
    lfs_pointer,
    safetensors,
    checkpoint,
    unfinished,
    old_format,
    big_endian,
    truncated,
    unknown_architecture,
    missing_tensor,
    wrong_shape,
    unknown_type,
    no_tokenizer,
    unknown_tokenizer,
    missing_key,
    key_of_another_type,
    list_of_another_length,
    eyes,
    adapter_as_model,
    encoder,
    only_a_vocabulary,
    damaged_content,
    no_checksum,
    unknown_kv_type,
    kv_type_of_other_blocks,
    context_beyond_memory,
    worker_gone,
)


@pytest.mark.parametrize("seed", SEEDED, ids=lambda seed: seed.__name__)
def test_a_seeded_failure_is_explained(
    host: EngineHost, tiny: Path, tmp_path: Path, seed: Callable[[Path, Path], Made]
) -> None:
    params, kind, words, way_out = seed(tiny, tmp_path)

    with pytest.raises(errors.EngineError) as caught:
        load(host, params)

    assert type(caught.value) is kind
    assert caught.value.title
    for word in words:
        assert word in caught.value.detail
    assert way_out in caught.value.hint
    before = host.process_id
    assert load(host, on(tiny)).architecture == "llama"
    assert host.process_id == before


UNPRIVILEGED = """
import os, sys
from pathlib import Path
from inference.errors import ModelNotFound
from inference.llama.loader import look_at
from inference.engine import ModelParams
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
try:
    look_at(ModelParams(Path(sys.argv[1])))
except ModelNotFound as error:
    print(error.detail, error.hint, sep="|")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX")
def test_a_file_that_may_not_be_read(tiny: Path, tmp_path: Path) -> None:
    path = tmp_path / "secret.gguf"
    path.write_bytes(tiny.read_bytes())
    path.chmod(0)
    # Whoever runs the tests may be allowed to read everything.
    command = [sys.executable, "-c", UNPRIVILEGED, str(path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout

    detail, hint = told.split("|")
    assert detail == f"{path}: Permission denied"
    assert "another model" in hint


def test_a_checksum_that_agrees_is_checked_on_the_way(
    host: EngineHost, tiny: Path, tmp_path: Path
) -> None:
    path = tmp_path / "sound.gguf"
    path.write_bytes(tiny.read_bytes())
    digest = hashlib.sha256(path.read_bytes()).hexdigest().upper()
    (tmp_path / "sound.gguf.sha256").write_text(f"{'0' * 64}  other.gguf\n{digest} *sound.gguf\n")

    *progress, last = host.run(LoadRequest("1", on(path)))

    assert isinstance(last, Loaded)
    fractions = [event.fraction for event in progress]  # type: ignore[union-attr]
    assert fractions == sorted(fractions)
    assert 0.5 in fractions
    assert fractions[-1] == 1.0


def test_a_context_longer_than_trained_for_is_told(host: EngineHost, tiny: Path) -> None:
    loaded = load(host, ModelParams(tiny, n_ctx=16_384, n_threads=1))

    assert loaded.n_ctx == 16_384
    assert "16,384 tokens is longer than the 8,192 this model was trained for" in loaded.notes
    assert "trained" not in load(host, ModelParams(tiny, n_ctx=8_192, n_threads=1)).notes


def test_a_file_that_was_replaced_is_loaded_anew(
    host: EngineHost, tiny: Path, tmp_path: Path
) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(tiny.read_bytes())
    assert load(host, on(path)).name == "Tiny llama"

    other = changed_copy(tiny, tmp_path / "other.gguf", keys={"general.name": "Another"})
    other.replace(path)
    assert load(host, on(path)).name == "Another"

    path.unlink()
    assert load(host, on(path)).name == "Another"  # it is in memory still


def test_a_file_that_is_replaced_while_it_is_loaded(tiny: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(tiny.read_bytes())
    engine = LlamaEngine(child_command("template"))
    try:
        files = look_at(on(path))
        changed_copy(tiny, tmp_path / "other.gguf", keys={"general.name": "Another"}).replace(path)
        with pytest.raises(errors.ModelFileChanged, match=str(path)):
            list(engine._loader.load(files))
        assert isinstance(list(engine.run(LoadRequest("1", on(path))))[-1], Loaded)
    finally:
        engine.close()
