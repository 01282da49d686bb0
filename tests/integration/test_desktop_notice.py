"""Where the desktop has no tray, its portal shows that an answer has ended."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtDBus import QDBusConnection, QDBusMessage

from tests.integration.at_spi import session_bus
from tests.integration.x_server import x_server

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="portals are Linux's")

PORTAL = "org.freedesktop.portal.Desktop"
PATH = "/org/freedesktop/portal/desktop"
INTERFACE = "org.freedesktop.portal.Notification"


def heard(monitor: Path, member: str) -> str:
    """A call on the bus, as soon as there is one."""
    for _ in range(500):
        found = re.search(rf"member={member}\n(?:[ \t]+.*\n)+", monitor.read_text())
        if found:
            return found[0]
        time.sleep(0.02)
    raise AssertionError(f"nobody called {member}: {monitor.read_text()}")


def test_a_notice_is_shown_and_a_click_on_it_brings_the_window_back(tmp_path: Path) -> None:
    monitor = tmp_path / "monitor.txt"
    with x_server() as display, session_bus(tmp_path) as bus, monitor.open("w") as file:
        address = bus["DBUS_SESSION_BUS_ADDRESS"]
        listening = subprocess.Popen(
            ["dbus-monitor", "--address", address, f"interface='{INTERFACE}'"],
            stdout=file,
            stderr=subprocess.DEVNULL,
        )
        portal = QDBusConnection.connectToBus(address, "plays-the-portal")
        assert portal.registerService(PORTAL)
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.away_window"],
            env={**os.environ, **bus, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "told\n"
            call = heard(monitor, "AddNotification")
            assert re.findall(r'string "(.*)"', call)[1:] == [
                "body",
                "At <last>.",
                "default-action",
                "open",
                "title",
                "The answer is there",
            ]
            clicked = QDBusMessage.createSignal(PATH, INTERFACE, "ActionInvoked")
            clicked.setArguments(["another program's", "open", []])
            portal.send(clicked)
            clicked.setArguments([re.findall(r'string "(.*)"', call)[0], "open", []])
            portal.send(clicked)
            assert process.stdout.readline() == "seen\n"
            assert process.wait(30) == 0
        finally:
            process.kill()
            process.wait(30)
            process.stdout.close()
            QDBusConnection.disconnectFromBus("plays-the-portal")
            listening.terminate()
            listening.wait(10)
