from __future__ import annotations

from pathlib import Path

from app.commands.chat import adapter_of
from inference.engine import Adapter


def test_file_and_scale(tmp_path: Path) -> None:
    path = tmp_path / "a:b.gguf"

    assert adapter_of(str(path)) == Adapter(path, 1.0)
    assert adapter_of(f"{path}:0.25") == Adapter(path, 0.25)
    assert adapter_of(f"{path}:-1") == Adapter(path, -1.0)
    assert adapter_of(f"{path}:nan") == Adapter(Path(f"{path}:nan"), 1.0)
