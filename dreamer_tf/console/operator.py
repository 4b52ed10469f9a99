"""What the person beside the robot asked for, and what they are shown."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import threading
import time
from typing import Any, Callable

WORDS = ("status", "pause", "resume", "reset", "mark", "stop")


def _end_this_process() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


class Operator:
    """Wishes of a person, held for the loop that moves the robot.

    The console's thread calls `do`; the loop looks at `is_paused` before a step and at
    `wants_end` behind one. Everything is safe to call from any thread.
    """

    def __init__(self, marks: pathlib.Path, *, stop: Callable[[], None] = _end_this_process):
        """Nobody has asked for anything yet.

        Args:
          marks: file that marks are appended to, one JSON object a line.
          stop: ends the program as Ctrl-C does; by default a SIGTERM to this process.
        """
        self._marks = marks
        self._stop = stop
        self._lock = threading.Lock()
        self._paused = False
        self._end = False
        self._stopping = False
        self._status: dict[str, Any] = {}

    @property
    def is_paused(self) -> bool:
        """Whether the episode has ended and the robot must not be moved."""
        with self._lock:
            return self._paused and not self._end

    @property
    def wants_end(self) -> bool:
        """Whether the episode must end with the step that was just made."""
        return self._end

    def episode_ended(self) -> None:
        """The wish to end an episode is fulfilled."""
        with self._lock:
            self._end = False

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
          word: pause: the episode ends with the step that comes next, and no other follows;
            resume: a new episode begins, or the pause is taken back;
            reset: the episode ends, and the next begins at once;
            mark: a line in the file of marks; stop: as Ctrl-C; status: nothing.
          text: of a mark.

        Returns:
          What happened, in some words.

        Raises:
          ValueError: there is no such word.
          OSError: the mark cannot be written.
        """
        if word not in WORDS:
            raise ValueError(f"unknown word '{word}'; there are: {', '.join(WORDS)}")
        if word == "mark":
            return self._mark(text)
        with self._lock:
            if word == "pause":
                self._paused = self._end = True
            elif word == "resume":
                self._paused = self._end = False
            elif word == "reset":
                self._end = True
            elif word == "stop":
                self._stopping = True
        if word == "stop":
            self._stop()
        return self.status()["state"]

    def _state(self) -> str:
        if self._stopping:
            return "stopping"
        if self._paused:
            return "pausing" if self._end else "paused"
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
