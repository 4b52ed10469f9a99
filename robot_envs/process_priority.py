"""The processes that keep a robot safe run before those that think about it."""

import contextlib
import os

_NICENESS = -10


def raise_priority() -> None:
    """Asks the system to run this process, and those that it starts, before the others.

    A learner takes all cores that there are; a guardian that waits for its turn is late. Where the
    system shares cores among sessions first (autogroups, the usual on Linux), that of this process
    is raised too, if it leads it. Without the right to (`ulimit -e`, the capability CAP_SYS_NICE,
    or root) nothing changes.
    """
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, min(os.nice(0), _NICENESS))
    if os.getsid(0) == os.getpid():
        with contextlib.suppress(OSError), open('/proc/self/autogroup', 'w') as file:
            file.write(str(_NICENESS))
