"""The policy of a robot whose learner may be away."""

from __future__ import annotations

from typing import Any

import numpy as np
from tf_agents.trajectories import time_step as ts

from dreamer_tf.errors import UserError
from dreamer_tf.policy_runner import PolicyRunner
from dreamer_tf.roles.timed_environment import TimedEnvironment
from dreamer_tf.roles.weights_subscriber import WeightsSubscriber
from robot_envs.clock import Clock

ACT, HOLD, STOP = "act", "hold", "stop"


class GuardedPolicy:
    """Acts from the newest weights; without any, or with too old ones, does what it was told.

    Attributes:
      latencies: seconds from observation to chosen action, of each step since somebody emptied
        the list.
      held: steps that were held.
    """

    def __init__(
        self,
        policy: PolicyRunner,
        weights: WeightsSubscriber,
        env: TimedEnvironment,
        *,
        action_spec: Any,
        without_weights: str | None,
        max_age_seconds: float,
        hold_action: int | None,
        clock: Clock,
    ):
        """Makes the policy.

        Args:
          policy: whose variables `weights` renews.
          weights: the subscriber.
          env: knows when the observation came.
          action_spec: of the robot.
          without_weights: `act` goes on acting, `hold` repeats the hold action, `stop` lets
            `must_stop` say so.
          max_age_seconds: weights that were not known to be the newest for so long are too old.
          hold_action: of a robot with discrete actions; continuous ones are held at 0.
          clock: of latencies.

        Raises:
          UserError: an unknown word, or a discrete robot without `hold_action`.
        """
        discrete = np.issubdtype(action_spec.dtype, np.integer)
        if without_weights is None:
            without_weights = STOP if discrete and hold_action is None else HOLD
        if without_weights not in (ACT, HOLD, STOP):
            raise UserError(
                f"ActorRole.without_weights is {without_weights!r}: choose act, hold or stop"
            )
        if without_weights == HOLD and discrete and hold_action is None:
            raise UserError(
                "this robot's actions are choices: say which one holds it still by "
                "ActorRole.hold_action, or set ActorRole.without_weights to 'act' or 'stop'"
            )
        self._policy, self._weights, self._env = policy, weights, env
        self._what, self._max_age, self._clock = without_weights, max_age_seconds, clock
        self._hold = np.full(action_spec.shape, hold_action or 0, action_spec.dtype)
        self.latencies: list[float] = []
        self.held = 0

    def warm_up(self, time_step_spec: ts.TimeStep) -> None:
        """Compiles, which takes seconds that the control loop does not have."""
        zeros = [np.zeros(spec.shape, spec.dtype) for spec in time_step_spec[:3]]
        observation = {
            key: np.zeros(spec.shape, spec.dtype)
            for key, spec in time_step_spec.observation.items()
        }
        self._policy.action(ts.TimeStep(*zeros, observation))

    def stale(self) -> bool:
        """Whether there are no weights, or only such that are older than allowed."""
        return self._weights.age_seconds() > self._max_age or self._weights.version < 0

    def must_stop(self) -> bool:
        """Whether the robot is to be stopped until there are weights."""
        return self._what == STOP and self.stale()

    def action(self, time_step: ts.TimeStep) -> np.ndarray:
        """The action for a time step; see `PolicyRunner.action`."""
        # The belief goes on while the robot is held: the policy sees every observation.
        action = self._weights.acting(lambda: self._policy.action(time_step))
        if self._what == HOLD and self.stale():
            self.held += 1
            action = self._hold
        self.latencies.append(self._clock.now() - self._env.observed_at)
        return action
