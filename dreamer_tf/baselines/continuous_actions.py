"""What agents for continuous actions ask of a robot."""

from __future__ import annotations

import numpy as np

from dreamer_tf.errors import UserError
from dreamer_tf.replay.step_spec import num_discrete_actions


def check_continuous(agent: str, robot: str, action_spec) -> None:
    """Raises UserError unless actions are continuous (A,) in [-1, 1].

    Args:
      agent: name, for the message.
      robot: name, for the message.
      action_spec: bounded.
    """
    if num_discrete_actions(action_spec) is not None:
        raise UserError(
            f"the agent {agent} has continuous actions only, those of '{robot}' are discrete: "
            "take --agent=ppo, rainbow or dreamer"
        )
    if not (np.all(action_spec.minimum == -1.0) and np.all(action_spec.maximum == 1.0)):
        raise UserError(f"the agent {agent} needs actions in [-1, 1]: scale them by a wrapper")
