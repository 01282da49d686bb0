"""A person at an X screen: presses keys, looks at pixels, reads the clipboard."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import POINTER, c_char, c_char_p, c_int, c_ubyte, c_uint, c_ulong
from ctypes import c_void_p as pointer

from tests.integration.x_server import Window, find_windows, load_x11, read_text

_ALL_PLANES = ctypes.c_ulong(-1).value
_Z_PIXMAP = 2
_REVERT_TO_PARENT = 2
_NOW = 0
_SELECTION_NOTIFY = 31
_EVENT_BYTES = 192
_ANSWER_WITHIN_S = 10.0
_KEY_NAMES = {" ": "space", ".": "period", ",": "comma", "?": "question", "-": "minus"}

_ErrorHandler = ctypes.CFUNCTYPE(c_int, pointer, pointer)
# Xlib's own handler ends the process, which is the test's.
_no_error = _ErrorHandler(lambda _display, _event: 0)


class _Image(ctypes.Structure):
    """Xlib's XImage up to what is read here."""

    _fields_ = [
        ("width", c_int),
        ("height", c_int),
        ("xoffset", c_int),
        ("format", c_int),
        ("data", POINTER(c_char)),
        *((name, c_int) for name in ("byte_order", "unit", "bit_order", "pad", "depth")),
        ("bytes_per_line", c_int),
    ]


class Screen:
    """A connection to a display. Keys are real events, made by the server itself (XTEST)."""

    def __init__(self, display: str) -> None:
        self._x11, self._xtst = load_x11(), ctypes.CDLL("libXtst.so.6")
        self._declare()
        self._x11.XSetErrorHandler(_no_error)
        self._connection = self._x11.XOpenDisplay(display.encode())
        assert self._connection, f"no X server at {display}"
        root = self._x11.XDefaultRootWindow(self._connection)
        # Whoever owns the clipboard writes its contents into a property of this window.
        self._mailbox = self._x11.XCreateSimpleWindow(self._connection, root, 0, 0, 1, 1, 0, 0, 0)

    def close(self) -> None:
        """Leave the display."""
        self._x11.XCloseDisplay(self._connection)

    def windows(self) -> list[Window]:
        """The windows with a title that are shown."""
        return find_windows(self._x11, self._connection)

    def focus(self, window: Window) -> None:
        """Let a window have the keys, as a window manager does."""
        self._x11.XSetInputFocus(self._connection, window.id, _REVERT_TO_PARENT, _NOW)
        self._x11.XSync(self._connection, False)

    def type(self, text: str) -> None:
        """Press the keys of a text."""
        for character in text:
            self.press(_KEY_NAMES.get(character, character))

    def press(self, *names: str) -> None:
        """Press one key with others held, by their X names: `press("Control_L", "q")`."""
        codes = [self._code(name) for name in names]
        if len(names) == 1 and self._needs_shift(names[0]):
            codes.insert(0, self._code("Shift_L"))
        for code in codes:
            self._xtst.XTestFakeKeyEvent(self._connection, code, True, 0)
        for code in reversed(codes):
            self._xtst.XTestFakeKeyEvent(self._connection, code, False, 0)
        self._x11.XSync(self._connection, False)

    def picture(self, window: Window, x: int, y: int, width: int, height: int) -> bytes:
        """The pixels of a part of a window, as the server has them."""
        image = self._x11.XGetImage(
            self._connection, window.id, x, y, width, height, _ALL_PLANES, _Z_PIXMAP
        )
        assert image, "this part of the window is not on the screen"
        try:
            content = image.contents
            return ctypes.string_at(content.data, content.bytes_per_line * content.height)
        finally:
            self._x11.XDestroyImage(image)

    def clipboard(self) -> str:
        """The text on the clipboard; "" where there is none."""
        selection, kind = (
            self._x11.XInternAtom(self._connection, name, False)
            for name in (b"CLIPBOARD", b"UTF8_STRING")
        )
        self._x11.XDeleteProperty(self._connection, self._mailbox, selection)
        self._x11.XConvertSelection(
            self._connection, selection, kind, selection, self._mailbox, _NOW
        )
        event = ctypes.create_string_buffer(_EVENT_BYTES)
        deadline = time.monotonic() + _ANSWER_WITHIN_S
        while not self._x11.XCheckTypedWindowEvent(
            self._connection, self._mailbox, _SELECTION_NOTIFY, event
        ):
            assert time.monotonic() < deadline, "the owner of the clipboard does not answer"
            time.sleep(0.01)
        return read_text(self._x11, self._connection, self._mailbox, "CLIPBOARD")

    def _code(self, name: str) -> int:
        code: int = self._x11.XKeysymToKeycode(self._connection, self._symbol(name))
        assert code, f"this keyboard has no key {name!r}"
        return code

    def _symbol(self, name: str) -> int:
        symbol: int = self._x11.XStringToKeysym(name.encode())
        assert symbol, f"X knows no key {name!r}"
        return symbol

    def _needs_shift(self, name: str) -> bool:
        plain = self._x11.XkbKeycodeToKeysym(self._connection, self._code(name), 0, 0)
        return bool(plain != self._symbol(name))

    def _declare(self) -> None:
        x11, display, window = self._x11, pointer, c_ulong
        place = [*[c_int] * 2, *[c_uint] * 3, *[c_ulong] * 2]
        x11.XCreateSimpleWindow.argtypes = [display, window, *place]
        x11.XCreateSimpleWindow.restype = window
        x11.XSetInputFocus.argtypes = [display, window, c_int, c_ulong]
        x11.XSync.argtypes = [display, c_int]
        x11.XGetImage.argtypes = [display, window, *[c_int] * 2, *[c_uint] * 2, c_ulong, c_int]
        x11.XGetImage.restype = POINTER(_Image)
        x11.XDestroyImage.argtypes = [POINTER(_Image)]
        x11.XDeleteProperty.argtypes = [display, window, c_ulong]
        x11.XConvertSelection.argtypes = [display, *[c_ulong] * 3, window, c_ulong]
        x11.XCheckTypedWindowEvent.argtypes = [display, window, c_int, pointer]
        x11.XStringToKeysym.argtypes, x11.XStringToKeysym.restype = [c_char_p], c_ulong
        x11.XKeysymToKeycode.argtypes, x11.XKeysymToKeycode.restype = [display, c_ulong], c_ubyte
        x11.XkbKeycodeToKeysym.argtypes = [display, c_ubyte, c_int, c_int]
        x11.XkbKeycodeToKeysym.restype = c_ulong
        x11.XSetErrorHandler.argtypes = [_ErrorHandler]
        self._xtst.XTestFakeKeyEvent.argtypes = [display, c_uint, c_int, c_ulong]


@contextmanager
def screen(display: str) -> Iterator[Screen]:
    """Look at a display and use it."""
    opened = Screen(display)
    try:
        yield opened
    finally:
        opened.close()
