"""The real engine in its child process, on the starter model."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gguf
import pytest
from msgspec.structs import replace

from inference.engine import (
    ChatMessage,
    Event,
    Finished,
    FinishReason,
    GenerateRequest,
    Loaded,
    LoadProgress,
    LoadRequest,
    ModelParams,
    PrefillProgress,
    Sampling,
    TextDelta,
    ThinkingDelta,
)
from inference.errors import (
    EngineDied,
    ModelError,
    ModelFileTruncated,
    ModelLoadFailed,
    ModelNotFound,
    ModelTooLarge,
    NotAModelFile,
    PromptTooLong,
    UnknownArchitecture,
)
from inference.host import EngineHost
from tests.inference.conftest import ENGINE_COMMAND
from tests.inference.orphans import assert_ends_with_its_parent
from tests.inference.tiny_models import write_tiny_model

GREEDY = Sampling(temperature=0, max_tokens=40)
LONG = Sampling(temperature=0, max_tokens=2000)
QUESTION = ChatMessage("user", "Name the capital of France.")
STORY = ChatMessage("user", "Tell me a very long story about a lighthouse keeper.")


def ask(
    model: Path, *messages: ChatMessage, sampling: Sampling = GREEDY, **more: Any
) -> GenerateRequest:
    return GenerateRequest(
        os.urandom(4).hex(), ModelParams(model, n_threads=1), messages, sampling, **more
    )


def text_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def end_of(events: list[Event]) -> Finished:
    (last,) = [event for event in events if isinstance(event, Finished)]
    assert events[-1] is last
    return last


def until_text(events: Iterator[Event]) -> str:
    """Advance to the first text of the answer."""
    return next(event.text for event in events if isinstance(event, TextDelta))


def test_loading_tells_progress_and_what_was_loaded(
    engine_host: EngineHost, starter_model: Path
) -> None:
    *progress, loaded = engine_host.run(LoadRequest("1", ModelParams(starter_model)))

    fractions = [event.fraction for event in progress if isinstance(event, LoadProgress)]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert isinstance(loaded, Loaded)
    assert (loaded.architecture, loaded.n_ctx_train) == ("llama", 8192)
    # SmolLM2-135M: 134.5 million weights, as its authors publish.
    assert loaded.n_params == 134_515_008
    # What its model card advises; its template knows no thinking.
    assert (loaded.sampling.temperature, loaded.sampling.top_p) == (0.2, 0.9)
    assert not loaded.thinks

    assert list(engine_host.run(LoadRequest("2", ModelParams(starter_model)))) == [loaded]


def test_answers_and_remembers_without_computing_twice(
    engine_host: EngineHost, starter_model: Path
) -> None:
    first = list(engine_host.run(ask(starter_model, QUESTION)))
    answer = text_of(first)
    assert "Paris" in answer
    assert end_of(first).reason is FinishReason.STOP
    assert end_of(first).tokens_reused == 0
    assert [event for event in first if isinstance(event, PrefillProgress)][-1] == PrefillProgress(
        end_of(first).tokens_in, end_of(first).tokens_in
    )

    followed = ChatMessage("user", "And of Italy?")
    second = list(
        engine_host.run(ask(starter_model, QUESTION, ChatMessage("assistant", answer), followed))
    )
    end = end_of(second)
    assert "Rome" in text_of(second)
    # Everything but the end of turn and the new question was in the cache.
    assert end.tokens_in - end.tokens_reused < 20

    alone = list(engine_host.run(ask(starter_model, QUESTION)))
    assert text_of(alone) == answer


def test_the_same_seed_gives_the_same_answer(host: EngineHost, starter_model: Path) -> None:
    sampling = Sampling(temperature=1.2, top_k=0, seed=11, max_tokens=30, repeat_penalty=1.1)
    other = Sampling(temperature=1.2, top_k=0, seed=12, max_tokens=30, repeat_penalty=1.1)

    def answer(sampling: Sampling) -> str:
        return text_of(list(host.run(ask(starter_model, STORY, sampling=sampling))))

    answer(sampling)  # the first run evaluates the prompt in one batch, the others one token of it
    first, second, third = answer(sampling), answer(sampling), answer(other)
    assert first == second
    assert first != third


def test_the_seed_that_was_drawn_gives_the_answer_again(
    host: EngineHost, starter_model: Path
) -> None:
    drawn = Sampling(temperature=1.2, top_k=0, max_tokens=20)
    list(host.run(ask(starter_model, STORY, sampling=drawn)))
    first = list(host.run(ask(starter_model, STORY, sampling=drawn)))
    end = end_of(first)
    assert end.seed is not None
    assert "temperature 1.2, top_k 0, top_p 0.9, min_p 0" in end.sampling
    again = replace(drawn, seed=end.seed)
    assert text_of(list(host.run(ask(starter_model, STORY, sampling=again)))) == text_of(first)


def test_a_stopped_answer_ends_soon_and_the_engine_goes_on(
    host: EngineHost, starter_model: Path
) -> None:
    request = ask(starter_model, STORY, sampling=LONG)
    events = host.run(request)
    until_text(events)
    host.cancel(request.id)
    end = end_of(list(events))

    assert end.reason is FinishReason.CANCELLED
    assert end.tokens_out < 500
    assert text_of(list(host.run(ask(starter_model, QUESTION))))


def test_a_cut_off_answer_is_continued(host: EngineHost, starter_model: Path) -> None:
    whole = text_of(list(host.run(ask(starter_model, STORY))))
    short = Sampling(temperature=0, max_tokens=15)
    begun = list(host.run(ask(starter_model, STORY, sampling=short)))
    assert end_of(begun).reason is FinishReason.LENGTH

    rest = Sampling(temperature=0, max_tokens=25)
    beginning = ChatMessage("assistant", text_of(begun))
    continued = list(
        host.run(ask(starter_model, STORY, beginning, sampling=rest, continue_last=True))
    )

    assert text_of(begun) + text_of(continued) == whole


def test_characters_of_several_tokens_arrive_whole(host: EngineHost, starter_model: Path) -> None:
    request = ask(
        starter_model,
        ChatMessage("user", "Repeat exactly: 🦀🌍日本語ß"),
        ChatMessage("assistant", "🦀🌍日本語ß 🦀🌍日本語ß 🦀🌍"),
        sampling=Sampling(temperature=0, max_tokens=24),
        continue_last=True,
    )
    text = text_of(list(host.run(request)))

    assert "日本語" in text
    assert "\ufffd" not in text


def test_a_prompt_that_cannot_fit_is_refused_before_it_is_evaluated(
    host: EngineHost, starter_model: Path
) -> None:
    huge = ChatMessage("user", "word " * 20_000)
    seen: list[Event] = []
    with pytest.raises(PromptTooLong) as caught:
        seen.extend(host.run(ask(starter_model, huge)))

    assert not [event for event in seen if isinstance(event, PrefillProgress)]
    assert "8,192" in caught.value.detail
    assert text_of(list(host.run(ask(starter_model, QUESTION))))


def test_an_answer_that_fills_the_context_ends_with_length(
    host: EngineHost, tmp_path: Path
) -> None:
    request = GenerateRequest(
        "1",
        ModelParams(write_tiny_model(tmp_path / "tiny.gguf", "llama"), n_ctx=512, n_threads=1),
        (ChatMessage("user", "Count: " + "1 2 3 4 5 6 " * 10),),
        Sampling(seed=1, logit_bias=((2, float("-inf")),)),
    )
    end = end_of(list(host.run(request)))

    assert end.n_ctx == 512
    assert end.reason is FinishReason.LENGTH
    # The last drawn token needs no place in the cache.
    assert end.tokens_in + end.tokens_out == 513


def test_a_template_that_opens_the_thinking_tag_makes_thinking(
    host: EngineHost, starter_model: Path, tmp_path: Path
) -> None:
    thinking_model = with_template(
        starter_model,
        tmp_path / "thinker.gguf",
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
        "<|im_start|>assistant\n<think>\n",
    )
    events = list(host.run(ask(thinking_model, QUESTION)))

    assert [event for event in events if isinstance(event, ThinkingDelta)]
    assert text_of(events) == ""

    begun = ChatMessage("assistant", "", thinking="The capital is Paris.\n</think>\n\nThe capital")
    request = ask(thinking_model, QUESTION, begun, continue_last=True)
    assert [e for e in host.run(request) if isinstance(e, ThinkingDelta)]


def test_models_that_cannot_be_used_leave_the_engine_usable(
    engine_host: EngineHost, starter_model: Path, write_gguf: Callable[..., Path], tmp_path: Path
) -> None:
    truncated = tmp_path / "truncated.gguf"
    truncated.write_bytes(starter_model.read_bytes()[:50_000_000])
    text = tmp_path / "text.gguf"
    text.write_text("not a model")
    cases: list[tuple[Path, type[ModelError], str]] = [
        (tmp_path / "missing.gguf", ModelNotFound, "missing.gguf"),
        (truncated, ModelFileTruncated, "50,000,000"),
        (text, NotAModelFile, "text.gguf"),
        (write_gguf("no-such-architecture"), UnknownArchitecture, "no-such-architecture"),
        (write_gguf("llama", "incomplete.gguf"), ModelLoadFailed, "incomplete.gguf"),
        (enormous(write_gguf("llama", "enormous.gguf")), ModelTooLarge, "GB"),
    ]
    for path, kind, words in cases:
        with pytest.raises(kind) as caught:
            list(engine_host.run(ask(path, QUESTION)))
        assert type(caught.value) is kind
        assert words in caught.value.detail
        assert caught.value.title
        assert caught.value.hint
    assert "Paris" in text_of(list(engine_host.run(ask(starter_model, QUESTION))))


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a signal of POSIX")
def test_a_killed_engine_is_told_and_the_next_request_is_answered(
    engine_host: EngineHost, starter_model: Path
) -> None:
    events = engine_host.run(ask(starter_model, STORY, sampling=LONG))
    until_text(events)
    assert engine_host.process_id is not None
    os.kill(engine_host.process_id, signal.SIGKILL)

    with pytest.raises(EngineDied, match="SIGKILL"):
        list(events)
    assert "Paris" in text_of(list(engine_host.run(ask(starter_model, QUESTION))))


def test_a_child_whose_parent_is_gone_ends_by_itself(tmp_path: Path) -> None:
    tiny = write_tiny_model(tmp_path / "tiny.gguf", "llama")
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from inference.host import EngineHost\n"
        "from inference.engine import *\n"
        f"host = EngineHost({ENGINE_COMMAND!r})\n"
        f"model = ModelParams(Path({str(tiny)!r}), n_threads=1)\n"
        "story = (ChatMessage('user', 'Tell a story'),)\n"
        "for event in host.run(GenerateRequest('1', model, story, Sampling(temperature=0))):\n"
        "    if isinstance(event, TextDelta):\n"
        "        print(host.process_id, flush=True)\n"
        "        time.sleep(60)\n"
    )
    assert_ends_with_its_parent(script)


def enormous(path: Path) -> Path:
    """Let the file's first tensor have 2**34 rows; the file is sparse, so it takes no room."""
    reader = gguf.GGUFReader(path, "r+")
    reader.tensors[0].field.parts[3][1] = 2**34
    del reader
    with path.open("r+b") as file:
        file.truncate(2**34 * 64 * 4 + 2**20)
    return path


def with_template(model: Path, target: Path, template: str) -> Path:
    """A copy of the model with another chat template, made with the reference reader and writer."""
    reader = gguf.GGUFReader(model)
    writer = gguf.GGUFWriter(target, "llama")
    for key, field in reader.fields.items():
        if key.startswith("GGUF.") or key in ("general.architecture", "tokenizer.chat_template"):
            continue
        kind = field.types[0]
        item = field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(key, field.contents(), kind, item)
    writer.add_chat_template(template)
    for tensor in reader.tensors:
        writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return target
