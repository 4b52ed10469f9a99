"""The guardian's end of an arm's driver."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from typing import Any, Dict, List

from robot_envs.child_environment import child_environment

_MESSAGE_BYTES = 65536
_END_SECONDS = 3.0


class DriverClient:
    """Starts the driver's process and never waits for it."""

    def __init__(self, module: str, settings: Dict[str, Any], *, quiet: bool):
        """Starts the process.

        Args:
            module: has `make_driver`.
            settings: what JSON can hold: 'driver' for `make_driver`, 'loop' for `DriverLoop`.
            quiet: whether to throw away what the vendor's library prints.
        """
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        output = subprocess.DEVNULL if quiet else None
        self._process = subprocess.Popen(
            [sys.executable, '-m', 'robot_envs.arms.driver_process', '--module', module,
             '--fd', str(theirs.fileno()), '--settings', json.dumps(settings)],
            pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            env=child_environment())
        theirs.close()
        self._socket.setblocking(False)

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def send(self, **order: Any) -> None:
        """Gives an order; one that the driver is too slow for gets lost."""
        try:
            self._socket.send(json.dumps(order).encode())
        except OSError:
            pass  # Full, or the driver has ended: its silence is judged.

    def receive(self) -> List[Dict[str, Any]]:
        """Returns the messages that have come, oldest first."""
        messages: List[Dict[str, Any]] = []
        while True:
            try:
                data = self._socket.recv(_MESSAGE_BYTES)
            except OSError:
                return messages
            if not data:
                return messages
            messages.append(json.loads(data))

    def kill(self) -> None:
        """Ends it at once; the controller's own watchdog stops the arm."""
        self._process.kill()
        self._process.wait()
        self._socket.close()

    def close(self) -> None:
        """Has it stop the arm and end, or kills it if that takes too long."""
        self._socket.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
