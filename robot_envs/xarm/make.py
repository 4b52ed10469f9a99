"""Puts the xArm7's environment together."""

from __future__ import annotations

import functools

from robot_envs.arms.make import make_arm_emulated, make_arm_hardware, make_arm_twin
from robot_envs.xarm.connection import XArmConnection
from robot_envs.xarm.hardware import PARTS
from robot_envs.xarm.limits import XArmLimits
from robot_envs.xarm.model import MODEL

make_twin = functools.partial(make_arm_twin, MODEL)
make_hardware = functools.partial(make_arm_hardware, MODEL, PARTS, XArmConnection, XArmLimits)
make_emulated = functools.partial(make_arm_emulated, MODEL, PARTS, XArmConnection, XArmLimits)
