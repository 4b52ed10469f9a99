"""What agents for discrete actions ask of a robot."""

from __future__ import annotations

from dreamer_tf.errors import UserError
from dreamer_tf.replay.step_spec import num_discrete_actions


def check_discrete(agent: str, robot: str, action_spec) -> int:
    """Returns A, the number of actions.

    Args:
      agent: name, for the message.
      robot: name, for the message.
      action_spec: bounded.

    Raises:
      UserError: actions are continuous.
    """
    count = num_discrete_actions(action_spec)
    if count is None:
        raise UserError(
            f"the agent {agent} has discrete actions only, those of '{robot}' are continuous: "
            "take --agent=sac, drqv2 or dreamer"
        )
    return count
