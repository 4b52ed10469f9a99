"""An environment's end of the guardian."""

from __future__ import annotations

import dataclasses
import json
import math
import socket
import subprocess
import sys
import threading
from typing import Any, Dict

from robot_envs.child_environment import child_environment
from robot_envs.errors import RobotError
from robot_envs.guardian.times import GuardianTimes
from robot_envs.process_priority import OWN_GROUP

_START_SECONDS = 60.0  # Its packages are imported first.
_LONGEST_SECONDS = 60.0
_ANSWER_SECONDS = 5.0
_END_SECONDS = 5.0
_LAST_SECONDS = 60.0  # on a busy machine
_MESSAGE_BYTES = 65536


class GuardianClient:
    """Starts the guardian's process, keeps its heartbeat going from a thread, and asks it."""

    def __init__(self, module: str, robot: Dict[str, Any], times: GuardianTimes):
        """Starts the process.

        Args:
            module: has `make_guarded(**robot)`, which gives a `GuardedRobot`.
            robot: what JSON can hold.
            times: of the guardian.
        """
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        settings = {'robot': robot, 'times': dataclasses.asdict(times)}
        environment = child_environment()
        # Threads for small matrices wait for each other on a busy machine.
        environment.setdefault('OPENBLAS_NUM_THREADS', '1')
        self._process = subprocess.Popen(
            [sys.executable, '-m', 'robot_envs.guardian', '--module', module,
             '--fd', str(theirs.fileno()), '--settings', json.dumps(settings)],
            pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, **OWN_GROUP,
            env=environment)
        theirs.close()
        self._number = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(
            target=self._beat, args=(times.beat_seconds,), name='heartbeat', daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        """The number of the guardian's process."""
        return self._process.pid

    def ask(self, do: str, *, seconds: float = 0.0, **message: Any) -> Dict[str, Any]:
        """Returns the guardian's answer; see `Guardian`.

        Args:
            do: what is asked.
            seconds: how long it takes; sent along.
            **message: more of it.

        Raises:
            RobotError: the guardian does not answer.
        """
        try:
            self._number += 1
            patience = _START_SECONDS if self._number == 1 else _ANSWER_SECONDS
            # A time that is no command's is refused at once, and must not be waited for.
            takes = min(max(seconds, 0.0), _LONGEST_SECONDS) if math.isfinite(seconds) else 0.0
            self._socket.settimeout(patience + takes)
            message = {'do': do, 'id': self._number, 'seconds': seconds, **message}
            self._socket.send(json.dumps(message).encode())
            while True:
                data = self._socket.recv(_MESSAGE_BYTES)
                if not data:
                    raise RobotError('the guardian has ended, and the robot is in its safe state: '
                                     'start again')
                answer = json.loads(data)
                # A Ctrl-C may have left the answer to an earlier one.
                if answer['id'] in (self._number, None):
                    return answer
        except OSError as error:
            raise RobotError(f'the guardian does not answer ({error})') from error

    def close(self) -> None:
        """Has the robot brought to its safe state and ends the process. Harmless when ended.

        Raises:
            RobotError: the process does not end. It brings the robot to its safe state all the same
                as soon as the system lets it.
        """
        if self._ended.is_set():
            return
        try:
            self.ask('close')
        except RobotError:
            pass  # It ends by itself when the socket is closed.
        self._ended.set()
        self._thread.join()
        self._socket.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.terminate()
            self._wait_long()

    def _wait_long(self) -> None:
        try:
            self._process.wait(_LAST_SECONDS)
        except subprocess.TimeoutExpired:
            raise RobotError(f'the guardian (process {self.pid}) does not end: see that the robot '
                             f'is in its safe state, then kill -9 {self.pid}') from None

    def _beat(self, seconds: float) -> None:
        message = json.dumps({'do': 'beat'}).encode()
        while not self._ended.wait(seconds):
            try:
                self._socket.send(message)
            except OSError:
                return
