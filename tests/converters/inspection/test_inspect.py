from __future__ import annotations

import json
from pathlib import Path

import gguf
import numpy as np
import pytest
from safetensors.numpy import save_file

from converters.errors import NotACheckpoint
from converters.inspection import inspect, report
from converters.inspection.inspected import Size
from converters.inspection.kinds import Kind, kind_of, layer_of
from inference.errors import NotAModelFile


@pytest.fixture
def mixture(tmp_path: Path) -> Path:
    """Two layers of four experts, two of which are used."""
    path = tmp_path / "mixture.gguf"
    writer = gguf.GGUFWriter(path, "qwen3moe")
    writer.add_name("Mixture")
    writer.add_expert_count(4)
    writer.add_expert_used_count(2)
    writer.add_chat_template("{{ messages }}")
    writer.add_token_list([f"token{index}" for index in range(5000)])
    writer.add_tensor("token_embd.weight", np.zeros((10, 32), np.float32))
    for layer in range(2):
        writer.add_tensor(f"blk.{layer}.attn_q.weight", np.zeros((32, 32), np.float16))
        writer.add_tensor(f"blk.{layer}.attn_norm.weight", np.zeros(32, np.float32))
        writer.add_tensor(f"blk.{layer}.ffn_gate_inp.weight", np.zeros((4, 32), np.float32))
        experts = gguf.quantize(np.ones((4, 8, 32), np.float32), gguf.GGMLQuantizationType.Q8_0)
        writer.add_tensor(
            f"blk.{layer}.ffn_up_exps.weight", experts, raw_dtype=gguf.GGMLQuantizationType.Q8_0
        )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_weights_and_sizes_of_a_mixture(mixture: Path) -> None:
    found = inspect(mixture)

    # By hand: 10 * 32 + 2 * (32 * 32 + 32 + 4 * 32 + 4 * 8 * 32).
    assert found.total.n_weights == 320 + 2 * (1024 + 32 + 128 + 1024)
    # Half of the experts are not used.
    assert found.n_active == found.total.n_weights - 1024
    # Q8_0: 34 bytes for 32 weights.
    assert found.by_kind[Kind.ROUTED_EXPERTS] == Size(2, 2048, 2048 // 32 * 34)
    assert found.by_kind[Kind.EMBEDDING] == Size(1, 320, 1280)
    assert found.by_layer[1] == Size(4, 2208, 2048 + 128 + 512 + 1088)
    # Largest first: 4,096 bytes, 1,280 + 2 * 640, 2 * 1,088.
    assert list(found.by_type) == ["F16", "F32", "Q8_0"]
    assert found.chat_template == "{{ messages }}"
    assert found.architecture == "qwen3moe"


def test_json_holds_everything(mixture: Path) -> None:
    plain = json.loads(report.as_json(inspect(mixture)))

    assert plain["metadata"]["general.name"] == "Mixture"
    assert plain["metadata"]["tokenizer.ggml.tokens"] == "(5,000 values)"
    assert plain["n_experts_used"] == 2
    assert plain["tensors"][0] == {
        "name": "token_embd.weight",
        "shape": [10, 32],
        "type": "F32",
        "n_bytes": 1280,
        "n_weights": 320,
    }


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    config = {"architectures": ["GptOssForCausalLM"], "num_local_experts": 2}
    (tmp_path / "config.json").write_text(json.dumps({**config, "num_experts_per_tok": 1}))
    (tmp_path / "chat_template.jinja").write_text("a template")
    tensors = {
        "model.embed_tokens.weight": np.zeros((10, 4), np.float16),
        "model.layers.0.self_attn.q_proj.weight": np.zeros((4, 4), np.float16),
        "model.layers.0.mlp.experts.down_proj_blocks": np.zeros((2, 4, 1, 16), np.uint8),
        "lm_head.weight": np.zeros((10, 4), np.float16),
    }
    save_file(tensors, tmp_path / "model.safetensors")
    return tmp_path


def test_a_checkpoint_with_two_weights_in_a_byte(checkpoint: Path) -> None:
    found = inspect(checkpoint)

    assert found.form == "safetensors"
    assert found.architecture == "GptOssForCausalLM"
    assert found.by_kind[Kind.ROUTED_EXPERTS] == Size(1, 256, 128)
    assert found.total.n_weights == 40 + 16 + 256 + 40
    assert found.n_active == 40 + 16 + 128 + 40
    assert found.chat_template == "a template"


def test_one_file_without_its_folder_is_enough(checkpoint: Path, tmp_path: Path) -> None:
    alone = tmp_path / "elsewhere" / "part.safetensors"
    alone.parent.mkdir()
    (checkpoint / "model.safetensors").rename(alone)

    found = inspect(alone)

    assert len(found.tensors) == 4
    assert found.metadata == {}


@pytest.mark.parametrize(
    ("name", "kind", "layer"),
    [
        ("token_embd.weight", Kind.EMBEDDING, None),
        ("blk.12.attn_q.weight", Kind.ATTENTION, 12),
        ("blk.3.ffn_gate_inp.weight", Kind.ROUTER, 3),
        ("blk.3.exp_probs_b.bias", Kind.ROUTER, 3),
        ("blk.3.ffn_down_exps.weight", Kind.ROUTED_EXPERTS, 3),
        ("blk.3.ffn_down_shexp.weight", Kind.SHARED_EXPERTS, 3),
        ("blk.3.ffn_down.weight", Kind.FEED_FORWARD, 3),
        ("blk.3.ffn_norm.weight", Kind.NORM, 3),
        ("blk.0.ssm_in.weight", Kind.RECURRENT, 0),
        ("output_norm.weight", Kind.NORM, None),
        ("output.weight", Kind.OUTPUT, None),
        ("model.layers.7.mlp.experts.11.up_proj.weight", Kind.ROUTED_EXPERTS, 7),
        ("model.layers.7.mlp.shared_experts.up_proj.weight", Kind.SHARED_EXPERTS, 7),
        ("model.layers.7.mlp.gate.weight", Kind.ROUTER, 7),
        ("model.layers.7.mlp.gate_proj.weight", Kind.FEED_FORWARD, 7),
        ("model.layers.7.block_sparse_moe.gate.weight", Kind.ROUTER, 7),
        ("model.layers.7.block_sparse_moe.experts.0.w1.weight", Kind.ROUTED_EXPERTS, 7),
        ("model.layers.7.self_attn.kv_b_proj.weight", Kind.ATTENTION, 7),
        ("model.layers.7.post_attention_layernorm.weight", Kind.NORM, 7),
        ("lm_head.weight", Kind.OUTPUT, None),
    ],
)
def test_what_a_tensor_is_for(name: str, kind: Kind, layer: int | None) -> None:
    assert kind_of(name) is kind
    assert layer_of(name) == layer


def test_values_on_one_line() -> None:
    assert report.short([1, 2, 3, 4]) == "[1, 2, 3, …] (4 values)"
    assert report.short("a\nb") == "a b"
    assert report.weights(671_000_000_000) == "671 B"
    assert report.megabytes(1_500_000_000) == "1.50 GB"


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("nothing of a model")

    with pytest.raises(NotAModelFile):
        inspect(path)
    with pytest.raises(NotACheckpoint):
        inspect(tmp_path)
