"""A tokenizer without the merges that a text does not need makes of it what the whole one makes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from converters.errors import TokenizerUnreadable
from converters.vocabulary import read_vocabulary
from converters.vocabulary.few_merges import load_for
from converters.vocabulary.files import TokenizerFiles
from converters.vocabulary.pre_tokenizer.choice import TEST_TEXT
from tests.converters.vocabulary.conftest import ReadReal

_TEXT = f"""{TEST_TEXT}
A sentence, and internationalization in 2026; ÄÖÜ Å e\u0301 ﬁ 你好世界 \u200b\t  def f(x):
<|im_start|>user\nWhat is <|endoftext|>?<|im_end|>"""


@pytest.mark.parametrize("name", ["deepseek-v3", "qwen2"])
def test_the_same_ids_as_the_library_with_the_whole_file(name: str, read_real: ReadReal) -> None:
    folder, _read = read_real(name)
    whole = Tokenizer.from_file(str(folder / "tokenizer.json"))

    cut, vocabulary = load_for(TokenizerFiles(folder), _TEXT)

    expected = whole.encode(_TEXT, add_special_tokens=False)
    found = cut.encode(_TEXT, add_special_tokens=False)
    assert (found.ids, found.tokens) == (expected.ids, expected.tokens)
    assert vocabulary == whole.get_vocab(with_added_tokens=False)


def test_merges_of_tokens_that_are_missing_are_refused_as_the_library_refuses_them(
    tmp_path: Path, read_real: ReadReal
) -> None:
    folder = shutil.copytree(read_real("qwen2")[0], tmp_path / "qwen2")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    path = folder / "tokenizer.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    first, second = content["model"]["merges"][1000]
    del content["model"]["vocab"][first + second]
    path.write_text(json.dumps(content), encoding="utf-8")

    with pytest.raises(TokenizerUnreadable) as caught:
        read_vocabulary(folder, config)

    assert "out of vocabulary" in caught.value.detail
