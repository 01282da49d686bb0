"""The search against machines that are made up: the speed of each setting is a formula."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from inference import machine
from inference.engine import BenchPoint, Loaded, ModelParams
from inference.errors import ModelTooLarge
from inference.machine import Machine
from inference.tune import Ask, Measured, Tuned, TuneResult
from inference.tune_run import TuneRun
from inference.tune_search import TuneSearch

MACHINE = Machine("A processor", physical_cores=8, logical_cores=16, memory_gib=32)
BASE = Tuned(n_threads=7)
FLAT = Measured(prefill=4000, decode=50, memory_bytes=1_000_000_000)
Speed = Callable[[Ask], Measured | None]


def searched(speed: Speed, base: Tuned = BASE, *, has_gomp: bool = True) -> TuneResult:
    """The result of a search on a machine of this speed."""
    answers = TuneSearch(base, MACHINE, has_gomp=has_gomp).run()
    ask = next(answers)
    try:
        while True:
            measured = speed(ask)
            if measured is not None:
                measured = replace(
                    measured,
                    prefill=measured.prefill if ask.n_prompt else 0,
                    decode=measured.decode if ask.n_answer else 0,
                )
            ask = answers.send(measured)
    except StopIteration as end:
        result: TuneResult = end.value
        return result


def faster(when: Callable[[Ask], bool], times: float) -> Speed:
    """A machine that is flat but for this."""

    def speed(ask: Ask) -> Measured:
        factor = times if when(ask) else 1.0
        return replace(FLAT, prefill=FLAT.prefill * factor, decode=FLAT.decode * factor)

    return speed


def test_on_a_flat_machine_only_what_saves_memory_is_changed() -> None:
    result = searched(lambda _ask: FLAT)

    assert result.tuned == replace(BASE, kv_type="q8_0")
    assert [trial.words for trial in result.trials if trial.is_chosen] == ["KV cache q8_0"]


def test_the_threads_that_are_faster_are_found_and_told() -> None:
    speed = faster(lambda ask: ask.setting.n_threads == 4, 1.25)

    result = searched(speed, replace(BASE, kv_type="q8_0"), has_gomp=False)

    assert result.tuned == Tuned(4, kv_type="q8_0")
    assert result.gain == pytest.approx(1.25)
    assert result.words == "4 threads, batch 512, KV cache q8_0: 25 % faster than before"


def test_candidates_are_cores_and_threads_of_the_machine() -> None:
    result = searched(lambda _ask: FLAT)

    tried = [trial.words for trial in result.trials if "thread" in trial.words]
    assert tried == ["16 threads", "8 threads", "4 threads"]  # 7 is what it begins with


def test_a_gain_below_three_percent_is_noise() -> None:
    result = searched(faster(lambda ask: ask.setting.n_threads == 8, 1.02), has_gomp=False)

    assert result.tuned.n_threads == BASE.n_threads


def test_one_lucky_round_does_not_decide() -> None:
    rounds: list[Ask] = []

    def speed(ask: Ask) -> Measured:
        if ask.setting.n_threads == 8:
            rounds.append(ask)
            return replace(FLAT, decode=500.0 if len(rounds) == 1 else 49.0)
        return FLAT

    assert searched(speed).tuned.n_threads == BASE.n_threads
    assert len(rounds) == 3


def test_a_hopeless_candidate_has_one_round() -> None:
    asked: list[int] = []

    def speed(ask: Ask) -> Measured:
        asked.append(ask.setting.n_threads)
        return replace(FLAT, decode=10.0) if ask.setting.n_threads == 16 else FLAT

    searched(speed)
    assert asked.count(16) == 1


def test_batches_are_judged_by_prefill_and_filled_by_the_prompt() -> None:
    asks: list[Ask] = []

    def speed(ask: Ask) -> Measured:
        asks.append(ask)
        return replace(FLAT, prefill=FLAT.prefill * (1.2 if ask.setting.n_batch == 1024 else 1))

    result = searched(speed, has_gomp=False)

    assert result.tuned.n_batch == 1024
    batches = [ask for ask in asks if ask.words.startswith("batch")]
    assert all(ask.n_answer == 0 and ask.setting.n_batch <= ask.n_prompt for ask in batches)
    # 4,000 tokens a second for 0.6 s are 2,400, but no more than the largest batch.
    assert {ask.n_prompt for ask in batches} == {2048}


def test_a_slow_model_is_measured_with_few_tokens() -> None:
    asks: list[Ask] = []

    def speed(ask: Ask) -> Measured:
        asks.append(ask)
        return Measured(prefill=20, decode=2)

    searched(speed)
    assert {(ask.n_prompt, ask.n_answer) for ask in asks[1:3]} == {(64, 8)}
    assert not any(ask.words.startswith("batch") for ask in asks if ask.setting.n_batch > 64)


def test_a_setting_that_cannot_be_loaded_is_passed_over() -> None:
    result = searched(lambda ask: None if ask.setting.n_batch == 2048 else FLAT)

    [refused] = [trial for trial in result.trials if trial.words == "batch 2048"]
    assert not refused.is_chosen
    assert refused.note == "the model could not be loaded with it"


@pytest.mark.parametrize(("decode", "is_chosen"), [(1.0, True), (0.97, False)])
def test_a_smaller_cache_is_taken_only_where_answers_are_not_slower(
    decode: float, is_chosen: bool
) -> None:
    def speed(ask: Ask) -> Measured:
        if ask.setting.kv_type == "q8_0":
            return replace(FLAT, decode=FLAT.decode * decode, memory_bytes=900_000_000)
        return FLAT

    result = searched(speed, has_gomp=False)

    [trial] = [trial for trial in result.trials if "KV" in trial.words]
    assert trial.is_chosen is is_chosen
    assert trial.note == "100 MB less memory, answers may differ slightly"
    assert ("100 MB less memory" in result.words) is is_chosen


@pytest.mark.parametrize(
    ("quiet", "busy", "is_chosen"), [(0.97, 3.0, True), (0.93, 3.0, False), (0.97, 1.1, False)]
)
def test_giving_way_is_measured_alone_and_beside_a_busy_program(
    quiet: float, busy: float, is_chosen: bool
) -> None:
    def speed(ask: Ask) -> Measured:
        decode = FLAT.decode / (10 if ask.is_busy else 1)
        factor = busy if ask.is_busy else quiet
        return replace(FLAT, decode=decode * (factor if ask.setting.gives_way else 1))

    result = searched(speed)

    assert result.tuned.gives_way is is_chosen
    assert ("Beside a busy program 3.0 times as fast" in result.words) is is_chosen


def test_the_words_of_the_result_come_from_best_beside_before() -> None:
    speed = faster(lambda ask: ask.setting.n_threads == 4, 1.5)

    assert "50 % faster than before" in searched(speed, has_gomp=False).words


def test_a_large_gain_is_told_in_times() -> None:
    speed = faster(lambda ask: ask.setting.n_threads == 4, 3.5)

    assert "4 threads, batch 512, KV cache q8_0: 3.5 times as fast" in searched(speed).words


def test_a_single_thread_has_nothing_to_give_way_to() -> None:
    answers = searched(lambda _ask: FLAT, Tuned(1))

    assert not any("gives way" in trial.words for trial in answers.trials)


def test_other_settings_are_measured_as_the_faster_threads_need_it() -> None:
    asks: list[Ask] = []

    def speed(ask: Ask) -> Measured:
        asks.append(ask)
        return Measured(*((2000, 40) if ask.setting.n_threads == 4 else (200, 4)))

    searched(speed, has_gomp=False)
    sizes = [(ask.n_prompt, ask.n_answer) for ask in asks if "thread" in ask.words]
    assert sizes[1] == (120, 8)  # 0.6 s of 200 tokens a second; 2 are fewer than the least of 8
    [deep] = {ask.n_prompt for ask in asks if "flash" in ask.words}
    assert deep == 1200


def loaded(n_ctx: int = 8192) -> Loaded:
    return Loaded("A model", "llama", 1, 1, n_ctx, n_ctx, 7, "CPU", memory_bytes={"CPU": 100})


def test_a_run_that_takes_too_long_ends_with_what_it_has() -> None:
    now = [0.0]
    run = TuneRun(ModelParams(Path("m")), BASE, MACHINE, loaded(), 33.0, lambda: now[0])
    n_requests = 0
    while (request := run.next_request()) is not None:
        n_requests += 1
        now[0] += 2.5
        factor = 2 if request.model.n_threads == 8 else 1
        time_ns = 1_000_000_000 // factor
        run.heard(BenchPoint(request.depths[0], (time_ns,), (time_ns,)))

    assert n_requests == 14  # a first look, six for 16 threads, six for 8, one for 4
    assert run.result is not None
    assert run.result.tuned == replace(BASE, n_threads=8)
    assert run.result.gain == pytest.approx(2.0)


def test_requests_carry_the_settings_and_sizes_of_what_is_asked() -> None:
    run = TuneRun(ModelParams(Path("m"), n_ctx=4096), BASE, MACHINE)
    first = run.next_request()

    assert first is not None
    assert first.model == ModelParams(Path("m"), n_ctx=4096, n_threads=7, n_batch=512)
    run.heard(loaded())
    run.heard(BenchPoint(0, (32_000_000,), (160_000_000,)))  # 1,000 and 50 tokens a second
    second = run.next_request()

    assert second is not None
    assert (second.model.n_threads, second.n_prompt, second.n_generate) == (16, 600, 25)
    run.close()


def test_an_error_of_the_model_itself_ends_the_run() -> None:
    run = TuneRun(ModelParams(Path("m")), BASE, MACHINE)
    run.next_request()

    with pytest.raises(ModelTooLarge):
        run.refused(ModelTooLarge("It does not fit"))


def test_what_the_kernel_says_of_processor_and_cards(tmp_path: Path) -> None:
    cpu_info = tmp_path / "cpuinfo"
    cpu_info.write_text("processor\t: 0\nmodel name\t: A Processor 9000\nflags\t: fpu\n")
    card = tmp_path / "gpus" / "0000:01:00.0"
    card.mkdir(parents=True)
    (card / "information").write_text("Model: \t\t NVIDIA H200\nIRQ: 1\n")

    assert machine._processor(cpu_info) == "A Processor 9000"
    assert machine._nvidia_cards(tmp_path / "gpus") == ("NVIDIA H200",)
    assert machine._nvidia_cards(tmp_path / "none") == ()
