"""What makes an arm's twin the UR5: `ArmTwin(MODEL, ...)`."""

from __future__ import annotations

from pathlib import Path

from robot_envs.arms.twin import ArmModel
from robot_envs.ur5 import constants

_BALLS = tuple(f'ball_{index}' for index in range(constants.NUM_OBJECTS))
MODEL = ArmModel(
    name='ur5',
    rate_hz=constants.RATE_HZ,
    path=Path(__file__).with_name('ur5.xml'),
    home=constants.HOME_RADIANS,
    rotation=constants.TOOL_AXES,
    rotation_vector=constants.TOOL_ROTATION_RADIANS,
    workspace=constants.WORKSPACE,
    objects=_BALLS,
    solid=_BALLS,
    depth=False,
)
