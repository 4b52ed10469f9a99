"""A robot of one's own: `--robot=examples.my_robot:ROBOT`. Explained in docs/new_robot.md."""

from __future__ import annotations

from pathlib import Path

from examples.my_robot import constants
from robot_envs.registry import RobotEntry

ROBOT = RobotEntry(
    name="reacher",
    description="A flat arm with two joints reaches for a point (joint angles, 2 motors)",
    rate_hz=constants.RATE_HZ,
    episode_steps=constants.EPISODE_STEPS,
    backends=("twin", "hardware"),
    module="examples.my_robot.make",
    gin_file=str(Path(__file__).with_name("reacher.gin")),
)
