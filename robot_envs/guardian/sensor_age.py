"""How old sensor values are, by the clock of who sends them."""

from __future__ import annotations

import math

_DRIFT = 2e-4  # Two clocks may part by this share.


class SensorAge:
    """Compares the sender's clock with ours.

    What came quickest tells how the clocks differ; what stands still, or comes later than that, is
    that much older.
    """

    def __init__(self):
        """Nothing has come yet."""
        self._time = -math.inf
        self._arrived = 0.0
        self._offset = math.inf

    def take(self, time: float, now: float) -> None:
        """Notes values of the sender's `time`, that have come at our time `now`, in seconds."""
        if time <= self._time:
            return  # It stands, or was overtaken.
        drift = _DRIFT * max(0.0, now - self._arrived)
        self._offset = min(self._offset + drift, now - time)
        self._time, self._arrived = time, now

    def seconds(self, now: float) -> float:
        """Returns the age of the newest values at our time `now`; infinite before the first."""
        return now - self._time - self._offset if self._time > -math.inf else math.inf
