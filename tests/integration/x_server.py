"""A virtual X server for tests that need a real screen, and a look at the windows on it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
from collections.abc import Iterator
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_ubyte, c_uint, c_ulong, c_void_p
from dataclasses import dataclass

_IS_VIEWABLE = 2
_ANY_TYPE = 0
_MOST = 1_000_000


class _Attributes(ctypes.Structure):
    """Xlib's XWindowAttributes up to what is read here, and room for the rest."""

    _fields_ = [
        *((name, c_int) for name in ("x", "y", "width", "height", "border_width", "depth")),
        ("visual", c_void_p),
        ("root", c_ulong),
        *((name, c_int) for name in ("class_", "bit_gravity", "win_gravity", "backing_store")),
        ("backing_planes", c_ulong),
        ("backing_pixel", c_ulong),
        ("save_under", c_int),
        ("colormap", c_ulong),
        ("map_installed", c_int),
        ("map_state", c_int),
        ("rest", c_ulong * 16),
    ]


@dataclass(frozen=True)
class Window:
    """A window on the screen; `size` is width and height."""

    id: int
    title: str
    size: tuple[int, int]


@contextlib.contextmanager
def x_server() -> Iterator[str]:
    """Start Xvfb on a free display; gives the value for DISPLAY."""
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    try:
        with os.fdopen(reader) as answer:
            number = answer.readline().strip()
        assert number, "Xvfb did not start"
        yield f":{number}"
    finally:
        process.terminate()
        process.wait(10)


def visible_windows(display: str) -> dict[str, tuple[int, int]]:
    """Title and size (width, height) of each window that is shown on a display."""
    x11 = load_x11()
    connection = x11.XOpenDisplay(display.encode())
    assert connection, f"no X server at {display}"
    try:
        return {window.title: window.size for window in find_windows(x11, connection)}
    finally:
        x11.XCloseDisplay(connection)


def load_x11() -> ctypes.CDLL:
    """Xlib, with what is called here declared."""
    x11 = ctypes.CDLL("libX11.so.6")
    x11.XOpenDisplay.argtypes, x11.XOpenDisplay.restype = [c_char_p], c_void_p
    x11.XDefaultRootWindow.argtypes, x11.XDefaultRootWindow.restype = [c_void_p], c_ulong
    x11.XGetWindowAttributes.argtypes = [c_void_p, c_ulong, POINTER(_Attributes)]
    x11.XInternAtom.argtypes, x11.XInternAtom.restype = [c_void_p, c_char_p, c_int], c_ulong
    part = [c_ulong, c_long, c_long, c_int, c_ulong]
    x11.XGetWindowProperty.argtypes = [c_void_p, c_ulong, *part, *[c_void_p] * 5]
    x11.XFree.argtypes = [c_void_p]
    for name in ("XCloseDisplay", "XGrabServer", "XUngrabServer", "XFlush"):
        getattr(x11, name).argtypes = [c_void_p]
    one = POINTER(c_ulong)
    x11.XQueryTree.argtypes = [c_void_p, c_ulong, one, one, POINTER(one), POINTER(c_uint)]
    return x11


def find_windows(x11: ctypes.CDLL, connection: int) -> list[Window]:
    """The windows with a title that are shown."""
    # Until it is released no window can go away between two questions.
    x11.XGrabServer(connection)
    try:
        return list(_describe(x11, connection))
    finally:
        x11.XUngrabServer(connection)
        x11.XFlush(connection)


def _describe(x11: ctypes.CDLL, connection: int) -> Iterator[Window]:
    root = x11.XDefaultRootWindow(connection)
    ignored, children, count = c_ulong(), POINTER(c_ulong)(), c_uint()
    x11.XQueryTree(connection, root, byref(ignored), byref(ignored), byref(children), byref(count))
    for window in children[: count.value]:
        attributes = _Attributes()
        x11.XGetWindowAttributes(connection, window, byref(attributes))
        title = read_text(x11, connection, window, "_NET_WM_NAME")
        if attributes.map_state == _IS_VIEWABLE and title:
            yield Window(window, title, (attributes.width, attributes.height))


def read_text(x11: ctypes.CDLL, connection: int, window: int, name: str) -> str:
    """A property of a window that holds UTF-8; "" where there is none."""
    atom = x11.XInternAtom(connection, name.encode(), False)
    kind, bits, count, left = c_ulong(), c_int(), c_ulong(), c_ulong()
    data = POINTER(c_ubyte)()
    answers = [byref(place) for place in (kind, bits, count, left, data)]
    x11.XGetWindowProperty(connection, window, atom, 0, _MOST, False, _ANY_TYPE, *answers)
    if not data:
        return ""
    try:
        return bytes(data[: count.value]).decode()
    finally:
        x11.XFree(data)
