from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.services.window_memory import WindowMemory, WindowPlace


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "window.json"


def recalled(qtbot: QtBot, path: Path) -> WindowPlace:
    memory = WindowMemory(path)
    with qtbot.waitSignal(memory.recalled) as signal:
        memory.recall()
    place = signal.args[0]
    assert isinstance(place, WindowPlace)
    return place


def test_place_is_remembered(qtbot: QtBot, path: Path) -> None:
    place = WindowPlace(
        b"\x01\xd9\xd0\xcb\x00",
        sidebar_visible=False,
        panel_visible=True,
        sidebar_width=300,
        docks=b"\x00\xff",
    )
    memory = WindowMemory(path)
    memory.remember(place)
    memory.close()
    assert recalled(qtbot, path) == place
    assert [file.name for file in path.parent.iterdir()] == ["window.json"]


def test_first_start_takes_the_default(qtbot: QtBot, path: Path) -> None:
    assert recalled(qtbot, path) == WindowPlace(b"", sidebar_visible=True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"geometry": "?", "sidebar_visible": true}',
        '{"geometry": "", "sidebar_visible": true, "sidebar_width": "wide"}',
    ],
)
def test_senseless_file_is_the_default(qtbot: QtBot, path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    assert recalled(qtbot, path) == WindowPlace()


def test_folder_that_cannot_be_written_is_no_error(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    memory = WindowMemory(tmp_path / "file" / "window.json")
    memory.remember(WindowPlace())
    memory.close()
