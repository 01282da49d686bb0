"""A screen reader as far as a test needs it: `dbus-send` asks, `dbus-monitor` hears.

Source: https://gitlab.gnome.org/GNOME/at-spi2-core/-/tree/AT_SPI2_CORE_2_46_0/xml
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtDBus import QDBusConnection, QDBusInterface

_ROOT = "/org/a11y/atspi/accessible/root"
_ACCESSIBLE = "org.a11y.atspi.Accessible"


@contextlib.contextmanager
def session_bus(folder: Path) -> Iterator[dict[str, str]]:
    """Start a bus of its own; gives the variables with which programs find it."""
    command = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
    env = {**os.environ, "XDG_RUNTIME_DIR": str(folder), "XDG_CACHE_HOME": str(folder)}
    process = subprocess.Popen(
        command, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address, "dbus-daemon did not start"
        yield {
            "DBUS_SESSION_BUS_ADDRESS": address,
            "XDG_RUNTIME_DIR": str(folder),
            "XDG_CACHE_HOME": str(folder),
        }
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


@dataclass(frozen=True)
class Thing:
    """One node of the tree of a program."""

    bus: AccessibilityBus
    name_on_bus: str
    path: str

    @property
    def name(self) -> str:
        return self._string(self._property(_ACCESSIBLE, "Name"))

    @property
    def role(self) -> str:
        return self._string(self._call(f"{_ACCESSIBLE}.GetRoleName"))

    @property
    def text(self) -> str:
        return self._string(self._call("org.a11y.atspi.Text.GetText", "int32:0", "int32:-1"))

    @property
    def interfaces(self) -> set[str]:
        return set(
            re.findall(r'"org\.a11y\.atspi\.(\w+)"', self._call(f"{_ACCESSIBLE}.GetInterfaces"))
        )

    @property
    def states(self) -> int:
        words = re.findall(r"uint32 (\d+)", self._call(f"{_ACCESSIBLE}.GetState"))
        return int(words[0]) | int(words[1]) << 32

    def word_at(self, offset: int) -> str:
        answer = self._call("org.a11y.atspi.Text.GetStringAtOffset", f"int32:{offset}", "uint32:1")
        return self._string(answer)

    def children(self) -> list[Thing]:
        found = re.findall(
            r'string "([^"]*)"\s+object path "([^"]*)"', self._call(f"{_ACCESSIBLE}.GetChildren")
        )
        return [Thing(self.bus, name, path) for name, path in found]

    def walk(self) -> Iterator[Thing]:
        yield self
        for child in self.children():
            yield from child.walk()

    def _property(self, interface: str, name: str) -> str:
        get = "org.freedesktop.DBus.Properties.Get"
        return self._call(get, f"string:{interface}", f"string:{name}")

    def _call(self, member: str, *arguments: str) -> str:
        return self.bus.call(self.name_on_bus, self.path, member, *arguments)

    @staticmethod
    def _string(answer: str) -> str:
        found = re.search(r'string "(.*)"', answer, re.DOTALL)
        assert found, answer
        return found[1]


class AccessibilityBus:
    """The bus on which assistive technology and programs meet."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = {**os.environ, **env}
        told = self._send("--session", "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus.GetAddress")
        self._address = Thing._string(told)
        self._heard: subprocess.Popen[str] | None = None

    def call(self, name_on_bus: str, path: str, member: str, *arguments: str) -> str:
        """Ask something; gives what `dbus-send` prints of the answer."""
        return self._send(f"--bus={self._address}", name_on_bus, path, member, *arguments)

    def enable(self) -> None:
        """Say that a screen reader is there."""
        for name in ("IsEnabled", "ScreenReaderEnabled"):
            self._send(
                "--session",
                "org.a11y.Bus",
                "/org/a11y/bus",
                "org.freedesktop.DBus.Properties.Set",
                "string:org.a11y.Status",
                f"string:{name}",
                "variant:boolean:true",
            )

    def program(self, name: str) -> Thing:
        """The program of that name."""
        listed = self.call(
            "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.ListNames"
        )
        for on_bus in re.findall(r'"(:[0-9.]+)"', listed):
            with contextlib.suppress(AssertionError):
                found = Thing(self, on_bus, _ROOT)
                if found.name == name:
                    return found
        raise AssertionError(f"{name} is not on the accessibility bus")

    @contextlib.contextmanager
    def hearing(self, path: Path) -> Iterator[None]:
        """Write what is announced into a file; programs announce only what somebody listens to."""
        name = "listens-for-a-test"
        connection = QDBusConnection.connectToBus(self._address, name)
        registry = "org.a11y.atspi.Registry"
        interface = QDBusInterface(registry, "/org/a11y/atspi/registry", registry, connection)
        interface.call("RegisterEvent", "object:announcement")
        command = ["dbus-monitor", "--address", self._address, "member='Announcement'"]
        with path.open("w") as file:
            monitor = subprocess.Popen(command, stdout=file, stderr=subprocess.DEVNULL)
        try:
            yield
        finally:
            monitor.terminate()
            monitor.wait(10)
            QDBusConnection.disconnectFromBus(name)

    def _send(self, *arguments: str) -> str:
        bus, name, path, member, *rest = arguments
        command = ["dbus-send", bus, "--print-reply", "--reply-timeout=10000", f"--dest={name}"]
        answer = subprocess.run(
            [*command, path, member, *rest],
            env=self._env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
        return answer.stdout
