"""llama.cpp, given our vocabulary, cuts texts into the tokens that the tokenizer itself does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sentencepiece import SentencePieceProcessor
from tokenizers import Tokenizer

from converters.typed_value import float32s
from tests.converters.vocabulary.conftest import ReadReal
from tests.converters.vocabulary.native import loaded

HARD = {
    "plain": "Hello world, this is one sentence.",
    "blanks": "  leading, \t between   and trailing  ",
    "only-blanks": "\n\n\t \n \n   ",
    "carriage-returns": "one\r\ntwo\r\n\r\nthree\r",
    "chinese": "我想在apple工作1314151天～，、。「引用」",
    "japanese": "日本語のテキスト、カタカナとひらがな。",
    "korean": "안녕하세요 세계, 한국어 문장입니다.",
    "khmer": "កាន់តែពិសេសអាច",
    "accents": "naïve café Ñandú Straße Ångström İstanbul",
    "cyrillic": "нещо на Български, Ёлка",
    "right-to-left": "السلام عليكم שלום",
    "emoji": "🚀🦙 👩\u200d👩\u200d👧\u200d👦 😶\u200d🌫️ 🇩🇪 ✅",
    "code": "def f(x: int) -> int:\n    return x**2  # comment\n\n\nclass A:\n\tpass\n",
    "numbers": "3 33 333 3333 33333 333333 1,000,000 3.14159 1e-10 0xFF",
    "odd-numbers": "½ ² ٣ Ⅳ ①",
    "contractions": "I've WE'LL don'T 'tis a'lL We'Ve 'M not",
    "punctuation": "''''''```````\"\"\"\"......!!!!!!?????? ------======= <|>",
    "odd-blanks": "a\u00a0b\u2003c\u200bd\u3000e\ufefff",
    "address": "http://example.com/a?b=c&d=%20#x user@example.org C:\\path",
    "empty": "",
}
BYTE_LEVEL = ("deepseek-v3", "qwen2", "olmo2")
SENTENCE_PIECE = ("mixtral", "mixtral-json", "mistral-v3")
BOS = 1


@pytest.mark.parametrize("name", BYTE_LEVEL)
def test_byte_pairs_are_joined_as_by_the_tokenizers_library(
    name: str, read_real: ReadReal, tmp_path: Path
) -> None:
    folder, vocabulary = read_real(name)
    reference = Tokenizer.from_file(str(folder / "tokenizer.json"))

    with loaded(tmp_path, vocabulary.metadata()) as native:
        found = {key: native.encode(text, special=False) for key, text in HARD.items()}

    expected = {
        key: reference.encode(text, add_special_tokens=False).ids for key, text in HARD.items()
    }
    assert found == expected


@pytest.mark.parametrize("name", SENTENCE_PIECE)
def test_pieces_are_joined_as_by_sentencepiece(
    name: str, read_real: ReadReal, tmp_path: Path
) -> None:
    _folder, vocabulary = read_real(name)
    reference = _sentence_piece(read_real, name)

    with loaded(tmp_path, vocabulary.metadata()) as native:
        found = {key: native.encode(text) for key, text in HARD.items()}

    assert found == {key: [BOS, *reference(text)] for key, text in HARD.items()}


def test_without_scores_pieces_would_be_joined_wrongly(read_real: ReadReal, tmp_path: Path) -> None:
    """What llama.cpp's converter writes where tokenizer.model is missing: equal scores."""
    _folder, vocabulary = read_real("mixtral-json")
    reference = _sentence_piece(read_real, "mixtral")
    keys = vocabulary.metadata()
    keys["tokenizer.ggml.scores"] = float32s([-1000.0] * vocabulary.n_tokens)

    with loaded(tmp_path, keys) as native:
        wrong = [
            key for key, text in HARD.items() if native.encode(text) != [BOS, *reference(text)]
        ]

    assert "code" in wrong


def test_tekken_is_joined_as_by_its_ranks(read_real: ReadReal, tmp_path: Path) -> None:
    """Against mistral-common, which joins by ranks and knows no merges."""
    from mistral_common.tokens.tokenizers.tekken import Tekkenizer

    folder, vocabulary = read_real("tekken")
    reference = Tekkenizer.from_file(folder / "tekken.json")

    with loaded(tmp_path, vocabulary.metadata()) as native:
        found = {key: native.encode(text) for key, text in HARD.items()}

    expected = {key: reference.encode(text, bos=True, eos=False) for key, text in HARD.items()}
    assert found == expected


def test_control_tokens_are_found_in_prompts(read_real: ReadReal, tmp_path: Path) -> None:
    _folder, vocabulary = read_real("qwen2")
    prompt = "<|im_start|>user\nHello<|im_end|>\n"

    with loaded(tmp_path, vocabulary.metadata()) as native:
        as_prompt = native.encode(prompt)
        as_text = native.encode(prompt, special=False)

    # Ids of Qwen2.5's config.json and tokenizer_config.json.
    assert as_prompt[0] == 151644
    assert 151645 in as_prompt
    assert not {151644, 151645} & set(as_text)


def test_deepseek_v3_gets_bos_in_front(read_real: ReadReal, tmp_path: Path) -> None:
    _folder, vocabulary = read_real("deepseek-v3")

    with loaded(tmp_path, vocabulary.metadata()) as native:
        assert native.encode("Hello")[0] == 0
        assert native.encode("Hello", special=False)[0] != 0


def _sentence_piece(read_real: ReadReal, name: str) -> Callable[[str], list[int]]:
    folder, _vocabulary = read_real(name.removesuffix("-json"))
    processor = SentencePieceProcessor()
    processor.LoadFromFile(str(folder / "tokenizer.model"))
    assert json.loads((folder / "config.json").read_text())["vocab_size"] == processor.vocab_size()
    encode: Callable[[str], list[int]] = processor.EncodeAsIds
    return encode
