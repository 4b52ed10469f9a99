"""Starts roles as people start them, kills them, reads what they say."""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

FOLDER = pathlib.Path(__file__).resolve().parent
ROOT = FOLDER.parents[2]
# The learner of these tests never has to wait, and must not take the cores of the others once it
# has started: it says so.
GENTLER, STARTED = 10, "first update"


class RoleProcess:
    """One process of a run on the debug preset; `start` may be called again after a kill."""

    def __init__(self, role, logdir, replay, weights, *flags, robot="fake_robot:FAKE"):
        self.role = role
        self._command = [
            sys.executable, "-m", "dreamer_tf.train", f"--role={role}", f"--robot={robot}",
            f"--logdir={logdir}", "--gin_file=debug", f"--replay_address=localhost:{replay}",
            f"--weights_address=localhost:{weights}", *flags]
        self._environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(FOLDER)}
        self.text = ""

    def start(self):
        self._process = subprocess.Popen(
            self._command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=self._environment)
        threading.Thread(target=self._read, args=(self._process,), daemon=True).start()
        return self

    @property
    def pid(self):
        return self._process.pid

    def kill(self):
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)

    def end(self, seconds=240):
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

    def _read(self, process):
        for line in process.stdout:
            self.text += line
            if STARTED in line:
                with contextlib.suppress(ProcessLookupError):  # it was killed
                    os.setpriority(os.PRIO_PROCESS, process.pid, os.nice(0) + GENTLER)
