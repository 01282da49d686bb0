from __future__ import annotations

import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import llama_cpp.llama_cpp as llama
import pytest
from PIL import Image

from inference.engine import (
    ChatMessage,
    Counted,
    CountRequest,
    Finished,
    GenerateRequest,
    Loaded,
    LoadRequest,
    MessagesUnseen,
    ModelParams,
    Picture,
    Sampling,
)
from inference.errors import (
    CannotSeePictures,
    EngineError,
    PictureTooLarge,
    PictureUnreadable,
    ProjectorFailed,
    ProjectorMismatch,
)
from inference.llama.engine import LlamaEngine
from inference.llama.watch import ABORTED
from inference.pictures import pixels_of
from inference.prompt.picture_marks import digest
from tests.inference.engine_in_process import Talk, new_engine, run
from tests.inference.picture_reference import from_embeddings, through_libmtmd
from tests.inference.tiny_models import write_tiny_model
from tests.inference.tiny_projectors import (
    N_TOKENS,
    embeddings,
    picture,
    random_pixels,
    write_tiny_projector,
)

KINDS = {"llama": "gemma3", "qwen2vl": "qwen2vl_merger", "gemma3": "gemma3", "lfm2": "gemma3"}
"""Caches that can be cut, positions in two dimensions, sliding windows, states that go forward."""
N_OF_PICTURE = (3 + len("<start_of_image>")) + N_TOKENS + (3 + len("<end_of_image>"))
"""With the words around it: bytes, and the three of the space that SentencePiece puts before."""


@pytest.fixture(scope="module", params=KINDS)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ModelParams:
    """A model with its projector beside it: one of each kind of positions."""
    folder = tmp_path_factory.mktemp(request.param)
    write_tiny_projector(folder / "mmproj-f32.gguf", KINDS[request.param])
    n_layer = 2 if request.param in ("llama", "qwen2vl") else 0  # the others need their mixture
    path = write_tiny_model(folder / "tiny.gguf", request.param, n_layer=n_layer)
    return ModelParams(path, n_ctx=1024, n_threads=1)


@pytest.fixture(scope="module")
def llama_model(tmp_path_factory: pytest.TempPathFactory) -> ModelParams:
    folder = tmp_path_factory.mktemp("sees")
    write_tiny_projector(folder / "mmproj.gguf")
    path = write_tiny_model(folder / "tiny.gguf", "llama", n_layer=2)
    return ModelParams(path, n_ctx=1024, n_threads=1)


@pytest.fixture(scope="module")
def engine() -> Iterator[LlamaEngine]:
    engine = new_engine(prepares_next_turn=False)
    yield engine
    engine.close()


def asked(text: str, *pictures: Picture) -> ChatMessage:
    return ChatMessage("user", text, pictures=pictures)


def error_of(engine: LlamaEngine, request: GenerateRequest | LoadRequest) -> EngineError:
    with pytest.raises(EngineError) as raised:
        list(engine.run(request))
    return raised.value


def loaded(engine: LlamaEngine, params: ModelParams) -> Loaded:
    *_, last = engine.run(LoadRequest("load", params))
    assert isinstance(last, Loaded)
    return last


@pytest.mark.parametrize("words", ["which?", "b"])
def test_answers_are_those_of_llama_cpp(
    engine: LlamaEngine, model: ModelParams, words: str
) -> None:
    text, end = run(engine, model, [asked(words, picture(2), picture(4))], 8)

    projector = model.path.parent / "mmproj-f32.gguf"
    prompt = f"<__media__>\n<__media__>\n{words}\n"
    pixels = [random_pixels(2), random_pixels(4)]
    expected, n_tokens = through_libmtmd(model.path, projector, prompt, pixels, 8)
    assert text == expected
    assert end.tokens_in == n_tokens
    assert end.tokens_of_pictures == 2 * N_TOKENS


def test_embeddings_are_those_of_the_formulas(
    engine: LlamaEngine, llama_model: ModelParams
) -> None:
    text, _ = run(engine, llama_model, [asked("which?", picture(3))], 8)

    after = ["<end_of_image>", "\nwhich?\n"]
    pixels = random_pixels(3)
    seen = from_embeddings(llama_model.path, "<start_of_image>", embeddings(pixels), after, 8)
    blind = from_embeddings(llama_model.path, "<start_of_image>", 0 * embeddings(pixels), after, 8)
    assert text == seen
    assert text != blind


def test_a_turn_behind_a_picture_does_not_encode_it_again(model: ModelParams) -> None:
    engine = new_engine(prepares_next_turn=False)
    talk = Talk(engine, model, "a", [asked("what?", picture(1))])
    first = talk.answer()
    second = talk.ask("and?")
    history = list(talk.messages)
    talk.edit("or?")
    engine.close()

    # Of the last answer the last letter is not in the context, and the template adds a newline.
    assert second.tokens_reused >= first.tokens_in + first.tokens_out - 1
    fresh = new_engine(prepares_next_turn=False)
    afresh = Talk(fresh, model, "b", history[:-1])
    end = afresh.answer()
    assert (afresh.last, end.tokens_reused) == (history[-1].content, 0)
    afresh.messages = talk.messages[:-1]
    afresh.answer()
    fresh.close()
    assert afresh.last == talk.last


@pytest.mark.parametrize("model", ["llama", "qwen2vl"], indirect=True)
def test_other_pictures_give_other_answers(engine: LlamaEngine, model: ModelParams) -> None:
    answers = [run(engine, model, [asked("what?", picture(seed))], 8) for seed in (1, 2, 1, 4)]
    texts = [text for text, _ in answers]

    assert texts[0] == texts[2]
    assert len(set(texts)) == 3
    # The beginning of the prompt is the same up to the picture.
    assert answers[3][1].tokens_reused < 30


def test_a_state_with_a_picture_is_found_again_on_the_disk(
    model: ModelParams, tmp_path: Path
) -> None:
    talk = Talk(new_engine(tmp_path), model, "a", [asked("what?", picture(1))])
    first = talk.answer()
    talk.engine.save(10.0)
    talk.engine.close()

    talk.engine = new_engine(tmp_path)
    again = talk.ask("and?")
    talk.engine.close()
    assert again.tokens_reused >= first.tokens_in


def test_pictures_count_in_a_full_context(engine: LlamaEngine, llama_model: ModelParams) -> None:
    params = ModelParams(llama_model.path, n_ctx=512, n_threads=1)
    turns = [(asked("q", picture(seed)), ChatMessage("assistant", "a")) for seed in range(7)]
    messages = [message for turn in turns for message in turn][:-1]
    request = GenerateRequest("full", params, tuple(messages), Sampling(max_tokens=4))
    *events, end = engine.run(request)

    unseen = next(event for event in events if isinstance(event, MessagesUnseen))
    assert isinstance(end, Finished)
    # A turn has the tokens of a picture and about 8 around it. 384 tokens are for the prompt; of
    # these half are free again: 3 turns stay.
    assert (unseen.first, unseen.last) == (0, 7)
    assert 4 * N_OF_PICTURE < unseen.n_tokens < 4 * (N_OF_PICTURE + 11)
    assert end.tokens_of_pictures == 3 * N_TOKENS


def test_pictures_are_counted(engine: LlamaEngine, llama_model: ModelParams) -> None:
    loaded(engine, llama_model)
    seen = picture(1)
    *_, counted = engine.run(
        CountRequest("n", llama_model, (asked("hello", seen),), pictures=(seen, picture(1)))
    )
    assert isinstance(counted, Counted)
    assert counted.pictures == (N_OF_PICTURE, N_OF_PICTURE)
    # Before it the beginning of the sequence; behind it a space of three bytes and two newlines.
    assert counted.n_prompt == 1 + N_OF_PICTURE + 3 + len("\nhello\n")


def test_encoding_can_be_stopped(engine: LlamaEngine, llama_model: ModelParams) -> None:
    expected, _ = run(engine, llama_model, [asked("hm", picture(7))], 8)
    run(engine, llama_model, [ChatMessage("user", "else")], 2)
    model = engine._model
    assert model is not None
    assert model.projector is not None
    held = list(model.tokens)
    model.projector.show([picture(7)])
    name = digest(picture(7))
    first = next(token for token in model.projector.tokens(name) if token < 0)
    status = model.projector.evaluate(model.context, first, len(held), 512, lambda: True)

    assert status == ABORTED
    assert llama.llama_memory_seq_pos_max(llama.llama_get_memory(model.context), 0) == len(held) - 1
    assert run(engine, llama_model, [asked("hm", picture(7))], 8)[0] == expected


# What cannot be seen


def test_a_model_without_projector_says_so_and_reads_the_rest(
    engine: LlamaEngine, tmp_path: Path
) -> None:
    params = ModelParams(write_tiny_model(tmp_path / "blind.gguf", "llama", n_layer=1), n_threads=1)
    question = asked("what?", picture(1), picture(2))
    error = error_of(engine, GenerateRequest("1", params, (question,)))

    assert isinstance(error, CannotSeePictures)
    assert "2 pictures" in error.detail
    assert "blind.gguf has no projector" in error.detail
    assert not loaded(engine, ModelParams(params.path, n_ctx=512, n_threads=1)).sees
    history = [question, ChatMessage("assistant", "two cats"), ChatMessage("user", "really?")]
    _, end = run(engine, params, history, 2)
    assert end.tokens_of_pictures == 0


def png_that_says(width: int, height: int) -> bytes:
    """A small PNG whose header promises many pixels."""
    file = BytesIO()
    Image.new("1", (1, 1)).save(file, "PNG")
    data = bytearray(file.getvalue())
    data[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (b"hello", PictureUnreadable, "5 bytes are of no known format"),
        (picture(1).data[:90], PictureUnreadable, "cat.png"),
        (png_that_says(9000, 9000), PictureTooLarge, "9,000 x 9,000 pixels"),
        (png_that_says(60000, 1), PictureTooLarge, "60,000 x 1 pixels"),
        (bytes(50_000_001), PictureTooLarge, "50,000,001 bytes"),
    ],
)
def test_a_bad_picture_is_an_error_with_numbers_and_harms_nothing(
    engine: LlamaEngine,
    llama_model: ModelParams,
    data: bytes,
    kind: type[EngineError],
    words: str,
) -> None:
    question = asked("what?", Picture(data, "cat.png"))
    error = error_of(engine, GenerateRequest("bad", llama_model, (question,)))

    assert type(error) is kind
    assert words in error.detail
    assert error.hint
    assert run(engine, llama_model, [asked("what?", picture(1))], 2)[1].tokens_of_pictures


def test_a_picture_that_is_read_at_once_needs_a_step_of_its_size(
    engine: LlamaEngine, llama_model: ModelParams
) -> None:
    params = ModelParams(llama_model.path, n_ctx=256, n_threads=1, n_batch=8)
    error = error_of(engine, GenerateRequest("1", params, (asked("what?", picture(1, name="a")),)))

    assert isinstance(error, PictureTooLarge)
    assert error.detail == (
        f"a has {N_TOKENS} tokens, which this model reads all at once; a step has 8."
    )


def test_a_projector_of_another_model(engine: LlamaEngine, tmp_path: Path) -> None:
    path = write_tiny_model(tmp_path / "tiny.gguf", "llama", n_layer=1)
    other = write_tiny_projector(tmp_path / "mmproj-tiny.gguf", n_embd=128)
    found = loaded(engine, ModelParams(path, n_threads=1))
    assert not found.sees
    assert "makes embeddings of 128 numbers; the model takes 256" in found.notes

    chosen = ModelParams(path, n_threads=1, projector_path=other)
    error = error_of(engine, LoadRequest("1", chosen))
    assert isinstance(error, ProjectorMismatch)
    assert "mmproj-tiny.gguf makes embeddings of 128 numbers" in error.detail


def test_a_file_that_is_no_projector(engine: LlamaEngine, tmp_path: Path) -> None:
    path = write_tiny_model(tmp_path / "tiny.gguf", "llama", n_layer=1)
    whole = write_tiny_projector(tmp_path / "whole.gguf").read_bytes()
    (tmp_path / "cut.gguf").write_bytes(whole[: len(whole) // 2])
    for name, words in (("tiny", "its architecture is 'llama'"), ("cut", "ends too early")):
        chosen = ModelParams(path, n_threads=1, projector_path=tmp_path / f"{name}.gguf")
        error = error_of(engine, LoadRequest("1", chosen))
        assert isinstance(error, ProjectorFailed)
        assert words in error.detail or name == "cut"


def test_the_plan_counts_the_projector(
    engine: LlamaEngine, llama_model: ModelParams, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Free memory that is enough for the model is not enough with a large projector."""
    reserved: list[int] = []
    planner = engine._loader._planner
    planned = planner.planned

    def watched(*args: object) -> object:
        reserved.append(args[3])  # type: ignore[arg-type]
        return planned(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(planner, "planned", watched)
    loaded(engine, ModelParams(llama_model.path, n_ctx=300, n_threads=1))
    size = (llama_model.path.parent / "mmproj.gguf").stat().st_size
    # All float32 weights; the header takes the rest of the file.
    assert size - 8192 < reserved[0] < size


# Pixels


def test_a_picture_is_turned_as_the_camera_noted() -> None:
    image = Image.new("RGB", (64, 32), "red")
    image.paste("blue", (0, 0, 32, 32))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held so that the right side of the scene is the top row
    file = BytesIO()
    image.save(file, "JPEG", exif=exif, quality=95)
    pixels = pixels_of(Picture(file.getvalue()))

    assert pixels.shape == (64, 32, 3)
    top, bottom = pixels[8, 16], pixels[56, 16]
    assert top[2] > 200 > top[0]
    assert bottom[0] > 200 > bottom[2]


def test_what_is_transparent_is_white() -> None:
    file = BytesIO()
    Image.new("RGBA", (2, 2), (255, 0, 0, 0)).save(file, "PNG")
    assert pixels_of(Picture(file.getvalue())).tolist() == [[[255] * 3] * 2] * 2
