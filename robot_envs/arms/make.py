"""Puts the environment of an arm together: the same task, on its twin, itself or an emulator.

An arm's own `make.py` fills in `arm`, `parts`, `connection` and `limits`. The environments' steps
last `1 / arm.rate_hz` seconds, and what goes in and out of them is checked.
"""

from __future__ import annotations

from typing import Any, Callable, Optional

from tf_agents.environments import py_environment, wrappers

from robot_envs.arms import constants
from robot_envs.arms.emulated import make_emulated_robot
from robot_envs.arms.hardware import ArmHardware, ArmParts
from robot_envs.arms.limits import ArmLimits
from robot_envs.arms.pick_place_environment import PickPlaceEnvironment
from robot_envs.arms.twin import ArmModel, ArmTwin
from robot_envs.cameras.camera_settings import CameraSettings
from robot_envs.dry_run import still_if_dry
from robot_envs.randomisation import Randomisation
from robot_envs.robot import Robot
from robot_envs.wrappers.action_check import ActionCheck
from robot_envs.wrappers.sensor_check import SensorCheck


def make_arm_twin(
    arm: ArmModel,
    seed: int,
    *,
    episode_steps: int = constants.EPISODE_STEPS,
    picture: str = 'numpy',
    light: float = 1.0,
    randomisation: Optional[Randomisation] = None,
) -> py_environment.PyEnvironment:
    """Returns the task on an arm's twin.

    Args:
        arm: which one.
        seed: of the objects' first places and of the arm's random ones.
        episode_steps: steps in an episode.
        picture: who draws the camera's picture, 'numpy' or 'mujoco'.
        light: brightness of the room, 1 is usual.
        randomisation: what varies from episode to episode; as gin sets it if None.

    Raises:
        RobotError: see `ArmTwin`.
    """
    twin = ArmTwin(arm, seed=seed, picture=picture, light=light, randomisation=randomisation)
    return _wrapped(arm, twin, seed, episode_steps)


def make_arm_hardware(
    arm: ArmModel,
    parts: ArmParts,
    connection: Callable[[], Any],
    limits: Callable[[], ArmLimits],
    seed: int,
    *,
    episode_steps: int = constants.EPISODE_STEPS,
) -> py_environment.PyEnvironment:
    """Returns the task on the arm itself, behind its guardian; its camera is as gin sets it.

    In a dry run (`DryRun`) it does everything but move.

    Args:
        arm: which one.
        parts: of its hardware.
        connection: makes how it is reached, with the values that gin has then.
        limits: makes the guardian's limits, likewise.
        seed: of the arm's random places.
        episode_steps: steps in an episode.

    Raises:
        RobotError: the vendor's package is missing, or the camera's size is not the task's.
    """
    robot = ArmHardware(parts, connection=connection(), limits=limits(), camera=CameraSettings())
    return _wrapped(arm, still_if_dry(robot), seed, episode_steps)


def make_arm_emulated(
    arm: ArmModel,
    parts: ArmParts,
    connection: Callable[[], Any],
    limits: Callable[[], ArmLimits],
    seed: int,
    *,
    episode_steps: int = constants.EPISODE_STEPS,
) -> py_environment.PyEnvironment:
    """Returns the task on an emulated arm, whose process is started here and ends with it.

    As `make_arm_hardware`, but that the emulator's address counts and that it may be late, since it
    shares the machine with a learner.

    Args:
        arm: which one.
        parts: of its hardware.
        connection: makes how it is reached, with the values that gin has then.
        limits: makes the guardian's limits, likewise.
        seed: of the objects' first places and of the arm's random ones.
        episode_steps: steps in an episode.

    Raises:
        RobotError: the emulator does not start, or the vendor's package is missing.
    """
    robot = make_emulated_robot(parts, connection(), limits(), seed)
    return _wrapped(arm, still_if_dry(robot), seed, episode_steps)


def _wrapped(arm: ArmModel, robot: Robot, seed: int,
             episode_steps: int) -> py_environment.PyEnvironment:
    """Returns the task on any of the three, in episodes and with its checks."""
    task = PickPlaceEnvironment(
        robot, arm.workspace, num_joints=len(arm.home), rate_hz=arm.rate_hz, depth=arm.depth,
        seed=seed)
    env = SensorCheck(task, robot=arm.name)
    return ActionCheck(wrappers.TimeLimit(env, episode_steps), robot=arm.name)
