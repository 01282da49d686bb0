"""The desktop draws title bars: it is told which colours were chosen."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.integration.x_server import x_server

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the test brings an X server")


def test_a_choice_holds_for_the_desktop_and_goes_back_to_it() -> None:
    with x_server() as display:
        # Of the desktops that Qt knows, one that can be asked for a scheme.
        env = {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "XDG_CURRENT_DESKTOP": "GNOME"}
        run = subprocess.run(
            [sys.executable, "-m", "tests.integration.coloured_window"],
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert run.returncode == 0, run.stderr
    # Light, dark, and as the system, which says nothing.
    assert run.stdout.split("\n") == ["Light False", "Dark True", "Unknown False", ""]
