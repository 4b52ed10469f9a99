"""The policy of the evaluator."""

from __future__ import annotations

from typing import Any

from dreamer_tf.policy_runner import PolicyRunner
from dreamer_tf.roles.weights_subscriber import WeightsSubscriber


class SubscribedPolicy:
    """A policy whose weights cannot change while it acts."""

    def __init__(self, policy: PolicyRunner, weights: WeightsSubscriber):
        """Puts the two together."""
        self._policy, self._weights = policy, weights

    def action(self, time_step: Any) -> Any:
        """See `PolicyRunner.action`."""
        return self._weights.acting(lambda: self._policy.action(time_step))
