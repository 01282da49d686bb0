"""What a person at a terminal sees while a command works, and when it is interrupted."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import Progress

from app.commands import calibrate, status_line
from app.commands.progress_bar import progress_columns


@pytest.mark.parametrize("width", [80, 100, 160])
def test_a_line_of_progress_stays_one_line(width: int) -> None:
    told = io.StringIO()
    console = Console(file=told, width=width, force_terminal=True, color_system=None)
    with Progress(*progress_columns(), console=console, auto_refresh=False) as bar:
        name = "Qwen3-30B-A3B-Instruct-2507-Q4_K_M.gguf"
        task = bar.add_task(name, total=59_904, words="perplexity 12.345", is_text=True)
        bar.update(task, completed=1_536)
        bar.refresh()
        [*_before, last] = [line for line in told.getvalue().splitlines() if "perplexity" in line]
    assert "1,536 of 59,904 tokens" in last
    assert last.rstrip().endswith("perplexity 12.345")


def test_an_interrupted_calibration_says_what_it_keeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_options: object, _as_json: bool) -> list[object]:
        raise KeyboardInterrupt

    monkeypatch.setattr(calibrate, "carry_out", interrupted)
    target, text = tmp_path / "matrix.gguf", tmp_path / "text.txt"
    for partial in (None, tmp_path / "matrix.gguf.partial"):
        if partial is not None:
            partial.write_bytes(b"")
        with pytest.raises(KeyboardInterrupt):
            calibrate.calibrate_command(tmp_path / "m.gguf", target, text)
        told = capsys.readouterr().err
        assert told == "" if partial is None else str(partial) in told


def test_the_status_line_is_for_terminals_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status_line.show_status("loading")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    status_line.show_status("loading")
    status_line.show_status("")
    assert capsys.readouterr().err == "\r\x1b[Kloading\r\x1b[K"
