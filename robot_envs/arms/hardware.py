"""An arm itself, or its emulator."""

from __future__ import annotations

import dataclasses
import importlib.util
import time
from typing import Any, Dict, NamedTuple, Optional, Tuple

import numpy as np

from robot_envs.arms import constants
from robot_envs.arms.depth_range import DepthRange
from robot_envs.arms.limits import ArmLimits
from robot_envs.cameras.camera import Camera
from robot_envs.cameras.camera_frame import CameraFrame
from robot_envs.cameras.camera_settings import CameraSettings
from robot_envs.cameras.crop import crop
from robot_envs.cameras.open_camera import open_camera
from robot_envs.emulators.emulator_process import EmulatorProcess
from robot_envs.errors import RobotError, RobotFault
from robot_envs.guardian.hardware import GuardedHardware
from robot_envs.guardian.times import GuardianTimes
from robot_envs.robot import Reading

_RECOVERY_SECONDS = 60.0  # Some tries.
_CAMERA_SECONDS = 2.0  # Until what was wrong with it is right again.
_POLL_SECONDS = 0.005


class ArmParts(NamedTuple):
    """What tells one arm's hardware from another's.

    Attributes:
        name: of the robot, and of the extra that brings the vendor's package.
        package: a module of that package.
        guarded: has `make_guarded(connection, limits)`.
        depth: whether its camera sees depth.
        ports: of the controller, where its clients expect it.
        emulated: what of the connection is different on an emulator: {name: value}.
        patient: likewise, where `EmulatorPatience` is on.
    """

    name: str
    package: str
    guarded: str
    depth: bool
    ports: Tuple[int, ...]
    emulated: Dict[str, Any]
    patient: Dict[str, Any]


class ArmHardware(GuardedHardware):
    """An arm behind its guardian, and its camera. Readings and command as in `constants.py`.

    The guardian has the tool follow a straight line; a command that would be too fast for the
    limits takes longer than it was given. A picture that is too old or stands still is a fault like
    any other, and so stops the arm.
    """

    def __init__(self, parts: ArmParts, *, connection: Any, limits: ArmLimits,
                 camera: CameraSettings, depth_range: Optional[DepthRange] = None,
                 times: Optional[GuardianTimes] = None,
                 emulator: Optional[EmulatorProcess] = None):
        """Does not talk to the robot yet.

        Args:
            parts: which arm.
            connection: a dataclass with 'address' and 'connect_seconds'.
            limits: of the guardian.
            camera: gives pictures of 64 x 64.
            depth_range: of 'depth'; as gin sets it if None, and so are the times.
            times: of the guardian.
            emulator: is closed with this.

        Raises:
            RobotError: the vendor's package is not installed.
        """
        if importlib.util.find_spec(parts.package) is None:
            raise RobotError(f"{parts.name}: the vendor's package is not installed: "
                             f"pip install '.[{parts.name}]'")
        size = constants.IMAGE_SIZE_PX
        if tuple(camera.size) != (size, size):
            raise RobotError(f'{parts.name}: CameraSettings.size must be ({size}, {size})')
        super().__init__(
            parts.guarded,
            {'connection': dataclasses.asdict(connection), 'limits': dataclasses.asdict(limits)},
            connect_seconds=connection.connect_seconds, recover_seconds=_RECOVERY_SECONDS,
            times=times, emulator=emulator)
        self._name = parts.name
        self._connection = connection
        self._depth = parts.depth
        self._depth_range = depth_range or DepthRange()
        self._camera_settings = camera
        self._camera: Optional[Camera] = None
        self._done = 0.0  # When the last command was.

    def connect(self) -> None:
        """Waits for camera and arm, or goes on from a fault. Nothing moves until a command.

        Raises:
            RobotError: one of them does not answer, or a person has to look at the arm first.
        """
        try:
            if self._camera is None:
                self._camera = open_camera(self._camera_settings)
            self._wait_for_the_camera()
        except RobotError:
            if self._guardian is None:
                self.close()
            raise
        super().connect()

    def read(self) -> Reading:
        """Returns the readings of `constants.py`; the picture is not older than the last command.

        Raises:
            RobotFault: there is one; the line says which.
        """
        reading = super().read()
        return Reading({**self._new_picture(), **reading.values}, reading.time)

    def command(self, values: np.ndarray, seconds: float) -> None:
        """Moves the tool straight to `values[:3]` and the gripper to `values[3]`.

        Takes `seconds`, or longer if the limits want it.

        Raises:
            RobotError: a veto; the line says which.
            RobotFault: a fault.
        """
        super().command(values, seconds)
        self._done = time.monotonic()

    def close(self) -> None:
        """Stops the arm and ends everything."""
        super().close()
        if self._camera is not None:
            self._camera.close()

    def _wait_for_the_camera(self) -> None:
        deadline = time.monotonic() + _CAMERA_SECONDS
        while True:
            try:
                self._picture(self._camera.read())
                return
            except RobotError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(_POLL_SECONDS)

    def _new_picture(self) -> Dict[str, np.ndarray]:
        """Returns a picture from after the last command, or tells the guardian that none came."""
        deadline = time.monotonic() + self._camera_settings.stale_seconds
        try:
            frame = self._camera.read()
            while frame.time < self._done:
                if time.monotonic() > deadline:
                    raise RobotError('the camera: no picture since the last command')
                time.sleep(_POLL_SECONDS)
                frame = self._camera.read()
            return self._picture(frame)
        except RobotError as error:
            text = f'{self._name}: {error}'
            self._ask('fault', name='camera', text=text, person=False)
            raise RobotFault(text, person=False) from error

    def _picture(self, frame: CameraFrame) -> Dict[str, np.ndarray]:
        """Returns the camera's part of the readings."""
        if self._depth and frame.depth is None:
            raise RobotError('the camera gives no depth; CameraSettings.depth is the setting')
        frame = crop(frame, self._camera_settings)
        if not self._depth:
            return {'image': frame.image}
        return {'image': frame.image, 'depth': self._depth_range.to_uint8(frame.depth)}

    def _silence(self, counts: Dict[str, int]) -> str:
        return (f'{self._name}: no answer from {self._connection.address} within '
                f'{self._connection.connect_seconds:g} s: is it on, and this machine in its '
                'network?')
