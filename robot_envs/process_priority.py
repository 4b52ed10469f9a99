"""The processes that keep a robot safe run before those that think about it."""

import os

_NICENESS = -10


def raise_priority() -> None:
    """Asks the system to run this process, and those that it starts, before the others.

    A learner takes all cores that there are; a guardian that waits for its turn is late. Without
    the right to (`ulimit -e`, the capability CAP_SYS_NICE, or root) nothing changes.
    """
    try:
        os.setpriority(os.PRIO_PROCESS, 0, min(os.nice(0), _NICENESS))
    except PermissionError:
        pass
