"""Puts the xArm7's environment together."""

from __future__ import annotations

import functools

from robot_envs.arms.make import make_arm_twin
from robot_envs.xarm.model import MODEL

make_twin = functools.partial(make_arm_twin, MODEL)
