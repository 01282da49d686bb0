"""What was chosen about the looks survives a restart, and a damaged file."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.domain.appearance import Appearance, Colours
from app.services.appearance import AppearanceService


def recalled(qtbot: QtBot, path: Path) -> Appearance:
    service = AppearanceService(path)
    with qtbot.waitSignal(service.recalled) as told:
        service.recall()
    assert told.args == [service.appearance]
    return service.appearance


def test_the_last_of_many_choices_is_kept(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "new" / "appearance.json"
    assert recalled(qtbot, path) == Appearance()
    service = AppearanceService(path)
    for _ in range(5):
        service.zoom(1)
    service.change(Appearance(Colours.DARK, 125))
    service.close()
    assert recalled(qtbot, path) == Appearance(Colours.DARK, 125)
    assert [file.name for file in path.parent.iterdir()] == ["appearance.json"]


def test_what_holds_already_is_not_told_again(qtbot: QtBot, tmp_path: Path) -> None:
    service = AppearanceService(tmp_path / "appearance.json")
    with qtbot.assertNotEmitted(service.changed):
        service.change(Appearance())
        service.zoom(0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"colours": "pink", "zoom_percent": 100}',
        '{"colours": "dark", "zoom_percent": 3}',
        '{"colours": "dark", "zoom_percent": "100"}',
        "\x00",
    ],
)
def test_a_damaged_file_counts_as_nothing_chosen(qtbot: QtBot, tmp_path: Path, text: str) -> None:
    path = tmp_path / "appearance.json"
    path.write_text(text)
    assert recalled(qtbot, path) == Appearance()


def test_where_it_cannot_be_written_it_holds_all_the_same(qtbot: QtBot, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("no folder")
    service = AppearanceService(in_the_way / "appearance.json")
    service.change(Appearance(Colours.LIGHT, 150))
    assert service.appearance == Appearance(Colours.LIGHT, 150)
    service.close()


def test_the_size_goes_in_steps_and_stops_at_the_ends() -> None:
    usual = Appearance()
    assert [usual.zoomed(by).zoom_percent for by in (1, 2, -1, 99, -99)] == [110, 125, 90, 200, 80]
    assert Appearance(zoom_percent=200).zoomed(1).zoom_percent == 200
    assert usual.zoomed(0) == usual
