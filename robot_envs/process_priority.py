"""The processes that keep a robot safe run before those that think about it."""

import contextlib
import os
import sys
from typing import Any, Dict

_NICENESS = -10
_REALTIME_PRIORITY = 1  # the least; what else is in real time on a machine was put there by someone

OWN_GROUP: Dict[str, Any] = (
    {'process_group': 0} if sys.version_info >= (3, 11) else {'start_new_session': True})
"""For `subprocess.Popen`: a Ctrl-C in the terminal is not for the process.

A session of its own would do that too, and does before Python 3.11. But where the system shares
cores among sessions first (autogroups, the usual on Linux), a session of few threads was not run
for up to 7 s beside one of many, whatever its niceness.
"""


def raise_priority() -> None:
    """Asks the system to run this process, and those that it starts, before the others.

    A learner takes all cores that there are; a guardian that waits for its turn is late. In real
    time (round robin) if it may (`ulimit -r`, the capability CAP_SYS_NICE, or root), which no share
    of a session limits; else by its niceness (`ulimit -e`). Without the right to either nothing
    changes.
    """
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(_REALTIME_PRIORITY))
    except PermissionError:
        with contextlib.suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, 0, min(os.nice(0), _NICENESS))
