"""The UR5 in MuJoCo."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from robot_envs.arms.twin import ArmModel, ArmTwin
from robot_envs.randomisation import Randomisation
from robot_envs.ur5 import constants

_BALLS = tuple(f'ball_{index}' for index in range(constants.NUM_OBJECTS))
MODEL = ArmModel(
    name='ur5',
    path=Path(__file__).with_name('ur5.xml'),
    home=constants.HOME_RADIANS,
    rotation=constants.TOOL_AXES,
    rotation_vector=constants.TOOL_ROTATION_RADIANS,
    workspace=constants.WORKSPACE,
    objects=_BALLS,
    solid=_BALLS,
    depth=False,
)


class UR5Twin(ArmTwin):
    """A UR5 with a parallel gripper, two bins and three balls."""

    def __init__(
        self,
        *,
        seed: int,
        picture: str = 'numpy',
        light: float = 1.0,
        randomisation: Optional[Randomisation] = None,
    ):
        """Makes the twin; see `ArmTwin`."""
        super().__init__(
            MODEL, seed=seed, picture=picture, light=light, randomisation=randomisation)
