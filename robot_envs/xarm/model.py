"""What makes an arm's twin the xArm7: `ArmTwin(MODEL, ...)`."""

from __future__ import annotations

from pathlib import Path

from robot_envs.arms.twin import ArmModel
from robot_envs.xarm import constants

MODEL = ArmModel(
    name='xarm',
    rate_hz=constants.RATE_HZ,
    path=Path(__file__).with_name('xarm.xml'),
    home=constants.HOME_RADIANS,
    rotation=constants.TOOL_AXES,
    rotation_vector=constants.TOOL_ROTATION_RADIANS,
    workspace=constants.WORKSPACE,
    objects=('toy',),
    solid=('core',),
    depth=True,
)
