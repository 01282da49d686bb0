from __future__ import annotations

import sys

import pytest

from app.child import child_command


def test_source_tree_starts_a_child_by_module() -> None:
    assert child_command("engine") == [sys.executable, "-m", "app", "--child=engine"]


def test_packaged_program_starts_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", "/opt/conclave/conclave")
    assert child_command("engine") == ["/opt/conclave/conclave", "--child=engine"]
