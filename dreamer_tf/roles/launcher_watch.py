"""Lets no role survive its launcher."""

from __future__ import annotations

import os
import signal
import threading
import time

LAUNCHER_VARIABLE = "DREAMER_TF_LAUNCHER"
LOOK_SECONDS = 0.5
GRACE_SECONDS = 8.0


def watch_launcher() -> None:
    """Ends this process when the launcher that has started it is gone.

    First as SIGTERM would, so that a robot is stopped and all is saved; after 8 s without mercy.
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
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(128 + signal.SIGTERM)
