"""The UR5 as numbers. Units are in the names; the task's are in `robot_envs/arms/constants.py`.

The base frame is the controller's: z up, and at home the tool is in front of the robot at positive
y. So the robot's left is at smaller x.
"""

import numpy as np

from robot_envs.arms import constants as task
from robot_envs.arms.workspace import Workspace

RATE_HZ = 2.0
NUM_JOINTS = 6
NUM_OBJECTS = 3
HOME_RADIANS = np.array([-1.571, -1.571, 1.571, -1.571, -1.571, 0.0])
# The tool points down, and the fingers open along x. (As in the published system.)
TOOL_ROTATION_RADIANS = np.array([-1.0, -1.0, 0.0]) * np.pi / np.sqrt(2)
TOOL_AXES = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, -1.0]])
FLOOR_METERS = -0.05
HOVER_OVER_TABLE_METERS = 0.145  # As in the published system.
MIDDLE_METERS = np.array([-0.12, 0.48])  # Between the bins.

_INNER, _OUTER = task.INNER_CELL_METERS, task.OUTER_CELL_METERS
_TABLE_METERS = FLOOR_METERS + task.TABLE_TOOL_METERS
WORKSPACE = Workspace(
    across=0,
    left=tuple((MIDDLE_METERS[0] + np.array([-_OUTER, -_INNER])).tolist()),
    right=tuple((MIDDLE_METERS[0] + np.array([_INNER, _OUTER])).tolist()),
    along=tuple((MIDDLE_METERS[1] + task.ALONG_METERS).tolist()),
    table=_TABLE_METERS,
    hover=_TABLE_METERS + HOVER_OVER_TABLE_METERS,
)

# The servos of the twin, base to wrist; `ur5.xml` holds the same.
SERVO_NEWTON_METERS_PER_RADIAN = np.array([2000.0] * 3 + [500.0] * 3)
SERVO_NEWTON_METER_SECONDS_PER_RADIAN = np.array([400.0] * 3 + [100.0] * 3)
TORQUE_LIMIT_NEWTON_METERS = np.array([150.0] * 3 + [28.0] * 3)
