"""GLM-4-MoE: all its ends of text end an answer."""

from pathlib import Path

from converters.architectures import architecture_of
from converters.vocabulary import read_vocabulary
from tests.converters.tiny_checkpoints import RECIPES, write_checkpoint
from tests.converters.vocabulary.native import loaded


def test_each_end_of_text_ends_an_answer(tmp_path: Path) -> None:
    """GGUF has one EOS; the others must reach llama.cpp by other keys or by their texts."""
    config = RECIPES["glm4moe"].config
    described = architecture_of(config)(config, {})
    vocabulary = read_vocabulary(write_checkpoint(tmp_path, "glm4moe"), described.config)
    with loaded(tmp_path, vocabulary.metadata()) as native:
        ends = [token for token in range(vocabulary.n_tokens) if native.ends(token)]
    assert len(config["eos_token_id"]) == 3
    assert set(config["eos_token_id"]) <= set(ends)
