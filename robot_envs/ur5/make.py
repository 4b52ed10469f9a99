"""Puts the UR5's environment together."""

from __future__ import annotations

import functools

from robot_envs.arms.make import make_arm_emulated, make_arm_hardware, make_arm_twin
from robot_envs.ur5.connection import UR5Connection
from robot_envs.ur5.hardware import PARTS
from robot_envs.ur5.limits import UR5Limits
from robot_envs.ur5.model import MODEL

make_twin = functools.partial(make_arm_twin, MODEL)
make_hardware = functools.partial(make_arm_hardware, MODEL, PARTS, UR5Connection, UR5Limits)
make_emulated = functools.partial(make_arm_emulated, MODEL, PARTS, UR5Connection, UR5Limits)
