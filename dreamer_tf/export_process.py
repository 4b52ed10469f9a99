"""Exports checkpoints beside a training run, which goes on meanwhile."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from typing import Callable, Optional

from dreamer_tf import checkpoint_folders

POLICIES = "policies"
LOG = "export.log"
GENTLER = 10
SECONDS = 1800.0


class ExportProcess:
    """Runs `dreamer_tf.export` on a run's newest checkpoint, one process at a time.

    Tracing the policies takes half a minute of one core: too long for a robot to wait. The process
    has a lower priority; when it fails, the training goes on and a line says so.
    """

    def __init__(self, logdir: os.PathLike, say: Callable[[str], None]):
        """Starts nothing yet.

        Args:
          logdir: folder of the run; the exports go to `policies/` in it.
          say: takes a line for people.
        """
        self._logdir = pathlib.Path(logdir)
        self._say = say
        self._process: Optional[subprocess.Popen] = None
        self._due = False

    def start(self) -> None:
        """Exports the newest checkpoint, unless the export before has not ended yet."""
        if self._process is not None and self._process.poll() is None:
            self._due = True
            return
        self._end()
        self._due = False
        steps = checkpoint_folders.newest_steps(self._logdir / "checkpoints")
        if (self._logdir / POLICIES / "greedy" / str(steps)).exists():
            return  # a run that was stopped right after a checkpoint
        command = [sys.executable, "-m", "dreamer_tf.export", f"--logdir={self._logdir}"]
        with open(self._logdir / LOG, "wb") as log:
            self._process = subprocess.Popen(
                [*command, f"--out={self._logdir / POLICIES}"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C stops the training; this soon ends by itself
            )
        os.setpriority(os.PRIO_PROCESS, self._process.pid, os.nice(0) + GENTLER)

    def finish(self) -> None:
        """Waits for the export, and makes the one that is still due."""
        self._wait()
        if self._due:
            self.start()
            self._wait()

    def _wait(self) -> None:
        if self._process is None:
            return
        try:
            self._process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._end()

    def _end(self) -> None:
        """Says what became of a process that has ended."""
        if self._process is None:
            return
        if self._process.returncode:
            lines = (self._logdir / LOG).read_text(encoding="utf-8", errors="replace").split("\n")
            last = next((line for line in reversed(lines) if line.strip()), "no reason given")
            self._say(f"warning: the checkpoint was not exported: {last}")
        self._process = None
