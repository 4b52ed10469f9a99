"""Lets no role survive its launcher."""

from __future__ import annotations

import os
import signal
import threading
import time

LAUNCHER_VARIABLE = "DREAMER_TF_LAUNCHER"
LOOK_SECONDS = 0.5
GRACE_SECONDS = 6


def watch_launcher() -> None:
    """Ends this process when the launcher that has started it is gone.

    First as SIGTERM would, so that a robot is stopped and all is saved; after 6 s without mercy, by
    the kernel's own clock: a busy machine may let a thread of Python wait for seconds.
    Does nothing in a process that no launcher has started.
    """
    launcher = os.environ.get(LAUNCHER_VARIABLE)
    if launcher:
        threading.Thread(
            target=_watch, args=(int(launcher),), daemon=True, name="launcher watch"
        ).start()


def _watch(launcher: int) -> None:
    while os.getppid() == launcher:
        time.sleep(LOOK_SECONDS)
    signal.alarm(GRACE_SECONDS)  # nobody here handles SIGALRM, so it ends the process
    os.kill(os.getpid(), signal.SIGTERM)
