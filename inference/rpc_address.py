"""Addresses of workers on other machines: `host:port`, and whether someone answers there."""

from __future__ import annotations

import ipaddress
import socket
import struct

from inference.errors import WorkerUnreachable

TIMEOUT_S = 5.0
MAX_PORT = 65_535

# Source: rpc_msg_hello_req and rpc_msg_hello_rsp in ggml/src/ggml-rpc/ggml-rpc.cpp, ggml 0.25.3: a
# command, a length and 24 bytes there; a length, three numbers of a version, and more back.
PROTOCOL_MAJOR = 7
_HELLO = struct.pack("<BQ24s", 14, 24, b"")
_REPLY_BYTES, _MAJOR_AT = 8 + 28, 8


def split_address(address: str) -> tuple[str, int]:
    """Host and port of `host:port`.

    Raises:
        WorkerUnreachable: It is not of that form.
    """
    host, _, port = address.rpartition(":")
    if host and port.isascii() and port.isdigit() and 0 < int(port) <= MAX_PORT:
        return host, int(port)
    raise WorkerUnreachable(
        "This is not the address of a worker",
        f"{address!r} has not the form host:port.",
        "Give it like 192.168.0.10:50052.",
    )


def is_loopback(address: str) -> bool:
    """Whether the address leads to this machine by its loopback interface."""
    host, _ = split_address(address)
    return is_loopback_host(host)


def is_loopback_host(host: str) -> bool:
    """Whether a host is this machine's loopback interface."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def ipv4(host: str) -> str:
    """The numbers of a host's name; ggml listens on nothing else.

    Raises:
        OSError: The name is not known.
    """
    return socket.gethostbyname(host)


def check_worker(address: str) -> None:
    """See that a worker of this build's protocol listens there and has time.

    A worker serves one engine after the other; ggml would wait for it without end, and end the
    process where nobody answers.

    Raises:
        WorkerUnreachable: One of these is not so.
    """
    host, port = split_address(address)
    try:
        with socket.create_connection((ipv4(host), port), TIMEOUT_S) as connection:
            connection.settimeout(TIMEOUT_S)
            connection.sendall(_HELLO)
            reply = _received(connection, _REPLY_BYTES)
    except TimeoutError as error:
        raise WorkerUnreachable(
            "A worker is busy",
            f"{address} did not answer within {TIMEOUT_S:.0f} s. A worker serves one engine at a "
            "time.",
            "Close the other program that uses it, or start another worker there.",
        ) from error
    except OSError as error:
        raise WorkerUnreachable(
            "A worker does not answer",
            f"{address}: {error.strerror or error}.",
            "Start it there with `conclave rpc-worker`, or take it out of the list of workers.",
        ) from error
    if len(reply) < _REPLY_BYTES or reply[_MAJOR_AT] != PROTOCOL_MAJOR:
        version = f"version {reply[_MAJOR_AT]}" if len(reply) > _MAJOR_AT else "something else"
        raise WorkerUnreachable(
            "A worker is of another version",
            f"{address} speaks {version}; this build speaks version {PROTOCOL_MAJOR}.",
            "Use the same version of Conclave on both machines.",
        )


def _received(connection: socket.socket, n_bytes: int) -> bytes:
    """So many bytes, fewer where the other side ends before."""
    received = b""
    while len(received) < n_bytes and (more := connection.recv(n_bytes - len(received))):
        received += more
    return received
