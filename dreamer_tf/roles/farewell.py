"""When a role may end whose learner does not say any more that the run is finished."""

from __future__ import annotations

import time

from dreamer_tf.roles.weights_subscriber import WeightsSubscriber

# A learner that was killed at the end and is started again is back sooner.
SILENT_SECONDS = 60.0


class Farewell:
    """Knows that a run is finished: the learner says so, or has gone when all steps were there.

    A learner that has finished says so for some seconds only, and started again it ends at once. So
    a role that was not there then must see it itself. As long as the learner answers it is waited
    for: it may owe updates, for which a replay that loses its steps needs the actors' logs.
    """

    def __init__(
        self,
        weights: WeightsSubscriber,
        *,
        env_steps: int,
        silent_seconds: float = SILENT_SECONDS,
    ):
        """Begins to wait.

        Args:
          weights: hears the learner.
          env_steps: environment steps of the whole run.
          silent_seconds: a learner that was not heard for so long has gone.
        """
        self._weights, self._env_steps = weights, env_steps
        self._silent_seconds = silent_seconds
        self._began = time.monotonic()

    def is_over(self, env_steps: int) -> bool:
        """Whether the run is finished.

        Args:
          env_steps: that the replay has of all actors, as far as this role knows.
        """
        if (self._weights.run or {}).get("finished", False):
            return True
        silent = min(self._weights.age_seconds(), time.monotonic() - self._began)
        return env_steps >= self._env_steps and silent > self._silent_seconds
