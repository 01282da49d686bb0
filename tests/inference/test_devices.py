from __future__ import annotations

from pathlib import Path

from inference.llama.devices import hardware_without_backend


def test_a_card_that_this_build_cannot_use_is_told(tmp_path: Path) -> None:
    driver = tmp_path / "version"
    assert hardware_without_backend(has_devices=False, driver=driver) == ""
    driver.write_text("NVRM version: NVIDIA UNIX x86_64 Kernel Module")
    assert "no CUDA" in hardware_without_backend(has_devices=False, driver=driver)
    assert hardware_without_backend(has_devices=True, driver=driver) == ""
