"""One training run as a process of its own."""
from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import time
from typing import Optional, Sequence

from dreamer_tf.errors import UserError
from dreamer_tf.roles.launcher_watch import LAUNCHER_VARIABLE
from dreamer_tf.stop_signal import StopSignal

OUTPUT = 'output.txt'
LOOK_SECONDS = 0.2
_END_SECONDS = 20.0


class RunProcess:
    """`dreamer_tf.train` in a session of its own, so that Ctrl-C reaches whoever started it alone.

    What it says goes to `output.txt` in its folder. When its starter is killed it
    ends as on SIGTERM, at the latest after 6 seconds, saved or not (`launcher_watch.py`).
    """

    def __init__(self, flags: Sequence[str], logdir: pathlib.Path):
        """Starts it.

        Args:
          flags: of `dreamer_tf.train`.
          logdir: folder of the run.

        Raises:
          UserError: the folder cannot be written.
        """
        self.logdir = logdir
        self._began = time.monotonic()
        try:
            logdir.mkdir(parents=True, exist_ok=True)
            with open(logdir / OUTPUT, 'ab') as output:
                self._process = subprocess.Popen(
                    [sys.executable, '-m', 'dreamer_tf.train', *flags],
                    stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                    start_new_session=True,
                    env={**os.environ, LAUNCHER_VARIABLE: str(os.getpid())})
        except OSError as error:
            raise UserError('cannot write to {} ({})'.format(logdir, error.strerror)) from error

    @property
    def code(self) -> Optional[int]:
        """Its exit code, negative after a signal that it did not handle; None while it runs."""
        return self._process.poll()

    @property
    def seconds(self) -> float:
        """How long ago it was started."""
        return time.monotonic() - self._began

    def ask_to_stop(self) -> None:
        """Lets it save and end; asked again it ends at once."""
        if self.code is None:
            self._process.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """Waits for its end and returns the exit code."""
        return self._process.wait()

    def follow(self, stop: StopSignal) -> int:
        """Waits for its end, which a signal brings about, and returns the exit code."""
        try:
            while self.code is None and not stop:
                time.sleep(LOOK_SECONDS)
            self.ask_to_stop()
            return self.wait()
        finally:
            self.end()

    def end(self) -> None:
        """Ends it, by force if it does not go within 20 seconds."""
        self.ask_to_stop()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def last_words(self) -> str:
        """Returns why it ended, in one line: its error, the signal, or the last that it said."""
        if self.code is not None and self.code < 0:
            return 'killed by {}'.format(signal.Signals(-self.code).name)
        text = (self.logdir / OUTPUT).read_text(encoding='utf-8', errors='replace')
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        errors = [line.split(': error: ', 1)[1] for line in lines[-5:] if ': error: ' in line]
        return (errors[-1:] or lines[-1:] or ['it said nothing'])[0]
