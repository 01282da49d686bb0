"""A child process that speaks the engine's protocol and misbehaves on request.

Usage: `python engine_child.py MODE`, run as a script by the host's tests.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time


def say(**line: object) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def answer(mode: str, request_id: str) -> None:
    if mode == "abort":
        say(id=request_id, event="TextDelta", text="half")
        os.write(2, b"GGML_ASSERT(false) failed\n")
        os.abort()
    if mode == "exit":
        sys.exit(7)
    if mode == "deaf":
        say(id=request_id, event="TextDelta", text="for ever")
        signal.pause()
    if mode == "hung":
        say(id=request_id, event="TextDelta", text="half")
        sys.stderr.write("about to wait for ever\n")
        sys.stderr.flush()
        time.sleep(600)
    if mode == "slow":
        for n_steps in range(1, 11):
            time.sleep(0.1)
            say(event="alive", n_steps=n_steps)
    if mode == "noise":
        sys.stdout.write("this is not JSON\n")
        say(id="somebody else", event="TextDelta", text="wrong")
    say(id=request_id, event="TextDelta", text=f"pid {os.getpid()}")
    say(id=request_id, event="end")
    if mode == "idle":
        say(event="unloaded")


def main(mode: str) -> None:
    if mode == "mute":
        time.sleep(60)
    if mode == "stillborn":
        sys.exit("cannot find libllama")
    say(event="hello", protocol=99 if mode == "foreign" else 1)
    for raw in sys.stdin:
        line = json.loads(raw)
        if line["op"] == "run":
            answer(mode, line["request"]["id"])


if __name__ == "__main__":
    main(sys.argv[1])
