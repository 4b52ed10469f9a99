"""A reset that goes on from the faults that a program may go on from."""
from __future__ import annotations

import time
from typing import Callable, Optional

from tf_agents.environments import py_environment
from tf_agents.trajectories import time_step as ts

from dreamer_tf.errors import RobotPaused
from robot_envs.errors import RobotFault

MOST_RESETS = 10  # In a row, of a robot whose fault none of them ends.
RESET_PAUSE_SECONDS = 0.5


def patient_reset(env: py_environment.PyEnvironment, *, warn: Callable[[str], None],
                  halted: Callable[[], bool]) -> Optional[ts.TimeStep]:
    """Resets until it works, with a pause after each fault.

    The guardian bounds how often a program may go on, and `MOST_RESETS` an environment whose reset
    does not even try.

    Args:
      env: one robot.
      warn: called with a line about each fault.
      halted: asked before and behind each reset; an episode that would begin then does not.

    Returns:
      The first step of an episode, or None when the robot is halted or paused.

    Raises:
      RobotError: the robot or its sensors fail, and a person has to see to it.
    """
    tries = 0
    while not halted():
        try:
            time_step = env.reset()
            return None if halted() else time_step
        except RobotPaused:
            return None
        except RobotFault as fault:
            tries += 1
            if fault.person:
                raise
            if tries == MOST_RESETS:
                raise RobotFault('{}; {} resets in a row did not end it'.format(fault, tries),
                                 person=True) from fault
            warn('once more from the reset: {}'.format(fault))
        time.sleep(RESET_PAUSE_SECONDS)
    return None
