"""A policy as it goes into a SavedModel: its functions and variables, no Keras objects."""
from __future__ import annotations

from tf_agents.policies import tf_policy


class _Holder:
    """A plain object: TensorFlow saves nothing of what it holds."""

    def __init__(self, policy: tf_policy.TFPolicy):
        self.policy = policy


class ExportedPolicy(tf_policy.TFPolicy):
    """Acts as another policy does, and saves only the variables that acting needs.

    Saved with its Keras layers, a policy would drag the decoder, heads and every layer's own
    functions into the SavedModel, and Keras refuses models that were never called as one.
    """

    def __init__(self, policy: tf_policy.TFPolicy):
        """Wraps `policy`; specs and behaviour are the same."""
        super().__init__(policy.time_step_spec, policy.action_spec,
                         policy_state_spec=policy.policy_state_spec, clip=False,
                         emit_log_probability=False, name=policy.name)
        self._held = _Holder(policy)
        self._tracked = list(policy.variables())

    def _variables(self):
        return list(self._tracked)

    def _action(self, time_step, policy_state, seed):
        return self._held.policy.action(time_step, policy_state, seed)

    def _distribution(self, time_step, policy_state):
        return self._held.policy.distribution(time_step, policy_state)
