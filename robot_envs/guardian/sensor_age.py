"""How old sensor values are, by the clock of who sends them."""

from __future__ import annotations

import math

_DRIFT = 2e-4  # Two clocks may part by this share.
_RESTART_SECONDS = 1.0  # What is earlier was overtaken, unless nothing newer came for so long.


class SensorAge:
    """Compares the sender's clock with ours.

    What came quickest tells how the clocks differ; what stands still, or comes later than that, is
    that much older. A sender that was switched off and on has a clock that begins again: by then
    its values have been old for a while, and what was known of its clock is forgotten. Where it
    comes back with a later time than it had, its values cannot be told from late ones and stay old.
    """

    def __init__(self):
        """Nothing has come yet."""
        self._time = -math.inf
        self._arrived = 0.0
        self._offset = math.inf

    def take(self, time: float, now: float) -> bool:
        """Notes values of the sender's `time`, that have come at our time `now`, in seconds.

        Returns:
            Whether they are the newest; else they were overtaken by newer ones.
        """
        if time == self._time:
            return True  # It stands.
        if time < self._time:
            if now - self._arrived <= _RESTART_SECONDS:
                return False
            self._offset = math.inf
        drift = _DRIFT * max(0.0, now - self._arrived)
        self._offset = min(self._offset + drift, now - time)
        self._time, self._arrived = time, now
        return True

    def seconds(self, now: float) -> float:
        """Returns the age of the newest values at our time `now`; infinite before the first."""
        return now - self._time - self._offset if self._time > -math.inf else math.inf
