"""States on disk: whole or not used, within their budgets, and never where they must not be."""

from __future__ import annotations

import itertools
import logging
import os
import shutil
import stat
import sys
import threading
import time
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inference.engine import Rank
from inference.states import disk
from inference.states.disk import DiskShelf
from inference.states.files import BadStateFile, read_description, read_state, write_state
from inference.states.kept import Checkpoint, KeptState, Owner, as_tokens
from inference.states.memory import MemoryShelf, best_of
from inference.states.writer import StateWriter

MODEL = "0123456789abcdef"
OTHER = Owner("other", Rank.SCREEN)
Usage = namedtuple("Usage", "total used free")


def always() -> bool:
    return True


def kept(tokens: range | list[int], n_bytes: int = 1000, **changes: object) -> KeptState:
    data = np.frombuffer(bytes(n % 251 for n in range(n_bytes)), dtype=np.uint8)
    owner = Owner(conversation=str(tokens[0]), rank=Rank.SCREEN)
    state = KeptState(MODEL, as_tokens(tokens), data, (), True, owner)
    return replace(state, **changes)  # type: ignore[arg-type]


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.exists() else []


def test_a_state_comes_back_as_it_was(tmp_path: Path) -> None:
    points = (Checkpoint(3, np.arange(7, dtype=np.uint8)), Checkpoint(5, np.zeros(0, np.uint8)))
    state = kept(range(9), 5 << 20, checkpoints=points, can_be_cut=False)
    path = tmp_path / "a.kvstate"
    assert write_state(state, path, always)
    back = read_state(path)
    assert back.tokens.tolist() == list(range(9))
    assert back.data.tobytes() == state.data.tobytes()
    assert [point.n_tokens for point in back.checkpoints] == [3, 5]
    assert back.checkpoints[0].data.tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert (back.fingerprint, back.can_be_cut) == (MODEL, False)
    assert back.owner == state.owner
    assert files(tmp_path) == [path]
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_every_damage_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.kvstate"
    write_state(kept(range(20)), path, always)
    whole = path.read_bytes()
    for n_bytes in range(0, len(whole), 13):
        path.write_bytes(whole[:n_bytes])
        with pytest.raises(BadStateFile):
            read_description(path)
    path.write_bytes(whole + b"\0")
    with pytest.raises(BadStateFile):
        read_description(path)
    for place in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[place] ^= 0x10
        path.write_bytes(damaged)
        with pytest.raises(BadStateFile):
            read_state(path)


def test_a_writer_that_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    pieces = itertools.count()
    state = kept(range(9), 20 << 20)
    assert not write_state(state, tmp_path / "a.kvstate", lambda: next(pieces) < 3)
    assert files(tmp_path) == []


def test_a_prompt_finds_the_file_it_shares_most_with(tmp_path: Path) -> None:
    shelf = DiskShelf(tmp_path, 1 << 20)
    shelf.write(kept(range(100)), always)
    shelf.write(replace(kept([*range(50), *range(500, 600)]), owner=OTHER), always)
    shelf.write(kept(range(100), fingerprint="f" * 16), always)
    # Another process with the same folder sees the same.
    other = DiskShelf(tmp_path, 1 << 20)
    file, n_tokens = other.best(MODEL, as_tokens([*range(80), 7, 7]))
    assert file is not None
    assert (len(file.tokens), n_tokens) == (100, 80)
    _, n_tokens = other.best(MODEL, as_tokens([*range(50), *range(500, 540), 7, 7]))
    assert n_tokens == 90
    assert other.best("0" * 16, as_tokens(range(100))) == (None, 0)


def test_a_state_without_cuts_is_used_whole_or_from_a_checkpoint() -> None:
    point = Checkpoint(60, np.zeros(4, np.uint8))
    state = kept(range(100), checkpoints=(point,), can_be_cut=False)
    assert state.usable(as_tokens(range(150))) == 100
    assert state.usable(as_tokens(range(100))) == 60  # the last token's logits are needed
    assert state.usable(as_tokens([*range(70), 7])) == 60
    assert state.usable(as_tokens([*range(50), 7])) == 0


def test_damaged_files_are_removed_and_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shelf = DiskShelf(tmp_path, 1 << 20)
    shelf.write(kept(range(100)), always)
    (path,) = files(tmp_path)
    file, _ = shelf.best(MODEL, as_tokens(range(100)))
    assert file is not None
    damaged = bytearray(path.read_bytes())
    damaged[-1] ^= 1
    path.write_bytes(damaged)
    with caplog.at_level(logging.WARNING):
        assert shelf.read(file) is None
    assert "its checksum is wrong" in caplog.text
    assert files(tmp_path) == []
    path.with_name(f"{MODEL}-b.kvstate").write_bytes(b"no state")
    assert shelf.best(MODEL, as_tokens(range(100))) == (None, 0)
    assert files(tmp_path) == []


def test_the_budget_drops_the_least_recently_used(tmp_path: Path) -> None:
    shelf = DiskShelf(tmp_path, 5000)
    for number in range(4):
        shelf.write(kept(range(1000 * number, 1000 * number + 100)), always)
        for path in files(tmp_path):  # a second older than it is
            os.utime(path, ns=(0, path.stat().st_mtime_ns - 10**9))
        first, _ = shelf.best(MODEL, as_tokens(range(100)))
        assert first is not None
        assert shelf.read(first) is not None  # the first one is used each time
    starts = {read_description(path).tokens[0] for path in files(tmp_path)}
    assert starts == {0, 2000, 3000}
    assert not shelf.write(kept(range(9000, 9100), 6000), always)
    assert len(files(tmp_path)) == 3


@pytest.mark.parametrize(("total", "free"), [(1 << 30, (2 << 30) - 1), (1 << 40, 51 << 30)])
def test_the_disk_is_never_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, total: int, free: int
) -> None:
    # 2 GiB stay free, and 5 % of a large disk: 51.2 GiB of a TiB.
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(total, total - free, free))
    assert not DiskShelf(tmp_path, 1 << 30).write(kept(range(100)), always)
    assert files(tmp_path) == []
    assert (disk.FREE_BYTES, disk.FREE_SHARE) == (2 << 30, 0.05)


def test_a_longer_state_takes_the_place_of_its_beginning(tmp_path: Path) -> None:
    shelf = DiskShelf(tmp_path, 1 << 20)
    shelf.write(kept(range(100)), always)
    shelf.write(kept(range(200)), always)
    (path,) = files(tmp_path)
    assert len(read_description(path).tokens) == 200
    # Another answer in the same conversation too; another conversation's stays.
    shelf.write(kept([*range(150), *range(900, 990)]), always)
    assert len(files(tmp_path)) == 1
    other = replace(kept([*range(150), *range(800, 890)]), owner=OTHER)
    shelf.write(other, always)
    assert len(files(tmp_path)) == 2


def test_private_states_do_not_reach_the_disk(tmp_path: Path) -> None:
    private = kept(range(100), owner=Owner("1", Rank.SCREEN, is_private=True))
    with pytest.raises(ValueError, match="private"):
        DiskShelf(tmp_path, 1 << 20).write(private, always)


def test_what_a_dead_process_left_is_removed(tmp_path: Path) -> None:
    dead = tmp_path / f"{MODEL}-a.kvstate.99999999.part"
    alive = tmp_path / f"{MODEL}-b.kvstate.{os.getpid()}.part"
    dead.write_bytes(b"half")
    alive.write_bytes(b"half")
    DiskShelf(tmp_path, 1 << 20)
    assert files(tmp_path) == [alive]


def test_what_was_not_used_for_a_month_is_removed(tmp_path: Path) -> None:
    shelf = DiskShelf(tmp_path, 1 << 20)
    for start, days in ((0, 29), (1000, 31)):
        shelf.write(kept(range(start, start + 100)), always)
        (path,) = (path for path in files(tmp_path) if read_description(path).tokens[0] == start)
        os.utime(path, (0, time.time() - days * 86_400))
    DiskShelf(tmp_path, 1 << 20)
    assert [read_description(path).tokens[0] for path in files(tmp_path)] == [0]


def test_nothing_is_written_while_an_answer_is_on_its_way(tmp_path: Path) -> None:
    shelf, writer = DiskShelf(tmp_path, 1 << 30), StateWriter(1 << 30)
    writer.hold()
    state = kept(range(100))
    writer.put(shelf, state)
    assert writer.waiting == (state,)
    assert files(tmp_path) == []
    writer.release()
    assert writer.finish(60)
    assert len(files(tmp_path)) == 1
    assert writer.waiting == ()


def test_a_writer_without_time_leaves_no_half_file(tmp_path: Path) -> None:
    shelf, writer = DiskShelf(tmp_path, 1 << 30), StateWriter(1 << 30)
    entered = threading.Event()
    state = kept(range(100), 30 << 20)

    class Slow(DiskShelf):
        def write(self, state: KeptState, may_go_on: object) -> bool:
            entered.set()
            writer.hold()
            return shelf.write(state, may_go_on)  # type: ignore[arg-type]

    writer.put(Slow(tmp_path, 1 << 30), state)
    assert entered.wait(60)
    with writer._changed:
        writer._stopped = True
    writer._thread.join(60)  # type: ignore[union-attr]
    assert files(tmp_path) == []


def test_waiting_states_have_a_budget(tmp_path: Path) -> None:
    shelf, writer = DiskShelf(tmp_path, 1 << 30), StateWriter(2500)
    writer.hold()
    states = [kept(range(1000 * n, 1000 * n + 50)) for n in range(3)]
    for state in states:
        writer.put(shelf, state)
    assert writer.waiting == tuple(states[1:])
    writer.finish(60)


def test_the_memory_keeps_to_its_budget_and_prefers_the_screen() -> None:
    shelf = MemoryShelf(2500)
    states = [kept(range(1000 * n, 1000 * n + 50)) for n in range(3)]
    for state in states:
        shelf.put(state)
    assert shelf.states == (states[2], states[1])
    assert shelf.n_bytes == 2 * 1200
    shelf.put(kept(range(9000, 9050), owner=Owner("x", Rank.BACKGROUND)))
    assert shelf.states == (states[2], states[1])
    shelf.use(states[1])
    assert shelf.states == (states[1], states[2])
    shelf.put(kept(range(2000, 2040)))  # the beginning of one that is there: that one is used
    assert shelf.states == (states[2], states[1])
    shelf.pinned = states[0]
    assert shelf.states[0] is states[0]
    assert best_of(shelf.states, MODEL, as_tokens(range(10))) == (states[0], 9)
    assert best_of(shelf.states, "another", as_tokens(range(10))) == (None, 0)
    shelf.unpin()
    assert shelf.states == (states[0], states[2])
    shelf.set_budget(0)
    assert shelf.states == ()
