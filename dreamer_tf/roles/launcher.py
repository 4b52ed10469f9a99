"""All roles of a run as processes of this machine, started and ended together."""

from __future__ import annotations

import collections
import os
import signal
import subprocess
import sys
import time
from typing import Deque, Sequence

from dreamer_tf.roles.addresses import free_port
from dreamer_tf.roles.launcher_watch import LAUNCHER_VARIABLE
from dreamer_tf.stop_signal import STOPPED, StopSignal
from robot_envs.process_priority import OWN_GROUP

LOOK_SECONDS = 0.2
# The robot first, the replay last: it takes what the actors still have.
END_SECONDS = {"actor": 20.0, "evaluator": 20.0, "learner": 60.0, "replay": 60.0}
# How a role ends that is asked to; by SIGTERM itself one that was still starting, or has saved.
ENDED_WELL = (0, *STOPPED, -signal.SIGINT, -signal.SIGTERM)
RESTARTS, RESTARTS_WITHIN_SECONDS = 5, 60.0


class Launcher:
    """Starts the roles, starts one again that was killed, and ends all when one gives up."""

    def __init__(
        self,
        flags: Sequence[str],
        *,
        actors: int = 1,
        replay_address: str | None = None,
        weights_address: str | None = None,
    ):
        """Makes the launcher; nothing is started yet.

        Args:
          flags: of the training program, without roles and addresses.
          actors: how many.
          replay_address: `host:port`; None picks a free port of this machine.
          weights_address: the same for the learner's.
        """
        replay_address = replay_address or f"localhost:{free_port()}"
        weights_address = weights_address or f"localhost:{free_port()}"
        addresses = [f"--replay_address={replay_address}", f"--weights_address={weights_address}"]
        roles = [("replay", 0), ("learner", 0), ("evaluator", 0)]
        roles += [("actor", number) for number in range(actors)]
        self._commands = {
            (role, number): [
                sys.executable, "-m", "dreamer_tf.train", *flags, *addresses,
                f"--role={role}", f"--actor={number}",
            ]
            for role, number in roles
        }
        self._processes: dict[tuple[str, int], subprocess.Popen] = {}
        self._deaths: dict[tuple[str, int], Deque[float]] = {
            key: collections.deque(maxlen=RESTARTS) for key in self._commands
        }
        self._told: set[tuple[str, int]] = set()  # of whose end a line was said

    def run(self) -> int:
        """Runs all roles until the learner has finished, one gives up, or a signal comes.

        Returns:
          The exit code: 0 when the run is finished, that of the role that gave up or could not end
          well (1 when it was killed), or 128 + the number of the signal that stopped the launcher
          or a role.
        """
        with StopSignal() as stop:
            try:
                for key in self._commands:
                    self._start(key)
                code = None
                while code is None and not stop:
                    time.sleep(LOOK_SECONDS)
                    code = self._look()
            finally:
                failure = self._end()
            ended = stop.exit_code if stop else code
            return failure if failure and ended in ENDED_WELL else ended

    def _start(self, key: tuple[str, int]) -> None:
        # A group of its own: Ctrl-C reaches the launcher alone, which ends them in order.
        self._processes[key] = subprocess.Popen(
            self._commands[key],
            stdin=subprocess.DEVNULL,
            **OWN_GROUP,
            env={**os.environ, LAUNCHER_VARIABLE: str(os.getpid())},
        )

    def _look(self) -> int | None:
        """Starts again what was killed; returns the exit code when the run has ended."""
        for key, process in list(self._processes.items()):
            code = process.poll()
            if code is None:
                continue
            role, number = key
            if code == 0:
                if role == "learner":
                    return 0
                continue  # it knows that the run is finished
            if code > 0:
                self._told.add(key)
                what = "was stopped" if code in STOPPED else "gave up"
                _say(f"the {role} {what} (exit code {code}); ending the others")
                return code
            deaths = self._deaths[key]
            deaths.append(time.monotonic())
            if len(deaths) == RESTARTS and deaths[-1] - deaths[0] < RESTARTS_WITHIN_SECONDS:
                self._told.add(key)
                _say(f"the {role} was killed {RESTARTS} times in a minute; ending the others")
                return 1
            _say(f"the {role} was killed by {signal.Signals(-code).name}; starting it again")
            self._start(key)
        return None

    def _end(self) -> int:
        """Ends all roles in order; returns the exit code of the first that failed, or 0."""
        failure = 0
        for role, seconds in END_SECONDS.items():
            those = {key: p for key, p in self._processes.items() if key[0] == role}
            for process in those.values():
                if process.poll() is None:
                    process.send_signal(signal.SIGTERM)
            end = time.monotonic() + seconds
            for key, process in those.items():
                try:
                    process.wait(max(0.1, end - time.monotonic()))
                except subprocess.TimeoutExpired:
                    # A failure, too: what it had is not saved, or its robot is its guardian's.
                    self._told.add(key)
                    _say(f"the {role} does not end; killing it")
                    process.kill()
                    process.wait()
                code = self._failure(key, process.returncode)  # each is told
                failure = failure or code
        return failure

    def _failure(self, key: tuple[str, int], code: int) -> int:
        """Returns 0 for the code of a role that ended well, else the launcher's, and says so."""
        if code in ENDED_WELL:
            return 0
        if key not in self._told:
            how = f"exit code {code}" if code > 0 else signal.Signals(-code).name
            _say(f"the {key[0]} failed at its end ({how})")
        return max(code, 1)


def _say(text: str) -> None:
    sys.stderr.write(f"dreamer_tf local: {text}\n")
    sys.stderr.flush()
