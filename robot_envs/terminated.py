"""SIGTERM as Ctrl-C, for programs that hold a robot."""

from __future__ import annotations

import contextlib
import signal
from typing import Iterator


class Terminated(KeyboardInterrupt):
    """SIGTERM has come: the way out is that of Ctrl-C, on which the robot is closed."""

    @classmethod
    @contextlib.contextmanager
    def is_raised(cls) -> Iterator[None]:
        """Context in which SIGTERM is raised; outside the main thread it does nothing."""
        try:
            before = signal.signal(signal.SIGTERM, cls._raise)
        except ValueError:  # not the main thread
            yield
            return
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, before)

    @classmethod
    def _raise(cls, *unused: object) -> None:
        raise cls
