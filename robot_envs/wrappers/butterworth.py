"""The second-order Butterworth low-pass, from its formula."""

from __future__ import annotations

import numpy as np


class Butterworth:
    """y_t = b0 x_t + b1 x_{t-1} + b2 x_{t-2} - a1 y_{t-1} - a2 y_{t-2}.

    The bilinear transform, with prewarping k = tan(pi cutoff / rate), of the analogue prototype
    1 / (s^2 + sqrt(2) s + 1) (Oppenheim and Schafer, Discrete-Time Signal Processing, 7.1.2).
    Its gain is 1 at rest and 1/sqrt(2) at the cutoff.
    """

    def __init__(self, *, cutoff_hz: float, rate_hz: float):
        """Computes the coefficients.

        Args:
            cutoff_hz: more than 0, less than half of `rate_hz`.
            rate_hz: calls a second.

        Raises:
            ValueError: the cutoff is out of range.
        """
        if not 0 < cutoff_hz < rate_hz / 2:
            raise ValueError(f'cutoff_hz must be between 0 and {rate_hz / 2}, not {cutoff_hz}')
        k = np.tan(np.pi * cutoff_hz / rate_hz)
        norm = 1 + np.sqrt(2) * k + k * k
        self.b = np.array([1, 2, 1]) * k * k / norm
        self.a = np.array([1, 2 * (k * k - 1) / norm, (1 - np.sqrt(2) * k + k * k) / norm])
        self.hold(np.zeros(()))

    def hold(self, value: np.ndarray) -> None:
        """Starts again as if `value` had been the input for ever."""
        value = np.asarray(value, np.float64)
        self._inputs = [value, value]
        self._outputs = [value, value]

    def __call__(self, value: np.ndarray) -> np.ndarray:
        """Returns the filtered `value`, float64 of the same shape."""
        value = np.asarray(value, np.float64)
        (x1, x2), (y1, y2) = self._inputs, self._outputs
        b, a = self.b, self.a
        output = b[0] * value + b[1] * x1 + b[2] * x2 - a[1] * y1 - a[2] * y2
        self._inputs = [value, x1]
        self._outputs = [output, y1]
        return output
