"""Addresses of workers on other machines: `host:port`, and whether someone answers there."""

from __future__ import annotations

import ipaddress
import socket

from inference.errors import WorkerUnreachable

CONNECT_TIMEOUT_S = 5.0
MAX_PORT = 65_535


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


def check_reachable(address: str) -> None:
    """See that someone listens there.

    Raises:
        WorkerUnreachable: Nobody does.
    """
    host, port = split_address(address)
    try:
        socket.create_connection((host.strip("[]"), port), CONNECT_TIMEOUT_S).close()
    except OSError as error:
        raise WorkerUnreachable(
            "A worker does not answer",
            f"{address}: {error.strerror or error}.",
            "Start it there with `conclave rpc-worker`, or take it out of the list of workers.",
        ) from error
