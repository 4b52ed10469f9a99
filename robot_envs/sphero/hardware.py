"""The Sphero Ollie itself, or its emulator."""

from __future__ import annotations

import base64
import dataclasses
from typing import Any, Dict, Optional

import numpy as np

from robot_envs.cameras.camera_settings import CameraSettings
from robot_envs.emulators.emulator_process import EmulatorProcess
from robot_envs.errors import RobotError
from robot_envs.guardian.hardware import GuardedHardware
from robot_envs.guardian.times import GuardianTimes
from robot_envs.sphero import constants
from robot_envs.sphero.connection import SpheroConnection
from robot_envs.sphero.limits import SpheroLimits
from robot_envs.sphero.vision import SpheroVision


class SpheroHardware(GuardedHardware):
    """The robot behind its guardian, which alone talks to it and sees it.

    Readings are 'image' uint8 (64, 64, 3) and 'position' float32 (2,), both of one picture; the
    time is this machine's. A command is the power of both motors, as in `constants.py`. In the safe
    state they are off.
    """

    def __init__(
        self,
        *,
        connection: Optional[SpheroConnection] = None,
        camera: Optional[CameraSettings] = None,
        vision: Optional[SpheroVision] = None,
        limits: Optional[SpheroLimits] = None,
        times: Optional[GuardianTimes] = None,
        emulator: Optional[EmulatorProcess] = None,
    ):
        """Does not talk to the robot yet.

        Args:
            connection: as gin sets it if None; so are the others.
            camera: the one above the arena.
            vision: how the robot is found in its picture.
            limits: of the guardian.
            times: of the guardian.
            emulator: is closed with this.

        Raises:
            RobotError: the camera's size is not the task's.
        """
        self._connection = connection or SpheroConnection()
        camera = camera or CameraSettings()
        size = constants.IMAGE_SIZE_PX
        if tuple(camera.size) != (size, size):
            raise RobotError(f'sphero: CameraSettings.size must be ({size}, {size})')
        settings = {'connection': dataclasses.asdict(self._connection),
                    'camera': dataclasses.asdict(camera),
                    'vision': dataclasses.asdict(vision or SpheroVision()),
                    'limits': dataclasses.asdict(limits or SpheroLimits())}
        super().__init__(
            'robot_envs.sphero.guarded_sphero', settings,
            connect_seconds=max(self._connection.connect_seconds, camera.connect_seconds),
            recover_seconds=self._connection.connect_seconds, times=times, emulator=emulator)

    def _values(self, values: Dict[str, Any]) -> Dict[str, np.ndarray]:
        size = constants.IMAGE_SIZE_PX
        image = np.frombuffer(base64.b64decode(values['image']), np.uint8)
        return {'image': image.reshape(size, size, 3),
                'position': np.array(values['position'], np.float32)}

    def _silence(self, counts: Dict[str, int]) -> str:
        seconds = f'within {self._connection.connect_seconds:g} s'
        if not counts['connects']:
            where = self._connection.emulator or self._connection.name or 'any Ollie by Bluetooth'
            return (f'sphero: no answer from {where} {seconds}: is it awake, near, and not '
                    'connected elsewhere, and Bluetooth on here? SpheroConnection.name names it')
        if not counts['pictures']:
            return f'sphero: no picture of the camera {seconds}; see CameraSettings'
        return ('sphero: the camera does not see the robot: is it in the arena, and the light on? '
                'CameraSettings.crop and SpheroVision are the settings')
