"""What the person beside the robot asked for, and what they are shown."""

from __future__ import annotations

import enum
import json
import pathlib
import threading
import time
from typing import Any, Callable

WORDS = ("status", "pause", "resume", "reset", "mark", "stop")


class _Phase(enum.Enum):
    """What the robot is moved for; STILL is before, between and behind episodes."""

    STILL = enum.auto()
    RESET = enum.auto()
    EPISODE = enum.auto()


class Operator:
    """Wishes of a person, held for the loop that moves the robot.

    The console's thread calls `do`; the loop looks at `is_paused` before a reset, behind it and
    before a step, and at `wants_end` behind a step. Who moves the robot tells when a reset and an
    episode begin and end. Everything is safe to call from any thread.
    """

    def __init__(self, marks: pathlib.Path, *, stop: Callable[[], None]):
        """Nobody has asked for anything yet, and nothing moves.

        Args:
          marks: file that marks are appended to, one JSON object a line.
          stop: ends the program as Ctrl-C does; called once at most.
        """
        self._marks = marks
        self._stop = stop
        self._lock = threading.Lock()
        self._phase = _Phase.STILL
        self._paused = False
        self._end = False
        self._stopping = False
        self._status: dict[str, Any] = {}

    @property
    def is_paused(self) -> bool:
        """Whether a pause was asked for and no episode goes on: the robot must not be moved."""
        with self._lock:
            return self._paused and self._phase is _Phase.STILL

    @property
    def wants_end(self) -> bool:
        """Whether the episode must end with the step that was just made."""
        with self._lock:
            return self._phase is _Phase.EPISODE and (self._paused or self._end)

    def reset_begins(self) -> bool:
        """The robot moves to where an episode begins; the wish for a reset is fulfilled.

        Returns:
          Whether it may: not when the person was told meanwhile that it is paused.
        """
        with self._lock:
            if self._paused:
                return False
            self._phase, self._end = _Phase.RESET, False
            return True

    def reset_ended(self) -> None:
        """An episode begins, unless a pause was asked for meanwhile."""
        with self._lock:
            self._phase = _Phase.STILL if self._paused else _Phase.EPISODE

    def step_begins(self) -> None:
        """A step of an episode is made, whatever was asked for before it."""
        with self._lock:
            self._phase = _Phase.EPISODE

    def episode_ended(self) -> None:
        """Nothing moves the robot, by a LAST step or a fault; a wish for the end is fulfilled."""
        with self._lock:
            self._phase, self._end = _Phase.STILL, False

    def report(self, **facts: Any) -> None:
        """Takes what the person is shown, numbers and words; each replaces its last value."""
        with self._lock:
            self._status.update(facts)

    def status(self) -> dict[str, Any]:
        """What is reported, and `state`: acting, pausing, paused, resetting or stopping."""
        with self._lock:
            return {**self._status, "state": self._state()}

    def do(self, word: str, text: str = "") -> str:
        """Carries out one of `WORDS`.

        Args:
          word: pause: the episode ends with the step that comes next, and no other follows; of
            a reset that goes on, no episode follows;
            resume: a new episode begins, or the pause is taken back;
            reset: the episode ends, and the next begins at once; not while paused;
            mark: a line in the file of marks;
            stop: as the first Ctrl-C, however often it is asked for; status: nothing.
          text: of a mark.

        Returns:
          What happened, in some words.

        Raises:
          ValueError: there is no such word, or a reset would move a robot that is paused.
          OSError: the mark cannot be written.
        """
        if word not in WORDS:
            raise ValueError(f"unknown word '{word}'; there are: {', '.join(WORDS)}")
        if word == "mark":
            return self._mark(text)
        with self._lock:
            stops = word == "stop" and not self._stopping
            if word == "pause":
                self._paused = True
            elif word == "resume":
                self._paused = self._end = False
            elif word == "reset":
                self._ask_for_reset()
            elif word == "stop":
                self._stopping = True
        if stops:  # A second one would be taken for "leave at once, save nothing".
            self._stop()
        return self.status()["state"]

    def _ask_for_reset(self) -> None:
        if self._paused and self._phase is _Phase.STILL:
            raise ValueError("the robot is paused, a reset would move it: resume resets it too")
        # Outside an episode there is none to end: the next begins with a reset anyway.
        self._end = self._phase is _Phase.EPISODE

    def _state(self) -> str:
        if self._stopping:
            return "stopping"
        if self._paused:
            return "paused" if self._phase is _Phase.STILL else "pausing"
        return "resetting" if self._end else "acting"

    def _mark(self, text: str) -> str:
        status = self.status()
        line = {
            "time": time.time(),
            "env_steps": status.get("env_steps"),
            "episode_step": status.get("episode_step"),
            "text": text,
        }
        with self._lock, open(self._marks, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        return f"marked step {line['env_steps']}"
