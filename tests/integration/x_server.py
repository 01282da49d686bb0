"""A virtual X server for tests that need a real screen, and a look at the windows on it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
from collections.abc import Iterator
from ctypes import POINTER, byref, c_char_p, c_int, c_uint, c_ulong, c_void_p

_IS_VIEWABLE = 2


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
    x11 = _load()
    connection = x11.XOpenDisplay(display.encode())
    assert connection, f"no X server at {display}"
    try:
        return dict(_describe(x11, connection))
    finally:
        x11.XCloseDisplay(connection)


def _load() -> ctypes.CDLL:
    x11 = ctypes.CDLL("libX11.so.6")
    x11.XOpenDisplay.argtypes, x11.XOpenDisplay.restype = [c_char_p], c_void_p
    x11.XDefaultRootWindow.argtypes, x11.XDefaultRootWindow.restype = [c_void_p], c_ulong
    x11.XGetWindowAttributes.argtypes = [c_void_p, c_ulong, POINTER(_Attributes)]
    x11.XFetchName.argtypes = [c_void_p, c_ulong, POINTER(c_char_p)]
    x11.XCloseDisplay.argtypes = x11.XGrabServer.argtypes = [c_void_p]
    windows = POINTER(POINTER(c_ulong))
    tree = [c_void_p, c_ulong, POINTER(c_ulong), POINTER(c_ulong), windows, POINTER(c_uint)]
    x11.XQueryTree.argtypes = tree
    return x11


def _describe(x11: ctypes.CDLL, connection: int) -> Iterator[tuple[str, tuple[int, int]]]:
    # Until the connection is closed no window can go away between two questions.
    x11.XGrabServer(connection)
    root = x11.XDefaultRootWindow(connection)
    ignored, children, count = c_ulong(), POINTER(c_ulong)(), c_uint()
    x11.XQueryTree(connection, root, byref(ignored), byref(ignored), byref(children), byref(count))
    for window in children[: count.value]:
        attributes, title = _Attributes(), c_char_p()
        x11.XGetWindowAttributes(connection, window, byref(attributes))
        if attributes.map_state == _IS_VIEWABLE and x11.XFetchName(
            connection, window, byref(title)
        ):
            yield (title.value or b"").decode("latin-1"), (attributes.width, attributes.height)
