"""What the operating system must bring: a C++ compiler, the libraries of Qt, a font, Xvfb, XTEST,
D-Bus with the accessibility bus.

Missing ones are found by looking for the things themselves, so that every Linux is judged alike. On
Debian and Ubuntu their packages are known: root gets them installed, others get the line to type.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from tools.places import IS_LINUX, IS_WINDOWS
from tools.process import Command, output_of, run_logged
from tools.steps import StepFailed, say

STEP = "system packages"

# What the plugins of Qt are linked to, and the Debian package of each.
QT_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
_ACCESSIBILITY_BUS = Path("/usr/share/dbus-1/services/org.a11y.Bus.service")
_COMPILERS = ("c++", "g++", "clang++")


@dataclass(frozen=True)
class Missing:
    """One thing that is not there.

    Args:
        name: What was looked for.
        package: The Debian package that brings it.
        is_needed: Whether nothing works without it; the rest only limits the window or the tests.
    """

    name: str
    package: str
    is_needed: bool = False


def ensure_system() -> bool:
    """Find what is missing and install it where that is allowed.

    Returns:
        Whether everything is there now.

    Raises:
        StepFailed: Something is missing that nothing works without.
    """
    missing = find_missing()
    if missing and IS_LINUX and _may_install():
        _install(missing)
        missing = find_missing()
    needed = [thing for thing in missing if thing.is_needed]
    if needed:
        raise StepFailed(STEP, f"missing: {_names(needed)}.", remedy(missing))
    if missing:
        say(f"Missing for the window or its tests: {_names(missing)}. {remedy(missing)}")
    return not missing


def find_missing() -> list[Missing]:
    """Everything that this system lacks."""
    missing = []
    if not _has_compiler():
        missing.append(Missing("a C++ compiler", "build-essential", is_needed=True))
    if importlib.util.find_spec("ensurepip") is None:
        package = f"python3.{sys.version_info.minor}-venv"
        missing.append(Missing("Python's ensurepip", package, is_needed=True))
    return missing + _missing_on_linux() if IS_LINUX else missing


def _missing_on_linux() -> list[Missing]:
    missing = [Missing(name, package) for name, package in QT_LIBRARIES.items() if not _loads(name)]
    if not _has_font():
        missing.append(Missing("a font", "fonts-dejavu-core"))
    if not shutil.which("Xvfb"):
        missing.append(Missing("Xvfb", "xvfb"))
    if not _loads("libXtst.so.6"):  # the tests press keys with it
        missing.append(Missing("libXtst.so.6", "libxtst6"))
    # The tests listen to the window as a screen reader does.
    if not all(shutil.which(name) for name in ("dbus-daemon", "dbus-send", "dbus-monitor")):
        missing.append(Missing("D-Bus and its programs", "dbus"))
    if not _ACCESSIBILITY_BUS.exists():
        missing.append(Missing("the accessibility bus", "at-spi2-core"))
    return missing


def remedy(missing: list[Missing]) -> str:
    """One line that says how to get what is missing."""
    if sys.platform == "darwin":
        return "Run: xcode-select --install"
    if IS_WINDOWS:
        return 'Install the Visual Studio Build Tools with "Desktop development with C++".'
    if _is_debian():
        return f"Run: {apt_line(missing)}"
    return (
        f"Install them with your package manager; on Debian they are called: {_packages(missing)}"
    )


def apt_line(missing: list[Missing]) -> str:
    """The line that installs what is missing on Debian and Ubuntu."""
    return f"sudo apt-get install {_packages(missing)}"


def is_debian_like(os_release: str) -> bool:
    """Whether the text of an os-release file is that of Debian, Ubuntu or one derived from them."""
    fields = dict(line.split("=", 1) for line in os_release.splitlines() if "=" in line)
    names = f"{fields.get('ID', '')} {fields.get('ID_LIKE', '')}".replace('"', "").split()
    return "debian" in names or "ubuntu" in names


def _is_debian() -> bool:
    try:
        return is_debian_like(Path("/etc/os-release").read_text(encoding="utf-8"))
    except OSError:
        return False


def _may_install() -> bool:
    if sys.platform == "win32":
        return False
    return _is_debian() and os.geteuid() == 0 and shutil.which("apt-get") is not None


def _install(missing: list[Missing]) -> None:
    say(f"Installing system packages: {_packages(missing)}")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    packages = _packages(missing).split()
    hint = "Check the network and the package sources."
    try:
        run_logged(STEP, Command(["apt-get", "update"], env=env), hint)
        command = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
        run_logged(STEP, Command(command, env=env), hint)
    except StepFailed as failure:
        if any(thing.is_needed for thing in missing):
            raise
        say(f"They could not be installed; going on without. {failure.reason}")


def _has_compiler() -> bool:
    if IS_WINDOWS:
        return _has_visual_cpp()
    if sys.platform == "darwin":
        return output_of(["xcrun", "--find", "clang++"]) is not None
    chosen = os.environ.get("CXX", "").split()[:1]
    return any(shutil.which(name) for name in (*chosen, *_COMPILERS))


def _has_visual_cpp() -> bool:
    if shutil.which("cl"):
        return True
    installer = Path(os.environ.get("PROGRAMFILES(X86)", "")) / "Microsoft Visual Studio/Installer"
    component = "Microsoft.VisualStudio.Component.VC.Tools.x86.x64"
    arguments = [
        "-latest",
        "-products",
        "*",
        "-requires",
        component,
        "-property",
        "installationPath",
    ]
    return bool(output_of([installer / "vswhere.exe", *arguments]))


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _has_font() -> bool:
    folders = (Path(folder).expanduser() for folder in _FONT_FOLDERS)
    return any(next(folder.rglob("*.[to]tf"), None) for folder in folders)


def _names(missing: list[Missing]) -> str:
    return ", ".join(thing.name for thing in missing)


def _packages(missing: list[Missing]) -> str:
    return " ".join(sorted({thing.package for thing in missing}))
