"""The Unitree A1 in MuJoCo."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional, Tuple

import numpy as np

from robot_envs.a1 import constants
from robot_envs.a1.joint_targets import safe_target
from robot_envs.delay_line import DelayLine
from robot_envs.mujoco_gl import import_mujoco, make_renderer
from robot_envs.randomisation import ModelRandomiser, Randomisation
from robot_envs.robot import Reading, Robot

mujoco = import_mujoco()

_MODEL_PATH = Path(__file__).with_name('a1.xml')
_PICTURE_HEIGHT_PX = 256
_PICTURE_WIDTH_PX = 384
_JOINTS_QPOS = slice(7, 19)


class A1Twin(Robot):
    """A quadruped on an endless floor, position-controlled at its 12 joints.

    Readings and command are those of `constants.py`.
    """

    def __init__(self, *, seed: int, randomisation: Optional[Randomisation] = None):
        """Puts the robot on its back with a random heading and slightly random joints.

        Args:
            seed: of these, and of what `vary` draws.
            randomisation: what varies; as gin sets it if None.
        """
        self._model = mujoco.MjModel.from_xml_path(str(_MODEL_PATH))
        self._randomiser = ModelRandomiser(self._model, randomisation or Randomisation(), seed=seed)
        self._delay = DelayLine()
        self._data = mujoco.MjData(self._model)
        self._trunk = self._model.body('trunk').id
        self._renderer: Optional[Any] = None
        self._impulse = np.zeros(3)
        self._velocity = np.zeros(3)
        self._target = np.zeros(constants.NUM_JOINTS)
        random = np.random.default_rng(seed)
        yaw = random.uniform(-np.pi, np.pi)
        noise = constants.START_JOINT_NOISE_RADIANS
        angles = constants.STANDING_RADIANS + random.uniform(-noise, noise, constants.NUM_JOINTS)
        # Half a turn about the trunk's x axis, then the yaw: (cos, 0, 0, sin) * (0, 1, 0, 0).
        on_back = np.array([0, np.cos(yaw / 2), np.sin(yaw / 2), 0])
        self.place(constants.START_HEIGHT_METERS, on_back, angles)
        self.command(angles, constants.START_SETTLE_SECONDS)

    @property
    def physics(self) -> Tuple[Any, Any]:
        """MuJoCo's model and data, for an emulator that has its own motors."""
        return self._model, self._data

    def connect(self) -> None:
        """Does nothing: a twin is always there."""

    def read(self) -> Reading:
        """Returns the readings of `constants.py`, float64."""
        values = {
            'orientation': self._data.qpos[3:7].copy(),
            'angular_velocity': self._data.qvel[3:6].copy(),
            'velocity': self._velocity.copy(),
            'joint_angles': self._data.qpos[_JOINTS_QPOS].copy(),
        }
        return Reading(values, float(self._data.time))

    def command(self, values: np.ndarray, seconds: float) -> None:
        """Moves towards the joint angles `values`, (12,) in radians, for `seconds`."""
        model, data = self._model, self._data
        end = np.asarray(values, np.float64)
        before = data.qpos[:3].copy()
        joints = data.qpos[_JOINTS_QPOS]  # A view: always the newest measurement.
        substeps = max(1, round(seconds / model.opt.timestep))
        data.xfrc_applied[self._trunk, :3] = self._impulse / seconds
        for substep in range(substeps):
            wanted = self._delay(self._target + (substep + 1) / substeps * (end - self._target))
            data.ctrl[:] = safe_target(wanted, wanted, 1.0, joints)
            mujoco.mj_step(model, data)
        data.xfrc_applied[self._trunk, :3] = 0
        self._impulse = np.zeros(3)
        self._target = end
        self._velocity = (data.qpos[:3] - before) / seconds

    def push(self, impulse: np.ndarray) -> None:
        """Pushes the trunk during the next command.

        Args:
            impulse: (3,) in newton seconds, in the world's axes.
        """
        self._impulse = np.asarray(impulse, np.float64)

    def stop(self) -> None:
        """Holds the joints where they are."""
        self._target = self._data.qpos[_JOINTS_QPOS].copy()
        self._delay.hold(self._target)
        self._data.ctrl[:] = self._target

    def set_light(self, light: float) -> None:
        """Sets the brightness of the pictures; 1 is usual."""
        self._randomiser.set_light(light)

    def vary(self) -> None:
        """Draws masses, friction, gains, latency and looks anew, where that is switched on."""
        drawn = self._randomiser.draw()
        self._delay.steps = round(drawn.latency_seconds / self._model.opt.timestep)

    def close(self) -> None:
        """Frees MuJoCo's renderer, if there is one."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None

    def picture(self) -> np.ndarray:
        """Returns a view from the side, uint8 (256, 384, 3).

        Raises:
            RobotError: there is no GL library; the line names the package.
        """
        if self._renderer is None:
            self._renderer = make_renderer(self._model, _PICTURE_HEIGHT_PX, _PICTURE_WIDTH_PX)
        self._renderer.update_scene(self._data, camera='side')
        return self._renderer.render()

    def height(self) -> float:
        """Returns how far the trunk's middle is above the floor, in metres."""
        return float(self._data.qpos[2])

    def place(self, height: float, orientation: np.ndarray, angles: np.ndarray) -> None:
        """Puts the robot at rest at the origin, `height` metres above the floor.

        Args:
            height: of the trunk's middle, in metres.
            orientation: (4,) unit quaternion w, x, y, z.
            angles: (12,) joint angles in radians.
        """
        mujoco.mj_resetData(self._model, self._data)
        self._data.qpos[:3] = [0, 0, height]
        self._data.qpos[3:7] = orientation
        self._data.qpos[_JOINTS_QPOS] = angles
        mujoco.mj_forward(self._model, self._data)
        self._velocity = np.zeros(3)
        self.stop()
