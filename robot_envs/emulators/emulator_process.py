"""An emulator as a child of this process."""

from __future__ import annotations

import json
import select
import socket
import subprocess
import sys
from typing import Any, Dict

from robot_envs.child_environment import child_environment
from robot_envs.errors import RobotError
from robot_envs.process_priority import OWN_GROUP

_START_SECONDS = 60.0
_ANSWER_SECONDS = 10.0
_END_SECONDS = 5.0


class EmulatorProcess:
    """Starts an emulator on a free port, gives it orders, and ends it; it ends with its parent.

    Attributes:
        address: where it listens.
        port: where the robot's clients find it.
        camera_port: where the frames of its camera are served; 0 if it has none.
    """

    def __init__(self, robot: str, *, seed: int = 0, address: str = '127.0.7.1'):
        """Returns when it listens.

        Raises:
            RobotError: it did not start.
        """
        # A group of its own: a Ctrl-C must let the guardian stop the robot first.
        self._process = subprocess.Popen(
            [sys.executable, '-m', 'robot_envs.emulators', f'--robot={robot}',
             f'--address={address}', '--port=0', f'--seed={seed}', '--until_eof'],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **OWN_GROUP,
            env=child_environment())
        line = ''
        if select.select([self._process.stdout], [], [], _START_SECONDS)[0]:
            line = self._process.stdout.readline()
        if not line:
            self.close()
            raise RobotError(f'the emulator of {robot} did not start; see what '
                             f'`python -m robot_envs.emulators --robot={robot}` says')
        started = json.loads(line)
        self.address, self.port = started['address'], started['port']
        self.camera_port = started['camera_port']
        self._control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._control.settimeout(_ANSWER_SECONDS)
        self._control.connect((self.address, started['control_port']))

    def order(self, line: str) -> Dict[str, Any]:
        """Returns the answer to an order, such as 'lost 0.5', 'clear' or 'truth'.

        Raises:
            OSError: it does not answer.
        """
        self._control.send(line.encode())
        return json.loads(self._control.recv(65536))

    def close(self) -> None:
        """Ends the process. Harmless when it has ended."""
        self._process.stdin.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        if hasattr(self, '_control'):
            self._control.close()
