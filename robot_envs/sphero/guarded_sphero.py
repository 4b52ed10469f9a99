"""The guardian's end of the Sphero: its radio link, the camera above it, and its limits."""

from __future__ import annotations

import base64
import time
from typing import Any, Dict, Optional

import numpy as np

from robot_envs.cameras.camera_frame import CameraFrame
from robot_envs.cameras.camera_settings import CameraSettings
from robot_envs.cameras.crop import crop
from robot_envs.cameras.open_camera import open_camera
from robot_envs.errors import RobotError
from robot_envs.guardian.fault import Fault
from robot_envs.guardian.guarded_robot import GuardedRobot
from robot_envs.sphero import constants
from robot_envs.sphero.connection import SpheroConnection
from robot_envs.sphero.limits import SpheroLimits
from robot_envs.sphero.ollie_link import OFF, Motors, OllieLink
from robot_envs.sphero.vision import SpheroVision, find_robot

_PERIOD_SECONDS = 0.01


class GuardedSphero(GuardedRobot):
    """Drives the motors for as long as a command lasts, and no longer, while the camera sees it.

    The safe state is both motors off.
    """

    def __init__(self, connection: SpheroConnection, camera: CameraSettings,
                 vision: SpheroVision, limits: SpheroLimits):
        """Opens the camera and begins to look for the robot.

        Raises:
            RobotError: the camera cannot be opened, or an extra is missing.
        """
        super().__init__(period_seconds=_PERIOD_SECONDS)
        self._vision, self._limits = vision, limits
        self._settings = camera
        self._camera = open_camera(camera)
        try:
            self._link = OllieLink(connection, limits)
        except BaseException:
            self._camera.close()
            raise
        self.counts.update(connects=0, retries=0, pictures=0)
        self._frame: Optional[CameraFrame] = None  # As it is observed.
        self._position: Optional[np.ndarray] = None
        self._seen = False
        self._motors: Motors = OFF
        self._begun = 0
        self._command = 0  # Number of the one that `_motors` is of; 0 is none.
        self._moving_until = 0.0

    @property
    def is_heard(self) -> bool:
        """Whether the robot has ever answered and been seen."""
        return self.counts['connects'] > 0 and self._position is not None

    def receive(self, now: float) -> Optional[Fault]:
        """Looks at the newest picture and at the link; returns the worst of what is wrong."""
        self.counts.update(connects=self._link.counts['connects'] - self.counts['connects'],
                           retries=self._link.counts['retries'] - self.counts['retries'])
        wrong = self._look()
        if self._link.battery_low:
            return Fault('battery', 'sphero: its battery is nearly empty: charge it', person=True)
        silent = now - self._link.heard
        if silent > self._limits.link_seconds:
            reason = f' ({self._link.trouble})' if self._link.trouble else ''
            return Fault('link', f'sphero: no answer for {silent:.2f} s, the limit is '
                         f'{self._limits.link_seconds:g}{reason}')
        return wrong

    def begin(self, values: Any, seconds: float, *, go_on: bool) -> None:
        """Takes the power of both motors, (2,) in units of `MOTOR_SCALE_RAW`; clips it."""
        wanted = np.asarray(values, np.float64)
        limits = self._limits
        if wanted.shape != (constants.NUM_MOTORS,) or not np.isfinite(wanted).all():
            raise ValueError('sphero: a command must be 2 finite numbers')
        # The motors take whole numbers.
        raw = np.trunc(np.clip(wanted * constants.MOTOR_SCALE_RAW, -1e6, 1e6)).astype(int)
        longest = limits.longest_seconds if raw.any() else limits.rest_seconds
        if not limits.shortest_seconds <= seconds <= longest:
            raise ValueError(f'sphero: a command of {seconds:g} s; it may take '
                             f'{limits.shortest_seconds:g} to {longest:g} s')
        clipped = np.clip(raw, -limits.motor_raw, limits.motor_raw)
        self.counts['clips'] += bool(np.any(clipped != raw))
        self._motors = int(clipped[0]), int(clipped[1])
        self._begun += 1
        self._command = self._begun

    def move(self, fraction: float) -> None:
        """Drives, whatever the fraction: power has no way between."""
        self._moving_until = time.monotonic() + self._limits.grace_seconds
        self._link.drive(self._motors, self._command)

    def hold(self) -> None:
        """Goes on for `grace_seconds`, since the next command is expected; then off."""
        if time.monotonic() > self._moving_until:
            self._motors, self._command = OFF, 0
        self._link.drive(self._motors, self._command)

    def damp(self) -> None:
        """Switches the motors off."""
        self._motors, self._command = OFF, 0
        self._link.drive(OFF)

    def reading(self, now: float) -> Dict[str, Any]:
        """Returns 'image' (base64 of its bytes) and 'position', their time and age in seconds."""
        image = base64.b64encode(self._frame.image.tobytes()).decode()
        return {'values': {'image': image, 'position': self._position.tolist()},
                'time': self._frame.time, 'age': now - self._frame.time}

    def close(self) -> None:
        """Motors off; gives the robot and the camera back."""
        self._link.close()
        self._camera.close()

    def _look(self) -> Optional[Fault]:
        if not self._camera.has_frame:
            return None
        try:
            frame = self._camera.read()
        except RobotError as error:
            return Fault('camera', f'sphero: {error}')
        if self._frame is None or frame.number != self._frame.number:
            self.counts['pictures'] += 1
            self._frame = crop(frame, self._settings)
            whole = crop(frame, self._settings, resize=False)
            seen = find_robot(whole.image, self._vision)
            self._seen = seen is not None
            self._position = seen if seen is not None else self._position
        if not self._seen:
            return Fault('unseen', 'sphero: the camera does not see the robot: is it in the arena '
                         'and the light as usual? SpheroVision has the colours')
        return None


def make_guarded(*, connection: Dict[str, Any], camera: Dict[str, Any], vision: Dict[str, Any],
                 limits: Dict[str, Any]) -> GuardedSphero:
    """Returns the robot for the guardian's process, from what its client sent."""
    return GuardedSphero(SpheroConnection(**connection), CameraSettings(**camera),
                         SpheroVision(**vision), SpheroLimits(**limits))
