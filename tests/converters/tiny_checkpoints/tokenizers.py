"""The tokenizer of each family, small: its special tokens, its template, its switches."""

from __future__ import annotations

from .byte_level import ByteLevel
from .sentence_piece import CONTROL, UNKNOWN, USER_DEFINED, SentencePiece

_NFC = {"type": "NFC"}


_MESSAGES = "{% for m in messages %}"


def _template(open_: str, close: str) -> str:
    return (
        "{% for message in messages %}{{ '"
        + open_
        + "' + message['role'] + '\\n' + message['content'] + '"
        + close
        + "' }}{% endfor %}"
    )


_CHAT_ML = _template("<|im_start|>", "<|im_end|>\\n")

DEEPSEEK_2 = ByteLevel(
    pre="deepseek-llm",
    specials=("<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>"),
    plain=("<｜User｜>", "<｜Assistant｜>"),
    bos="<｜begin▁of▁sentence｜>",
    eos="<｜end▁of▁sentence｜>",
    pad="<｜end▁of▁sentence｜>",
    template="{{ bos_token }}" + _MESSAGES + "{{ m['role'] + ': ' + m['content'] }}{% endfor %}",
    more={"add_bos_token": True, "add_eos_token": False, "legacy": True},
)
DEEPSEEK_3 = ByteLevel(
    pre="deepseek-v3",
    specials=("<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜▁pad▁｜>"),
    plain=("<think>", "</think>", "<｜User｜>", "<｜Assistant｜>"),
    first=True,
    bos="<｜begin▁of▁sentence｜>",
    eos="<｜end▁of▁sentence｜>",
    pad="<｜▁pad▁｜>",
    template="{{ bos_token }}{% for m in messages %}{{ '<｜User｜>' + m['content'] }}{% endfor %}",
    tokenizer_class="LlamaTokenizerFast",
    more={"add_bos_token": True, "add_eos_token": False, "legacy": True},
)
QWEN_2 = ByteLevel(
    pre="qwen2",
    specials=("<|endoftext|>", "<|im_start|>", "<|im_end|>"),
    eos="<|im_end|>",
    pad="<|endoftext|>",
    normalizer=_NFC,
    template=_CHAT_ML,
    tokenizer_class="Qwen2Tokenizer",
    more={"add_bos_token": False, "add_prefix_space": False, "errors": "replace"},
)
QWEN_3 = ByteLevel(
    pre="qwen2",
    specials=("<|endoftext|>", "<|im_start|>", "<|im_end|>"),
    plain=("<tool_call>", "</tool_call>", "<|fim_prefix|>", "<think>", "</think>"),
    eos="<|im_end|>",
    pad="<|endoftext|>",
    normalizer=_NFC,
    template=_CHAT_ML,
    tokenizer_class="Qwen2Tokenizer",
    more={"add_bos_token": False, "add_prefix_space": False, "errors": "replace"},
)
LLAMA_2 = SentencePiece(
    more={"add_bos_token": True, "add_eos_token": False, "legacy": False},
    template=_MESSAGES + "{{ bos_token + '[INST] ' + m['content'] + ' [/INST]' }}{% endfor %}",
)
LLAMA_3 = ByteLevel(
    pre="llama-bpe",
    specials=(
        "<|begin_of_text|>",
        "<|end_of_text|>",
        "<|start_header_id|>",
        "<|end_header_id|>",
        "<|eom_id|>",
        "<|eot_id|>",
    ),
    bos="<|begin_of_text|>",
    eos="<|eot_id|>",
    adds_bos=True,
    template=_template("<|start_header_id|>", "<|eot_id|>"),
)
TEKKEN = ByteLevel(
    pre="tekken",
    specials=("<unk>", "<s>", "</s>", "[INST]", "[/INST]"),
    first=True,
    bos="<s>",
    eos="</s>",
    unk="<unk>",
    adds_bos=True,
    template="{{ bos_token }}"
    + _MESSAGES
    + "{{ '[INST]' + m['content'] + '[/INST]' }}{% endfor %}",
    more={"add_bos_token": True, "add_eos_token": False, "add_prefix_space": False},
)
MIXTRAL = SentencePiece(
    more={"add_bos_token": True, "add_eos_token": False, "legacy": True},
    template="{{ bos_token }}{% for m in messages %}{{ ' [INST] ' + m['content'] }}{% endfor %}",
)
ERNIE = SentencePiece(
    more={"add_bos_token": False, "add_eos_token": False, "add_prefix_space": False},
    template="{% for m in messages %}{{ m['role'] + ': ' + m['content'] + '\\n' }}{% endfor %}",
)
OLMOE = ByteLevel(
    pre="olmo",
    specials=("<|endoftext|>", "<|padding|>"),
    bos="|||IP_ADDRESS|||",
    eos="<|endoftext|>",
    pad="<|padding|>",
    plain=("|||IP_ADDRESS|||",),
    normalizer=_NFC,
    template="{{ bos_token }}{% for m in messages %}{{ '<|' + m['role'] + '|>' }}{% endfor %}",
    tokenizer_class="GPTNeoXTokenizer",
    more={"add_bos_token": False, "add_eos_token": False},
)
OLMO_2 = ByteLevel(
    pre="dbrx",
    specials=("<|endoftext|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|pad|>"),
    bos="<|endoftext|>",
    eos="<|endoftext|>",
    pad="<|pad|>",
    unk="<|endoftext|>",
    tokenizer_class="GPT2Tokenizer",
    more={"add_prefix_space": False, "errors": "replace"},
)
GRANITE = ByteLevel(
    pre="refact",
    specials=(
        "<|end_of_text|>",
        "<fim_prefix>",
        "<fim_middle>",
        "<fim_suffix>",
        "<|start_of_role|>",
        "<|end_of_role|>",
    ),
    first=True,
    bos="<|end_of_text|>",
    eos="<|end_of_text|>",
    pad="<|end_of_text|>",
    unk="<|end_of_text|>",
    template=_template("<|start_of_role|>", "<|end_of_text|>"),
    tokenizer_class="GPT2Tokenizer",
    more={"add_bos_token": False, "add_prefix_space": False, "errors": "replace"},
)
GLM_4 = ByteLevel(
    pre="glm4",
    specials=(
        "<|endoftext|>",
        "[MASK]",
        "[gMASK]",
        "<sop>",
        "<|system|>",
        "<|user|>",
        "<|assistant|>",
        "<|observation|>",
    ),
    plain=("<think>", "</think>", "/nothink"),
    eos="<|endoftext|>",
    pad="<|endoftext|>",
    template="[gMASK]<sop>"
    + _MESSAGES
    + "{{ '<|' + m['role'] + '|>' + m['content'] }}{% endfor %}",
    template_in_file=True,
    more={"do_lower_case": False, "remove_space": False, "padding_side": "left"},
)
GPT_OSS = ByteLevel(
    pre="gpt-4o",
    specials=(
        "<|startoftext|>",
        "<|endoftext|>",
        "<|return|>",
        "<|constrain|>",
        "<|channel|>",
        "<|start|>",
        "<|end|>",
        "<|message|>",
        "<|call|>",
    ),
    bos="<|startoftext|>",
    eos="<|return|>",
    pad="<|endoftext|>",
    template=_template("<|start|>", "<|end|>"),
    template_in_file=True,
)
PHI_3 = SentencePiece(
    added=(
        ("<|endoftext|>", True),
        ("<|assistant|>", True),
        ("<|end|>", True),
        ("<|user|>", True),
    ),
    eos="<|endoftext|>",
    pad="<|endoftext|>",
    added_file=True,
    template=_template("<|user|>", "<|end|>"),
    more={"add_bos_token": False, "add_eos_token": False, "legacy": False},
)
_GEMMA_HEAD = (("<pad>", CONTROL), ("<eos>", CONTROL), ("<bos>", CONTROL), ("<unk>", UNKNOWN))
GEMMA = SentencePiece(
    head=(*_GEMMA_HEAD, ("<start_of_turn>", USER_DEFINED), ("<end_of_turn>", USER_DEFINED)),
    add_dummy_prefix=False,
    bos="<bos>",
    eos="<eos>",
    unk="<unk>",
    pad="<pad>",
    template=_template("<start_of_turn>", "<end_of_turn>"),
    tokenizer_class="GemmaTokenizer",
    more={"add_bos_token": True, "add_eos_token": False},
)
SMOLLM_3 = ByteLevel(
    pre="llama-bpe",
    specials=("<|begin_of_text|>", "<|end_of_text|>", "<|im_start|>", "<|im_end|>"),
    plain=("<think>", "</think>"),
    eos="<|im_end|>",
    pad="<|im_end|>",
    template=_CHAT_ML,
    template_in_file=True,
    more={"bos_token": None, "fast": False},
)
