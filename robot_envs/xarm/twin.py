"""The xArm7 in MuJoCo."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from robot_envs.arms.twin import ArmModel, ArmTwin
from robot_envs.randomisation import Randomisation
from robot_envs.xarm import constants

MODEL = ArmModel(
    name='xarm',
    path=Path(__file__).with_name('xarm.xml'),
    home=constants.HOME_RADIANS,
    rotation=constants.TOOL_AXES,
    rotation_vector=constants.TOOL_ROTATION_RADIANS,
    workspace=constants.WORKSPACE,
    objects=('toy',),
    solid=('core',),
    depth=True,
)


class XArmTwin(ArmTwin):
    """An xArm7 with a parallel gripper, two bins, a soft toy and a depth camera."""

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
