"""Starts roles as people start them, kills them, reads what they say."""

import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]


class RoleProcess:
    """One process of a run on the debug preset; `start` may be called again after a kill."""

    def __init__(self, role, logdir, replay, weights, *flags):
        self.role = role
        self._command = [
            sys.executable, "-m", "dreamer_tf.train", f"--role={role}", "--robot=sphero",
            f"--logdir={logdir}", "--gin_file=debug", f"--replay_address=localhost:{replay}",
            f"--weights_address=localhost:{weights}", *flags]
        self.text = ""

    def start(self):
        self._process = subprocess.Popen(
            self._command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"})
        threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True).start()
        return self

    @property
    def pid(self):
        return self._process.pid

    def kill(self):
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)

    def end(self, seconds=60):
        """SIGTERM; returns the exit code."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        return self.wait(seconds)

    def wait(self, seconds):
        return self._process.wait(seconds)

    def running(self):
        return self._process.poll() is None

    def until_it_says(self, words, times=1, seconds=240):
        end = time.monotonic() + seconds
        while self.text.count(words) < times:
            assert time.monotonic() < end and self.running(), (self.role, words, self.text[-3000:])
            time.sleep(0.05)

    def _read(self, pipe):
        for line in pipe:
            self.text += line
