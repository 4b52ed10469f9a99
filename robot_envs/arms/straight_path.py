"""The way of a tool from one pose to another."""

from __future__ import annotations

import numpy as np

from robot_envs.arms import rotations

_SHORTEST_SECONDS = 0.3  # A movement takes this long at least ...
_MOVE_SHARE = 0.7  # ... if that is over after this part of its command.
_SETTLE_SECONDS = 0.15  # After the movement, before its command is over.
_PEAK = 1.875  # Of the least-jerk movement's speed, over its mean.


class StraightPath:
    """A least-jerk movement along a straight line, that turns on the shortest way meanwhile.

        s(t) = 10 t^3 - 15 t^4 + 6 t^5,  0 <= t <= 1

    (Flash and Hogan, The coordination of arm movements, 1985, equation 3).

    Attributes:
        command_seconds: that the command needs; at least what was asked for.
    """

    def __init__(self, start: np.ndarray, end: np.ndarray, *, meters_per_second: float,
                 radians_per_second: float, seconds: float):
        """Plans.

        Args:
            start: (6,) metres and rotation vector.
            end: (6,) likewise.
            meters_per_second: the tool is nowhere faster.
            radians_per_second: and turns nowhere faster.
            seconds: for the command.
        """
        self._start, self._end = start.copy(), end.copy()
        far = float(np.linalg.norm(end[:3] - start[:3]))
        turn = rotations.angle_between(start[3:], end[3:])
        needed = _PEAK * max(far / meters_per_second, turn / radians_per_second)
        self._move_seconds = max(needed, min(_SHORTEST_SECONDS, _MOVE_SHARE * seconds))
        self.command_seconds = max(seconds, self._move_seconds + min(
            _SETTLE_SECONDS, (1 - _MOVE_SHARE) * seconds))
        self._asked = self._gone = 0.0

    def advance(self, fraction: float, *, longest: float) -> np.ndarray:
        """Returns the pose (6,) for now.

        Args:
            fraction: of the command's time that has passed.
            longest: no more than so many seconds are made good at once, so that the tool does not
                jump after a pause.
        """
        asked = fraction * self.command_seconds
        self._gone += min(max(asked - self._asked, 0.0), longest)
        self._asked = asked
        time = min(1.0, self._gone / self._move_seconds)
        share = time**3 * (10 - 15 * time + 6 * time**2)
        place = self._start[:3] + share * (self._end[:3] - self._start[:3])
        return np.concatenate([place, rotations.between(self._start[3:], self._end[3:], share)])

    def pause(self, fraction: float) -> None:
        """Lets the time up to `fraction` pass without moving on."""
        self._asked = fraction * self.command_seconds
