"""Puts the Sphero's environment together."""

from __future__ import annotations

import dataclasses
from typing import Optional

from tf_agents.environments import py_environment, wrappers

from robot_envs.cameras.camera_settings import CameraSettings
from robot_envs.dry_run import still_if_dry
from robot_envs.emulators.emulator_patience import EmulatorPatience
from robot_envs.emulators.emulator_process import EmulatorProcess
from robot_envs.randomisation import Randomisation
from robot_envs.robot import Robot
from robot_envs.sphero import constants
from robot_envs.sphero.connection import SpheroConnection
from robot_envs.sphero.environment import SpheroEnvironment
from robot_envs.sphero.hardware import SpheroHardware
from robot_envs.sphero.limits import SpheroLimits
from robot_envs.sphero.twin import SpheroTwin
from robot_envs.wrappers.action_check import ActionCheck
from robot_envs.wrappers.sensor_check import SensorCheck

_EMULATED_STALE_SECONDS = 0.6
_EMULATED_LINK_SECONDS = 2.0


def make_twin(
    seed: int,
    *,
    episode_steps: int = constants.EPISODE_STEPS,
    picture: str = 'numpy',
    light: float = 1.0,
    randomisation: Optional[Randomisation] = None,
) -> py_environment.PyEnvironment:
    """Returns the task on the twin.

    Args:
        seed: of the first heading and of the random drives in `reset`.
        episode_steps: steps of half a second in an episode.
        picture: who draws the camera's picture, 'numpy' or 'mujoco'.
        light: brightness of the room, 1 is usual.
        randomisation: what varies from episode to episode; as gin sets it if None.

    Raises:
        RobotError: see `SpheroTwin`.
    """
    twin = SpheroTwin(seed=seed, picture=picture, light=light, randomisation=randomisation)
    return _wrapped(twin, seed, episode_steps)


def make_hardware(
    seed: int, *, episode_steps: int = constants.EPISODE_STEPS
) -> py_environment.PyEnvironment:
    """Returns the task on the robot, behind its guardian, seen by the camera of `CameraSettings`.

    Args:
        seed: of the random drives in `reset`.
        episode_steps: steps of half a second in an episode.

    Raises:
        RobotError: the robot does not answer, or the camera does not see it.
    """
    return _wrapped(still_if_dry(SpheroHardware()), seed, episode_steps)


def make_emulated(
    seed: int, *, episode_steps: int = constants.EPISODE_STEPS
) -> py_environment.PyEnvironment:
    """Returns the same on an emulator, which is started here and ends with the environment.

    It shares the machine with a learner, so pictures and answers may be later than the robot's
    (`EmulatorPatience`).

    Args:
        seed: of the emulator's first heading and of the random drives in `reset`.
        episode_steps: steps of half a second in an episode.

    Raises:
        RobotError: the emulator does not start, or the extra 'sphero' is missing.
    """
    limits, camera, patience = SpheroLimits(), CameraSettings(), EmulatorPatience()
    limits = dataclasses.replace(
        limits, link_seconds=patience.seconds(limits.link_seconds, _EMULATED_LINK_SECONDS))
    emulator = EmulatorProcess('sphero', seed=seed)
    camera = dataclasses.replace(
        camera, kind='remote', address=emulator.address, port=emulator.camera_port,
        stale_seconds=patience.seconds(camera.stale_seconds, _EMULATED_STALE_SECONDS))
    connection = dataclasses.replace(
        SpheroConnection(), name='', emulator=f'{emulator.address}:{emulator.port}')
    robot = SpheroHardware(connection=connection, camera=camera, limits=limits, emulator=emulator)
    return _wrapped(still_if_dry(robot), seed, episode_steps)


def _wrapped(robot: Robot, seed: int, episode_steps: int) -> py_environment.PyEnvironment:
    env = SensorCheck(SpheroEnvironment(robot, seed=seed), robot='sphero')
    return ActionCheck(wrappers.TimeLimit(env, episode_steps), robot='sphero')
