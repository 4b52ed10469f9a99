"""A Robotiq gripper, over the lines that its URCap takes at a UR controller's TCP port 63352."""

from __future__ import annotations

import socket

from robot_envs.errors import RobotError

PORT = 63352
OPEN, CLOSED = 3, 230  # What it tells at its ends, of 0 to 255; they differ a little by gripper.
_SECONDS = 1.0
_ACTIVE = 3  # STA of a gripper that can be moved.


class Robotiq:
    """The client; every call waits for the gripper's answer."""

    def __init__(self, address: str, *, speed: int, force: int):
        """Connects, and activates it if it has not been: it then moves through its whole range.

        Args:
            address: of the controller.
            speed: 0 to 255.
            force: 0 to 255.

        Raises:
            RobotError: it does not answer.
        """
        try:
            self._socket = socket.create_connection((address, PORT), _SECONDS)
        except OSError as error:
            raise RobotError(f'no gripper at {address}:{PORT} ({error})') from error
        if self.get('STA') != _ACTIVE:
            self._ask('SET ACT 1 GTO 1')
        self._ask(f'SET GTO 1 SPE {speed} FOR {force}')

    def get(self, name: str) -> int:
        """Returns a variable, such as 'POS', 0 to 255.

        Raises:
            RobotError: it does not answer, or not with this variable.
        """
        answer = self._ask(f'GET {name}').split()
        if len(answer) != 2 or answer[0] != name or not answer[1].isdigit():
            raise RobotError(f'the gripper answers {answer} to GET {name}')
        return int(answer[1])

    def position(self) -> float:
        """Returns how far it is closed: 0 open, 1 closed."""
        return closed_share(self.get('POS'))

    def move(self, closed: float) -> None:
        """Begins to move to 0 (open) ... 1 (closed); at 1 it goes on pressing."""
        self._ask(f'SET POS {round(closed * 255)}')

    def close(self) -> None:
        """Closes the connection; the gripper stays as it is."""
        self._socket.close()

    def _ask(self, line: str) -> str:
        """Returns the answer, which comes in one piece and has no end of its own."""
        try:
            self._socket.sendall(line.encode() + b'\n')
            data = self._socket.recv(1024)
            if not data:
                raise OSError('it has hung up')
        except OSError as error:
            raise RobotError(f'the gripper does not answer to {line!r} ({error})') from error
        return data.decode(errors='replace').strip()


def closed_share(position: int) -> float:
    """Returns how far a gripper at `position` (0 to 255) is closed: 0 open, 1 closed."""
    return min(max((position - OPEN) / (CLOSED - OPEN), 0.0), 1.0)
