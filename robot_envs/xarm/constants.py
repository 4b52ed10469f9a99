"""The xArm7 as numbers. Units are in the names; the task's are in `robot_envs/arms/constants.py`.

The base frame is the controller's: z up, x ahead, y to the robot's left.
"""

import numpy as np

from robot_envs.arms import constants as task
from robot_envs.arms.workspace import Workspace

RATE_HZ = 0.6
NUM_JOINTS = 7
NUM_OBJECTS = 1
HOME_RADIANS = np.array([0.0, -0.247, 0.0, 0.909, 0.0, 1.156, 0.0])
# The tool points down, and the fingers open along y. (As in the published system.)
TOOL_ROTATION_RADIANS = np.array([-np.pi, 0.0, 0.0])
TOOL_AXES = np.diag([1.0, -1.0, -1.0])
FLOOR_METERS = 0.0
HOVER_OVER_TABLE_METERS = 0.108  # As in the published system.
MIDDLE_METERS = np.array([0.4, 0.0])  # Between the bins.

_INNER, _OUTER = task.INNER_CELL_METERS, task.OUTER_CELL_METERS
_TABLE_METERS = FLOOR_METERS + task.TABLE_TOOL_METERS
WORKSPACE = Workspace(
    across=1,
    left=tuple((MIDDLE_METERS[1] + np.array([_INNER, _OUTER])).tolist()),
    right=tuple((MIDDLE_METERS[1] + np.array([-_OUTER, -_INNER])).tolist()),
    along=tuple((MIDDLE_METERS[0] + task.ALONG_METERS).tolist()),
    table=_TABLE_METERS,
    hover=_TABLE_METERS + HOVER_OVER_TABLE_METERS,
)

# The servos of the twin, base to wrist; `xarm.xml` holds the same.
SERVO_NEWTON_METERS_PER_RADIAN = np.array([1500.0] * 2 + [1000.0] * 3 + [800.0] * 2)
SERVO_NEWTON_METER_SECONDS_PER_RADIAN = np.array([150.0] * 2 + [100.0] * 3 + [80.0] * 2)
TORQUE_LIMIT_NEWTON_METERS = np.array([50.0] * 2 + [30.0] * 3 + [20.0] * 2)
