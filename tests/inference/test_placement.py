"""Plans for made-up models with round sizes, checked by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.errors import ModelError, ModelTooLarge
from inference.gguf_header import GgufHeader, MetadataValue, TensorInfo, read_header
from inference.memory.attention_memory import CacheOptions
from inference.memory.placement import SYSTEM, Device, Placement, PlanOptions, plan
from inference.memory.shortage import check_fits, largest_kv_type, largest_n_ctx
from tests.inference.mutated_gguf import broken_files

MB = 1_000_000
CACHE = 256 * 2 * 1000 * 2
"""One layer's cache at 256 tokens: keys and values of 1000 numbers each, in float16."""
BUFFER = 5 * MB


def model(n_layer: int, layer: int, experts: int = 0, output: int = 20 * MB) -> GgufHeader:
    """Sizes in bytes; the embedding takes 30 MB."""
    sizes = {"token_embd.weight": 30 * MB, "output.weight": output}
    for index in range(n_layer):
        sizes[f"blk.{index}.attn_q.weight"] = layer
        if experts:
            sizes[f"blk.{index}.ffn_up_exps.weight"] = experts
    metadata: dict[str, MetadataValue] = {
        "general.architecture": "llama",
        "llama.block_count": n_layer,
        "llama.attention.head_count": 1,
        "llama.embedding_length": 1000,
    }
    tensors = tuple(TensorInfo(name, (size // 4,), 0, 0) for name, size in sizes.items())
    return GgufHeader(Path("any.gguf"), metadata, tensors, 0, 0)


def options(*devices: Device, system: int = 10_000 * MB, n_ctx: int = 256) -> PlanOptions:
    buffers = dict.fromkeys((SYSTEM, *(device.name for device in devices)), BUFFER)
    return PlanOptions(CacheOptions(n_ctx), system, compute_bytes=buffers)


def layers_on(placement: Placement) -> list[int]:
    return [share.n_layers for share in placement.devices]


def test_what_fits_goes_to_the_card_whole() -> None:
    card = Device("CUDA0", 560 * MB)
    placement = plan(model(4, 100 * MB), options(card), [card])

    assert placement.fits
    assert layers_on(placement) == [5]
    (share,) = placement.devices
    assert (share.weights_bytes, share.cache_bytes) == (420 * MB, 4 * CACHE)
    assert placement.system.weights_bytes == 30 * MB
    assert placement.bytes_by_device == {
        "CPU": 30 * MB + BUFFER,
        "CUDA0": 420 * MB + 4 * CACHE + BUFFER,
    }
    assert placement.summary() == "all 5 layers on CUDA0"


def test_a_dense_model_leaves_its_first_layers_in_system_memory() -> None:
    card = Device("CUDA0", 250 * MB)
    placement = plan(model(4, 100 * MB), options(card), [card])

    # 5 MB of buffers, 20 MB of output and two layers of 101 MB: 227 MB.
    assert layers_on(placement) == [3]
    assert placement.system.n_layers == 2
    assert placement.system.weights_bytes == 230 * MB
    assert placement.summary() == "3 layers on CUDA0, 2 in system memory"


def test_of_a_mixture_attention_goes_first_and_experts_follow_layer_by_layer() -> None:
    card = Device("CUDA0", 500 * MB)
    placement = plan(model(4, 10 * MB, experts=150 * MB), options(card), [card])

    # 5 + 20 + 4 * 11 = 69 MB without experts; the 431 MB left hold those of two layers.
    assert layers_on(placement) == [5]
    assert placement.experts_in_memory == (0, 1)
    assert placement.devices[0].weights_bytes == 360 * MB
    assert placement.system.weights_bytes == 330 * MB
    assert placement.summary() == ("all 5 layers on CUDA0; experts of 2 of them in system memory")


def test_a_mixture_whose_attention_does_not_fit_keeps_whole_layers_back() -> None:
    card = Device("CUDA0", 60 * MB)
    placement = plan(model(4, 10 * MB, experts=150 * MB), options(card), [card])

    # 5 + 20 + 3 * 11 = 58 MB.
    assert layers_on(placement) == [4]
    assert placement.experts_in_memory == (1, 2, 3)
    assert placement.system.weights_bytes == (30 + 10 + 4 * 150) * MB


def test_experts_can_be_kept_off_the_devices() -> None:
    card = Device("CUDA0", 5000 * MB)
    header = model(4, 10 * MB, experts=150 * MB)

    none = plan(header, replace(options(card), max_expert_layers=0), [card])
    assert (layers_on(none), none.experts_in_memory) == ([5], (0, 1, 2, 3))
    half = plan(header, replace(options(card), max_expert_layers=2), [card])
    assert (layers_on(half), half.experts_in_memory) == ([5], (0, 1))


def test_several_devices_are_used_the_last_one_first() -> None:
    cards = [Device("CUDA0", 250 * MB), Device("CUDA1", 250 * MB)]
    placement = plan(model(4, 100 * MB), options(*cards), cards)

    assert layers_on(placement) == [2, 3]
    assert placement.summary() == "2 layers on CUDA0, 3 layers on CUDA1"


def test_a_mixture_on_several_devices_has_experts_on_each() -> None:
    cards = [Device("CUDA0", 400 * MB), Device("CUDA1", 400 * MB)]
    placement = plan(model(8, 10 * MB, experts=150 * MB), options(*cards), cards)

    assert sum(layers_on(placement)) == 9
    assert min(layers_on(placement)) >= 4
    # Beside 4 * 11 MB of layers there is room for the experts of two on either.
    assert [share.weights_bytes > 300 * MB for share in placement.devices] == [True, True]
    assert len(placement.experts_in_memory) == 4


def test_an_unused_card_is_told_with_the_reason() -> None:
    full, free = Device("CUDA0", 3 * MB), Device("CUDA1", 900 * MB)
    header = model(4, 100 * MB)

    assert plan(header, options(full), [full]).unused == {
        "CUDA0": "it has 3 MB free, and one layer with its buffers takes 25 MB"
    }
    assert plan(header, options(full, free), [full, free]).unused == {
        "CUDA0": "the model fits without it"
    }
    none = replace(options(free), max_gpu_layers=0)
    assert plan(header, none, [free]).unused == {"CUDA1": "no layers are to be put on devices"}


def test_a_shared_embedding_costs_its_size_again_on_a_device() -> None:
    header = model(2, 100 * MB)
    tied = replace(header, tensors=tuple(t for t in header.tensors if t.name != "output.weight"))
    card = Device("CUDA0", 900 * MB)

    assert plan(tied, options(card), [card]).devices[0].weights_bytes == 230 * MB
    assert plan(tied, options()).system.weights_bytes == 230 * MB


def test_what_an_integrated_card_takes_is_taken_from_the_system() -> None:
    header = model(4, 100 * MB)
    card = Device("Metal", 900 * MB)
    shared = replace(card, shares_system_memory=True)

    assert plan(header, options(card, system=100 * MB), [card]).fits
    assert not plan(header, options(shared, system=100 * MB), [shared]).fits
    assert plan(header, options(shared, system=500 * MB), [shared]).fits


def test_too_large_a_context_is_refused_with_what_would_fit() -> None:
    header = model(4, 100 * MB)
    # Weights take 450 MB, buffers 5, and 128 times 256 tokens 4 * 128 * 1.024 = 524 MB.
    wanted = options(system=800 * MB, n_ctx=128 * 256)

    with pytest.raises(ModelTooLarge) as caught:
        check_fits(header, wanted, [], plan(header, wanted))
    for number in ("979 MB", "450 MB", "32,768 tokens", "524 MB", "800 MB are free"):
        assert number in caught.value.detail
    # 345 MB hold 84 times 256 tokens, and the whole in Q8_0: 524 * 34 / 64 = 279 MB.
    assert largest_n_ctx(header, wanted, []) == 84 * 256
    assert "21,504 tokens" in caught.value.hint
    assert largest_kv_type(header, wanted, []) == "q8_0"
    assert "q8_0" in caught.value.hint


def test_too_large_weights_are_refused_with_the_bits_that_would_fit() -> None:
    header = model(4, 100 * MB)
    wanted = options(system=200 * MB, n_ctx=512)

    with pytest.raises(ModelTooLarge) as caught:
        check_fits(header, wanted, [], plan(header, wanted))
    # (200 - 5 - 4 * 2.048) MB for 112.5 million weights.
    assert "13.3 bits a weight" in caught.value.hint
    assert largest_n_ctx(header, wanted, []) == 0


@given(
    layers=st.lists(st.integers(1, 100), min_size=1, max_size=12),
    experts=st.integers(0, 200),
    rooms=st.lists(st.integers(0, 1500), max_size=3),
    limit=st.integers(-1, 14),
)
@settings(deadline=None, max_examples=150)
def test_every_plan_holds_each_weight_once_and_keeps_within_the_devices(
    layers: list[int], experts: int, rooms: list[int], limit: int
) -> None:
    header = model(len(layers), MB, experts * MB)
    devices = [Device(f"CUDA{index}", room * MB) for index, room in enumerate(rooms)]
    asked = replace(options(*devices), max_gpu_layers=limit)
    placement = plan(header, asked, devices)

    held = sum(share.weights_bytes for share in (placement.system, *placement.devices))
    assert held == header.tensor_bytes
    assert placement.system.n_layers + placement.n_gpu_layers == len(layers) + 1
    assert limit == -1 or placement.n_gpu_layers <= limit
    assert all(share.total_bytes <= share.free_bytes for share in placement.devices)
    assert placement.fits
    on_devices = range(placement.system.n_layers, len(layers))
    assert set(placement.experts_in_memory) <= set(on_devices)
    unused = {share.name for share in placement.devices if not share.n_layers}
    assert set(placement.unused) == unused


def test_no_header_that_can_be_read_confuses_the_plan(tmp_path: Path) -> None:
    path = tmp_path / "broken.gguf"
    card = Device("CUDA0", 100 * MB)
    n_plans = 0
    for content in broken_files():
        path.unlink(missing_ok=True)
        path.write_bytes(content)
        try:
            header = read_header(path)
        except ModelError:
            continue
        placement = plan(header, PlanOptions(CacheOptions(2048), 1000 * MB), [card])
        n_plans += placement.total_bytes >= 0
        assert len(placement.summary()) < 200
    assert n_plans > 500
