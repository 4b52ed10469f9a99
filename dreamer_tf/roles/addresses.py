"""Addresses of servers: `host:port`, and whether somebody listens there."""

from __future__ import annotations

import socket

from dreamer_tf.errors import UserError


def split_address(address: str, flag: str) -> tuple[str, int]:
    """Host and port of an address.

    Args:
      address: `host:port`.
      flag: whose value it is, for the message.

    Raises:
      UserError: it is not of this shape.
    """
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise UserError(f"--{flag}={address} is no address: write host:port, e.g. localhost:8100")
    return host.strip("[]"), int(port)


def is_listening(address: str, seconds: float = 1.0) -> bool:
    """Whether a TCP connection to `host:port` can be made within `seconds`.

    Cheap, and it leaves gRPC alone: a channel that has failed for a while waits longer and longer
    before it tries again, for the whole process.
    """
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), seconds):
            return True
    except OSError:
        return False


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("", 0))
        return probe.getsockname()[1]
