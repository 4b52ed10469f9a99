"""A machine that stands still fails a test in real time, which says nothing about a robot.

On a virtual machine a process of the highest priority that sleeps 20 ms was not woken for up
to 2.9 s while tests filled its memory.
"""

import threading
import time

from _pytest.runner import runtestprotocol

STALL_SECONDS = 0.25
_BEAT_SECONDS = 0.02
_TRIES = 3


class StallWatch:
    """Notices, while it is entered, how long a thread that sleeps was not woken.

    Attributes:
      longest: seconds, above the sleep that was asked for.
    """

    def __init__(self):
        self.longest = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _watch(self):
        before = time.monotonic()
        while not self._over.wait(_BEAT_SECONDS):
            now = time.monotonic()
            self.longest = max(self.longest, now - before - _BEAT_SECONDS)
            before = now


def run_again_after_a_stall(item, nextitem):
    """Runs a test; again, if it failed while the machine stood still; three such tries skip it.

    For `pytest_runtest_protocol`.
    """
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for attempt in range(_TRIES):
        if attempt:
            item._initrequest()
        with StallWatch() as watch:
            reports = runtestprotocol(item, nextitem=nextitem, log=False)
        failed = [report for report in reports if report.failed]
        if not failed or watch.longest <= STALL_SECONDS:
            break
    else:
        for report in failed:
            report.outcome = 'skipped'
            why = f'the machine stood still for {watch.longest:.1f} s'
            report.longrepr = (str(item.path), 0, why)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
