"""Runs a suite: what is not finished yet, some runs at a time, until all are or somebody stops."""
from __future__ import annotations

import collections
import pathlib
import sys
import time
from typing import Deque, Dict, List, Sequence

from dreamer_tf import learning_curve
from dreamer_tf.errors import UserError
from dreamer_tf.experiments.results_folder import ResultsFolder
from dreamer_tf.experiments.run import Run
from dreamer_tf.experiments.run_process import LOOK_SECONDS, RunProcess
from dreamer_tf.stop_signal import STOPPED, StopSignal


class SuiteRunner:
    """Starts the runs of a suite as processes and gathers what they leave."""

    def __init__(self, runs: Sequence[Run], *, out: pathlib.Path, results: ResultsFolder,
                 jobs: int = 1, say_every: float = 300.0, stream=None):
        """Looks which runs are still to be made.

        Args:
          runs: in the order in which they are started.
          out: each run has its folder in it, `<robot>/<label>/seed<k>`.
          results: takes the curves; what is finished there is not run again.
          jobs: runs at a time.
          say_every: seconds between two lines about a run that goes on.
          stream: where to write; stdout by default.

        Raises:
          UserError: `results` holds a run of the same name with other settings.
        """
        self._out, self._results, self._jobs = out, results, jobs
        self._say_every, self._stream = say_every, stream
        self._total = len(runs)
        self._waiting: Deque[Run] = collections.deque(
            run for run in runs if not results.is_finished(run))
        self._there = [run.name for run in runs if run not in self._waiting]
        self._running: Dict[Run, RunProcess] = {}
        self._said: Dict[Run, float] = {}
        self.failed: List[Run] = []

    def run(self) -> int:
        """Runs what is not finished.

        Returns:
          0 when every run is finished, 1 when one failed, 130 or 143 after a signal.
        """
        self._say('{} runs, {} of them finished already{}'.format(
            self._total, len(self._there),
            ''.join(': ' + ', '.join(self._there) for _ in self._there[:1])))
        with StopSignal() as stop:
            try:
                while (self._waiting or self._running) and not stop:
                    while self._waiting and len(self._running) < self._jobs:
                        self._start(self._waiting.popleft())
                    time.sleep(LOOK_SECONDS)
                    self._look()
                for process in self._running.values():
                    process.ask_to_stop()
                for run, process in self._running.items():
                    process.wait()
                self._look()
            finally:
                for process in self._running.values():
                    process.end()
            if stop:
                self._say('stopped; the same command goes on')
                return stop.exit_code
        return 1 if self.failed else 0

    def _start(self, run: Run) -> None:
        logdir = self._out / run.name
        self._running[run] = RunProcess(run.flags(logdir), logdir)
        self._said[run] = time.monotonic()
        self._say('{} started'.format(run.name))

    def _look(self) -> None:
        for run, process in list(self._running.items()):
            if process.code is not None:
                del self._running[run]
                self._ended(run, process)
            elif time.monotonic() - self._said[run] >= self._say_every:
                self._said[run] = time.monotonic()
                points = learning_curve.read(process.logdir / 'curve.csv')
                if points:
                    self._say('{} at step {:,} of {:,}, last episode {:.2f}'.format(
                        run.name, points[-1][0], run.part.env_steps, points[-1][1]))

    def _ended(self, run: Run, process: RunProcess) -> None:
        words = process.last_words()
        try:
            taken = self._results.take(str(process.logdir), name=run.name)
            at = 'step {:,}, mean of the last tenth {:.3f}'.format(taken.env_steps, taken.final)
        except UserError as error:
            at = str(error)
        if process.code == 0:
            self._say('{} finished in {:.0f} s: {}'.format(run.name, process.seconds, at))
        elif process.code in STOPPED:
            self._say('{} stopped: {}'.format(run.name, at))
        else:
            self.failed.append(run)
            self._say('{} failed: {} (more in {})'.format(
                run.name, words, process.logdir / 'output.txt'))

    def _say(self, text: str) -> None:
        print('dreamer_tf: ' + text, flush=True, file=self._stream or sys.stdout)
