"""Now and then, counted in steps."""
from __future__ import annotations


class Every:
    """True once each time a counter passes a multiple of a number."""

    def __init__(self, period: int, start: int = 0):
        """Starts counting.

        Args:
          period: 0 means never.
          start: value of the counter; its multiples up to here have passed already.
        """
        self._period = period
        self._passed = start // period if period else 0

    def __call__(self, count: int) -> bool:
        """Tells whether a multiple was passed since the last call."""
        if not self._period or count // self._period <= self._passed:
            return False
        self._passed = count // self._period
        return True
