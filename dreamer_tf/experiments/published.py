"""What DayDreamer (arXiv 2206.14176) reports, one seed each, on the real robots."""
from __future__ import annotations

from typing import Dict, NamedTuple, Optional


class Level(NamedTuple):
    """The end of a published curve.

    Attributes:
      value: mean of its last tenth, in the unit of the robot's curve
        (`robot_envs.registry.RobotEntry.curve_value`).
      env_steps: where it ends; None where that is not known.
      half_gain_at: step with half of the gain from its first value to `value`.
    """

    value: float
    env_steps: Optional[int] = None
    half_gain_at: Optional[int] = None


LEVELS: Dict[str, Dict[str, Level]] = {
    'a1': {'dreamer': Level(10.8, 70_000, 29_000), 'sac': Level(7.8, 72_000)},
    'sphero': {'dreamer': Level(-0.24, 10_000, 2_300), 'drqv2': Level(-0.29, 15_000)},
    'ur5': {'dreamer': Level(37.0, 39_000, 22_000), 'ppo': Level(3.5), 'rainbow': Level(1.0)},
    'xarm': {'dreamer': Level(46.0, 31_000, 24_000), 'rainbow': Level(0.0)},
}


def level(robot: str, agent: str) -> Optional[Level]:
    """Returns the published level, or None where none is published."""
    return LEVELS.get(robot, {}).get(agent)
