"""llama.cpp in this process: its log, its devices, and what plans loads with both."""

from __future__ import annotations

import llama_cpp.llama_cpp as llama

from inference.llama.devices import Devices
from inference.llama.native_log import NativeLog
from inference.llama.planning import Planner


class Backend:
    """What all models of a process share.

    Args:
        passes_log_on: Whether llama.cpp's log goes to stderr.
    """

    def __init__(self, *, passes_log_on: bool = True) -> None:
        self.log = NativeLog(passed_on=passes_log_on)
        llama.llama_backend_init()
        self.planner = Planner(Devices(), self.log)
