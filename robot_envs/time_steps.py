"""Time steps that can carry a bad reward as far as the sensor check."""

from __future__ import annotations

from typing import Dict

import numpy as np
from tf_agents.trajectories import time_step as ts


def mid_step(observation: Dict[str, np.ndarray], reward: float) -> ts.TimeStep:
    """Returns a MID step with discount 1.

    `tf_agents.trajectories.time_step.transition` raises on a NaN reward without saying whose it
    is; here it passes, so that `SensorCheck` can name the robot and the key.
    """
    return ts.TimeStep(ts.StepType.MID, np.asarray(reward, np.float32),
                       np.asarray(1, np.float32), observation)


def last_step(observation: Dict[str, np.ndarray], reward: float, *, terminal: bool) -> ts.TimeStep:
    """Returns a LAST step: discount 0 if it is `terminal`, 1 if the episode was only cut off."""
    return ts.TimeStep(ts.StepType.LAST, np.asarray(reward, np.float32),
                       np.asarray(0 if terminal else 1, np.float32), observation)
