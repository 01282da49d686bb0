"""Every graphics card that is there and not used is told, with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from inference.llama.devices import Devices
from inference.llama.unused_cards import unused_cards

NO_DRIVER = Path("no-such-driver")


def none(_backend: str) -> bool:
    return False


def shown(tmp_path: Path, *vendors: str) -> Path:
    """A folder as Linux has it, with cards of these makers."""
    for number, vendor in enumerate(vendors):
        device = tmp_path / f"card{number}" / "device"
        device.mkdir(parents=True)
        (device / "vendor").write_text(f"{vendor}\n")
    return tmp_path


def test_a_card_whose_driver_is_there_is_told(tmp_path: Path) -> None:
    driver = tmp_path / "version"
    assert unused_cards((), none, tmp_path, driver) == ""
    driver.write_text("NVRM version: NVIDIA UNIX x86_64 Kernel Module")
    told = "An NVIDIA card is present but not used: this build of llama.cpp has no CUDA or Vulkan."
    assert unused_cards((), none, tmp_path, driver) == told
    assert unused_cards(["CUDA0 (Tesla T4)"], none, tmp_path, driver) == ""


def test_cards_of_each_maker_are_told_unless_they_are_known(tmp_path: Path) -> None:
    cards = shown(tmp_path, "0x8086", "0x1002", "0x10de", "0x10de", "0x1af4")
    told = unused_cards(["Vulkan0 (AMD Radeon RX 7900)"], none, cards, NO_DRIVER)
    assert told == (
        "An NVIDIA card is present but not used: this build of llama.cpp has no CUDA or Vulkan. "
        "An Intel card is present but not used: this build of llama.cpp has no SYCL or Vulkan."
    )


def test_a_backend_that_finds_nothing_is_another_reason(tmp_path: Path) -> None:
    cards = shown(tmp_path, "0x10de")
    told = unused_cards((), lambda name: name == "CUDA", cards, NO_DRIVER)
    assert "CUDA of this build of llama.cpp finds no device" in told


def test_an_integrated_card_beside_another_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    devices = Devices()
    integrated, card = 1, 2
    monkeypatch.setattr(devices, "local", lambda: [integrated, card])
    monkeypatch.setattr(devices, "_type", lambda device: 2 if device == integrated else 1)
    monkeypatch.setattr(devices, "_name", lambda device: f"Vulkan{device}".encode())
    monkeypatch.setattr(devices, "_description", lambda _device: b"Intel, NVIDIA, AMD")
    told = devices.not_usable()
    assert told.startswith(
        "Vulkan1 (Intel, NVIDIA, AMD) is not used: it shares the system's memory"
    )
    assert "Vulkan2" not in told
    monkeypatch.setattr(devices, "local", lambda: [integrated])
    assert devices.not_usable() == ""
