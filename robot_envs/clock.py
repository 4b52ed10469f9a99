"""The time, as an object, so that tests need not wait for it."""

from __future__ import annotations

import time


class Clock:
    """The machine's own monotonic clock; a test gives one of its own with the same methods."""

    def now(self) -> float:
        """Returns seconds since some moment in the past."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Returns when `seconds` have passed; at once if they are not positive."""
        if seconds > 0:
            time.sleep(seconds)
