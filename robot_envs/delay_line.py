"""Commands that come late."""

from __future__ import annotations

import collections
from typing import Deque

import numpy as np


class DelayLine:
    """Gives every value back `steps` calls later; before the first one, what it was held at."""

    def __init__(self):
        """Makes a line without delay."""
        self._values: Deque[np.ndarray] = collections.deque()
        self._held = np.zeros(())
        self.steps = 0

    def hold(self, value: np.ndarray) -> None:
        """Forgets what is under way: `value` comes out until something newer does."""
        self._values.clear()
        self._held = np.array(value)

    def __call__(self, value: np.ndarray) -> np.ndarray:
        """Puts `value` in and returns the one that is due; `steps` may change between calls."""
        self._values.append(value)
        while len(self._values) > self.steps:
            self._held = self._values.popleft()
        return self._held
