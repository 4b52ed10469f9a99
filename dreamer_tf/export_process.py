"""Exports checkpoints beside a training run, which goes on meanwhile."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from typing import Callable, Optional

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
        self._due: Optional[int] = None  # the steps of a checkpoint

    def resume(self, env_steps: int) -> None:
        """Says which exports are of checkpoints that are lost, when a run goes on at `env_steps`.

        A version never changes once it is there: servers and robots may hold it.
        """
        versions = (self._logdir / POLICIES / "greedy").glob("[0-9]*")
        later = max((int(path.name) for path in versions if path.name.isdigit()), default=0)
        if later > env_steps:
            self._say(
                f"warning: {POLICIES}/ has version {later}, of a checkpoint that is damaged or "
                f"gone: it stays, and nothing up to step {later} is exported until it is moved away"
            )

    def start(self, env_steps: int) -> None:
        """Exports the checkpoint that was just written, unless an export has not ended yet.

        Args:
          env_steps: its environment steps; a damaged one of later steps may lie beside it.
        """
        if self._process is not None and self._process.poll() is None:
            self._due = env_steps
            return
        self._end()
        self._due = None
        if (self._logdir / POLICIES / "greedy" / str(env_steps)).exists():
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
        if self._due is not None:
            self.start(self._due)
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
