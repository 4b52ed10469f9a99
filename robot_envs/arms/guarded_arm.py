"""The guardian's end of an arm: its driver's process, and its limits."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

import numpy as np

from robot_envs.arms import rotations
from robot_envs.arms.driver_client import DriverClient
from robot_envs.arms.limits import ArmLimits
from robot_envs.arms.straight_path import StraightPath
from robot_envs.guardian.fault import Fault
from robot_envs.guardian.guarded_robot import GuardedRobot
from robot_envs.guardian.sensor_age import SensorAge

# Faults after which a new process connects: to do that again in the same one may hang.
_FRESH = ('connection', 'program', 'gripper')
_RECOVERY_SECONDS = 30.0  # A recovery that takes longer hangs.


class GuardedArm(GuardedRobot):
    """Has a driver follow a straight path, and holds what it tells against `ArmLimits`.

    The vendor's library runs in a process of its own, because its calls may block or hang. One that
    is silent is killed; then the controller's own watchdog stops the arm. `damp` is to stand still,
    the motors on.
    """

    def __init__(self, name: str, limits: ArmLimits, *, rotation_vector: Tuple[float, ...],
                 driver_module: str, driver: Dict[str, Any], period_seconds: float,
                 connect_seconds: float, quiet: bool):
        """Starts the driver.

        Args:
            name: of the robot.
            limits: of targets and measurements.
            rotation_vector: (3,) radians, of the tool in every target.
            driver_module: has `make_driver(**driver)`.
            driver: what JSON can hold.
            period_seconds: targets are sent this often.
            connect_seconds: how long the driver may take until its first message.
            quiet: whether to throw away what the vendor's library prints.
        """
        super().__init__(period_seconds=period_seconds)
        self.counts.update(recovery_tries=0, driver_starts=0, waits=0)
        self._name = name
        self._limits = limits
        self._rotation = np.array(rotation_vector, np.float64)
        self._module = driver_module
        self._settings = {'driver': driver, 'loop': {
            'period_seconds': period_seconds, 'silent_seconds': limits.stale_seconds}}
        self._connect_seconds = connect_seconds
        self._quiet = quiet
        self._state: Optional[Dict[str, Any]] = None
        self._driver_fault: Optional[Fault] = None
        self._tries = 0
        self._recoveries = 0  # Of this driver, that are over.
        self._recovering = False
        self._begun = 0.0  # When the driver or its recovery was.
        self._heard: Optional[float] = None
        self._path: Optional[StraightPath] = None
        self._target: Optional[np.ndarray] = None  # (6,) that was sent last.
        self._gripper = 0.0
        self._start_driver()

    @property
    def is_heard(self) -> bool:
        """Whether the driver has told a state, or why it cannot."""
        return self._state is not None or self._driver_fault is not None

    def receive(self, now: float) -> Optional[Fault]:
        """Takes in the driver's messages; returns the worst of what is wrong."""
        self._begun = self._begun or now
        messages = self._driver.receive()
        for message in messages:
            self._heard = now
            self._driver_fault = message['fault'] and Fault(*message['fault'])
            if message['state'] is not None:
                self._state = {key: np.array(value) for key, value in message['state'].items()}
                self._age.take(float(self._state['time']), now)
            if message['recovered'] > self._recoveries:
                self._recoveries, self._recovering = message['recovered'], False
        return self._judge(now)

    def begin(self, values: Any, seconds: float, *, go_on: bool) -> Optional[float]:
        """Takes x, y, z in metres and the gripper, (4,); clips the place to the box."""
        wanted, limits = np.asarray(values, np.float64), self._limits
        if wanted.shape != (4,) or not np.isfinite(wanted).all():
            raise ValueError(f'{self._name}: a command must be 4 finite numbers')
        if not limits.shortest_seconds <= seconds <= limits.longest_seconds:
            raise ValueError(f'{self._name}: a command of {seconds:g} s; it may take '
                             f'{limits.shortest_seconds:g} to {limits.longest_seconds:g} s')
        if self._state is None:
            raise ValueError(f'{self._name}: the arm has not told where it is')
        start = self._target if go_on and self._target is not None else self._pose()
        place = np.clip(wanted[:3], limits.target_low_meters, limits.target_high_meters)
        way = place - start[:3]
        far = float(np.linalg.norm(way))
        if far > limits.step_meters:
            # Between two places of the box, or on the way from beside it into it.
            place = start[:3] + way * (limits.step_meters / far)
        gripper = float(np.clip(wanted[3], 0, 1))
        self.counts['clips'] += bool(np.any(place != wanted[:3]) or gripper != wanted[3])
        self._path = StraightPath(
            start, np.concatenate([place, self._rotation]),
            meters_per_second=limits.speed_meters_per_second,
            radians_per_second=limits.turn_radians_per_second, seconds=seconds)
        self._gripper = gripper
        return self._path.command_seconds

    def move(self, fraction: float) -> None:
        """Sends the target on the path; after a pause, or a wait, it goes on where it was."""
        place = self._state['pose'][:3]
        if self._target is not None and self._limits.must_wait(self._target[:3], place):
            self.counts['waits'] += 1
            self._path.pause(fraction)
        else:
            self._target = self._path.advance(fraction, longest=5 * self.period_seconds)
        self.hold()

    def hold(self) -> None:
        """Sends the last target."""
        if self._target is None:
            self.damp()
            return
        self._driver.send(do='servo', pose=self._target.tolist(), gripper=self._gripper)

    def damp(self) -> None:
        """Has the arm stand still."""
        self._target = None
        self._driver.send(do='stop')

    def recover(self) -> None:
        """Has the driver recover, or starts another one; harmless while that is under way."""
        if self._recovering or self._driver_wrong() is None:
            return
        self._tries += 1
        self.counts['recovery_tries'] += 1
        self._recovering = True
        lost = self._is_silent or self._driver_fault.name in _FRESH
        if self._driver.is_alive and not lost:
            self._begun = 0.0
            self._driver.send(do='recover')
        else:
            self._driver.kill()
            self._start_driver()
            self._driver.send(do='recover')

    def reading(self, now: float) -> Optional[Dict[str, Any]]:
        """Returns the readings of `constants.py` but for the camera's, their time and age."""
        if self._state is None:
            return None
        values = {'pose': self._pose(), 'joint_angles': self._state['joint_angles'],
                  'gripper_position': self._state['gripper_position']}
        return {'values': {key: value.tolist() for key, value in values.items()},
                'time': float(self._state['time']), 'age': self._age.seconds(now)}

    def close(self) -> None:
        """Has the driver stop the arm and end."""
        self._driver.close()

    def _start_driver(self) -> None:
        self.counts['driver_starts'] += 1
        self._driver = DriverClient(self._module, self._settings, quiet=self._quiet)
        self._age = SensorAge()
        self._heard = None
        self._begun, self._recoveries = 0.0, 0
        self._is_silent = False

    def _pose(self) -> np.ndarray:
        pose = self._state['pose'].copy()
        pose[3:] = rotations.near(pose[3:], self._rotation)
        return pose

    def _judge(self, now: float) -> Optional[Fault]:
        self._watch_driver(now)
        wrong = self._driver_wrong()
        if wrong is not None and wrong.person:
            return wrong
        if self._state is not None:
            wrong = self._outside() or wrong or self._too_much(now)
        if wrong is None:
            self._tries = 0
        elif not self._recovering and self._tries >= self._limits.recovery_tries:
            return Fault(wrong.name, f'{wrong.text}; {self._tries} tries to recover did not help',
                         person=True)
        return wrong

    def _watch_driver(self, now: float) -> None:
        """Notices a driver that has ended or hangs, and ends it."""
        patience = (self._connect_seconds if self._heard is None
                    else _RECOVERY_SECONDS if self._recovering else self._limits.silent_seconds)
        since = max(self._heard or self._begun, self._begun)
        if not self._is_silent and (not self._driver.is_alive or now - since > patience):
            self._is_silent, self._recovering = True, False
            if self._driver.is_alive:
                self._driver.kill()

    def _driver_wrong(self) -> Optional[Fault]:
        if self._is_silent:
            return Fault('driver', f"{self._name}: the controller's client hangs or has ended; the "
                         "controller's watchdog stops the arm")
        return self._driver_fault

    def _outside(self) -> Optional[Fault]:
        """Judges the measured place and joints."""
        limits, state = self._limits, self._state
        outside = limits.outside_meters(state['pose'][:3])
        if not outside <= limits.beyond_meters:
            return Fault('workspace', f'{self._name}: the tool is {outside:.3f} m outside its box, '
                         f'the limit is {limits.beyond_meters:g}: bring it back by hand',
                         person=True)
        angles = state['joint_angles']
        over = np.maximum(np.subtract(limits.joint_low_radians, angles),
                          np.subtract(angles, limits.joint_high_radians)).max()
        if not over <= 0:
            return Fault('position', f'{self._name}: a joint is {over:.2f} rad beyond its range: '
                         'bring it back by hand', person=True)
        return None

    def _too_much(self, now: float) -> Optional[Fault]:
        """Judges the sensors' age, velocities and torques."""
        limits, state = self._limits, self._state
        age = self._age.seconds(now)
        if age > limits.stale_seconds:
            return Fault('stale', f'{self._name}: the sensors are {age:.3f} s old, the limit is '
                         f'{limits.stale_seconds:g}')
        fastest = float(np.abs(state['joint_velocities']).max())
        if not fastest <= limits.joint_velocity_radians_per_second:
            return Fault('velocity', f'{self._name}: a joint turns at {fastest:.2f} rad/s, the '
                         f'limit is {limits.joint_velocity_radians_per_second:g}')
        over = np.abs(state['joint_torques']) / limits.joint_torque_newton_meters
        if not over.max() <= 1:
            return Fault('torque', f'{self._name}: a joint has {100 * over.max():.0f}% of the '
                         'torque that it may have')
        return None
