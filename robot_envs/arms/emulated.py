"""An arm's hardware with an emulator of its own."""

from __future__ import annotations

import dataclasses
from typing import Any, Optional

from robot_envs.arms import constants
from robot_envs.arms.depth_range import DepthRange
from robot_envs.arms.hardware import ArmHardware, ArmParts
from robot_envs.arms.limits import ArmLimits
from robot_envs.cameras.camera_settings import CameraSettings
from robot_envs.emulators.emulator_patience import EmulatorPatience
from robot_envs.emulators.emulator_process import EmulatorProcess
from robot_envs.emulators.free_address import free_address
from robot_envs.guardian.times import GuardianTimes

# An emulator shares the machine with a learner: everything may be this late.
_EMULATED_STALE_SECONDS = 0.5
_EMULATED_SILENT_SECONDS = 2.0
_EMULATED_CAMERA_SECONDS = 1.0


def make_emulated_robot(parts: ArmParts, connection: Any, limits: ArmLimits, seed: int, *,
                        times: Optional[GuardianTimes] = None) -> ArmHardware:
    """Returns an arm's hardware with an emulator of its own.

    It shares the machine with a learner, so limits of lateness are wider than on a robot
    (`EmulatorPatience`).

    Raises:
        RobotError: the emulator does not start.
    """
    emulator = EmulatorProcess(parts.name, seed=seed, address=free_address(parts.ports))
    patience = EmulatorPatience()
    try:
        connection = dataclasses.replace(
            connection, address=emulator.address, **parts.emulated,
            **(parts.patient if patience.on else {}))
        limits = dataclasses.replace(
            limits, stale_seconds=patience.seconds(limits.stale_seconds, _EMULATED_STALE_SECONDS),
            silent_seconds=patience.seconds(limits.silent_seconds, _EMULATED_SILENT_SECONDS))
        settings = CameraSettings()
        camera = dataclasses.replace(
            settings, kind='remote', address=emulator.address, port=emulator.camera_port,
            crop=(0.0, 0.0, 1.0, 1.0),
            stale_seconds=patience.seconds(settings.stale_seconds, _EMULATED_CAMERA_SECONDS),
            frozen_seconds=patience.seconds(settings.frozen_seconds, _EMULATED_CAMERA_SECONDS))
        near, far = (constants.CAMERA_DISTANCE_METERS + meters
                     for meters in constants.DEPTH_RANGE_METERS)
        return ArmHardware(parts, connection=connection, limits=limits, camera=camera, times=times,
                           depth_range=DepthRange(near, far), emulator=emulator)
    except BaseException:
        emulator.close()
        raise
