"""Both arms' hardware on emulators, for tests that hold for each."""

import dataclasses
import time
from typing import Any, Callable, NamedTuple, Tuple

import numpy as np

from robot_envs.arms.emulated import make_emulated_robot
from robot_envs.arms.hardware import ArmHardware, ArmParts
from robot_envs.arms.twin import ArmModel
from robot_envs.cameras.camera_settings import CameraSettings
from robot_envs.guardian.times import GuardianTimes
from robot_envs.ur5.connection import UR5Connection
from robot_envs.ur5.hardware import PARTS as UR5_PARTS
from robot_envs.ur5.limits import UR5Limits
from robot_envs.ur5.model import MODEL as UR5
from robot_envs.xarm.connection import XArmConnection
from robot_envs.xarm.hardware import PARTS as XARM_PARTS
from robot_envs.xarm.limits import XArmLimits
from robot_envs.xarm.model import MODEL as XARM

# The machine may be busy: a late heartbeat is not what is tested here.
TIMES = GuardianTimes(hold_seconds=0.5, damp_seconds=1.5, calm_seconds=0.4, recoveries=20)
STEP_SECONDS = 0.5
LATE_SECONDS = 2.0  # What a busy machine may add to anything.


class HardwareArm(NamedTuple):
    """What is known about an arm whose hardware is tested.

    Attributes:
        model: of its twin.
        parts: of its hardware.
        connection: as gin has it.
        limits: likewise.
        orders: (order, in the fault's line, class is for a person) of each fault but the camera's.
    """

    model: ArmModel
    parts: ArmParts
    connection: Callable[[], Any]
    limits: Callable[[], Any]
    orders: Tuple[Tuple[str, str, bool], ...]


# Which of stale sensors, a lost connection and an ended program is found first is chance.
_TRANSPORT = (('disconnect 1', 'ur5: |xarm: ', False), ('latency 1.5', 'ur5: |xarm: ', False),
              ('hang_up 1', 'ur5: |xarm: ', False))
ARMS = {
    'ur5': HardwareArm(UR5, UR5_PARTS, UR5Connection, UR5Limits, (
        ('protective_stop 1', 'a protective stop', False),
        ('safety_fault 1', 'a fault of the safety system', False),
        *_TRANSPORT,
        ('frozen 1', 'sensors are', False),
        ('emergency_stop 1', 'the emergency stop is pressed', True))),
    'xarm': HardwareArm(XARM, XARM_PARTS, XArmConnection, XArmLimits, (
        ('error 31', 'hit something', False),
        ('error 23', 'a joint is beyond', False),
        *_TRANSPORT,
        ('emergency_stop 1', 'the emergency stop is pressed', True))),
}


def make(name: str, seed: int = 0, **options) -> ArmHardware:
    """Returns an arm's hardware with an emulator of its own; the caller closes it."""
    arm = ARMS[name]
    limits = options.pop('limits', None) or arm.limits()
    return make_emulated_robot(arm.parts, arm.connection(), limits, seed,
                               **{'times': TIMES, **options})


def make_for(name: str, address: str, camera_port: int, **limits) -> ArmHardware:
    """Returns an arm's hardware for an emulator that is there; some limits can be changed."""
    arm = ARMS[name]
    limits = {'stale_seconds': 0.5, 'silent_seconds': 2.0, **limits}
    return ArmHardware(
        arm.parts, times=TIMES,
        connection=dataclasses.replace(
            arm.connection(), address=address, **arm.parts.emulated, **arm.parts.patient),
        limits=dataclasses.replace(arm.limits(), **limits),
        camera=CameraSettings(kind='remote', address=address, port=camera_port, stale_seconds=1.0))


def go_to_and_fro(robot: ArmHardware, model: ArmModel, times: int = 1, seconds=STEP_SECONDS):
    """Moves between two cells over the right bin."""
    work = model.workspace
    across = work.right[0]
    for index in range(times):
        place = work.place(across, work.along[2 + index % 2], True)
        robot.command(np.array([*work.position(place), 0.0]), seconds)


def wait_until(condition, seconds: float = 20.0) -> None:
    """Returns when `condition()` holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, 'it did not happen'
        time.sleep(0.02)


def truth(robot: ArmHardware) -> dict:
    """Returns what the twin really does."""
    return robot._emulator.order('truth')


def stands(robot: ArmHardware) -> bool:
    """Returns whether the arm is not servoed and does not move."""
    return truth(robot)['stands']
