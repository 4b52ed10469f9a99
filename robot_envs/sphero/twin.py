"""The Sphero Ollie in MuJoCo."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional

import numpy as np

from robot_envs.area_mean import area_mean, area_weights
from robot_envs.errors import RobotError
from robot_envs.mujoco_gl import import_mujoco, make_renderer
from robot_envs.randomisation import ModelRandomiser, Randomisation
from robot_envs.robot import Reading, Robot
from robot_envs.sphero import constants
from robot_envs.sphero.renderer import ArenaRenderer

mujoco = import_mujoco()

_MODEL_PATH = Path(__file__).with_name('sphero.xml')
_PEOPLE_HEIGHT_PX = 256
_MUJOCO_HEIGHT_PX = 72  # The camera sees 16:9, so both are whole pixels.
_MUJOCO_WIDTH_PX = 128


class SpheroTwin(Robot):
    """A differential drive with two hidden wheels in a walled arena, seen from above.

    Readings: 'image' uint8 (64, 64, 3), the same at every heading; 'position' float32 (2,) in
    arena units; 'heading' float32 () in radians counter-clockwise from the picture's right.
    """

    def __init__(
        self,
        *,
        seed: int,
        picture: str = 'numpy',
        light: float = 1.0,
        randomisation: Optional[Randomisation] = None,
    ):
        """Puts the robot at `START_ARENA` with a random heading.

        Args:
            seed: of the first heading, and of what `vary` draws.
            picture: who draws 'image': 'numpy' (no library needed) or 'mujoco' (a GL library).
            light: brightness of the room, 1 is usual.
            randomisation: what varies; as gin sets it if None.

        Raises:
            RobotError: `picture` is neither, or MuJoCo's renderer has no GL library.
        """
        if picture not in ('numpy', 'mujoco'):
            raise RobotError(f"sphero: picture='{picture}' is unknown; choose 'numpy' or 'mujoco'")
        self._model = mujoco.MjModel.from_xml_path(str(_MODEL_PATH))
        self._data = mujoco.MjData(self._model)
        self._image = ArenaRenderer(constants.IMAGE_SIZE_PX, constants.IMAGE_SIZE_PX, light=light)
        aspect = ((constants.ARENA_X_METERS + 2 * constants.WALL_METERS)
                  / (constants.ARENA_Y_METERS + 2 * constants.WALL_METERS))
        self._people = ArenaRenderer(
            _PEOPLE_HEIGHT_PX, 16 * round(_PEOPLE_HEIGHT_PX * aspect / 16), light=light)
        self._renderer: Optional[Any] = None
        self._latency = 0.0
        if picture == 'mujoco':
            self._renderer = make_renderer(self._model, _MUJOCO_HEIGHT_PX, _MUJOCO_WIDTH_PX)
            self._shrink_rows = area_weights(_MUJOCO_HEIGHT_PX, constants.IMAGE_SIZE_PX)
            self._shrink_columns = area_weights(_MUJOCO_WIDTH_PX, constants.IMAGE_SIZE_PX)
        self._randomiser = ModelRandomiser(self._model, randomisation or Randomisation(), seed=seed)
        self.set_light(light)
        heading = np.random.default_rng(seed).uniform(-np.pi, np.pi)
        self.place(constants.START_ARENA, heading)

    def connect(self) -> None:
        """Does nothing: a twin is always there."""

    def read(self) -> Reading:
        """Returns 'image', 'position' and 'heading', see the class."""
        position = self._position()
        image = self._image.draw(position) if self._renderer is None else self._mujoco_image()
        values = {'image': image, 'position': position, 'heading': self._heading()}
        return Reading(values, float(self._data.time))

    def command(self, values: np.ndarray, seconds: float) -> None:
        """Drives the motors, `values` (2,) as in `constants.py`, for `seconds`."""
        speed = constants.SPEED_AT_FULL_ACTION_METERS_PER_SECOND / constants.WHEEL_RADIUS_METERS
        limit = constants.COMMAND_LIMIT
        # The real motors take whole numbers.
        raw = np.trunc(np.clip(values, -limit, limit) * constants.MOTOR_SCALE_RAW)
        substeps = round(seconds / self._model.opt.timestep)
        late = min(substeps, round(self._latency / self._model.opt.timestep))
        if late:
            mujoco.mj_step(self._model, self._data, late)
        self._data.ctrl[:] = raw / constants.MOTOR_SCALE_RAW * speed
        mujoco.mj_step(self._model, self._data, substeps - late)

    def stop(self) -> None:
        """Switches the motors off; the robot rolls out within a few centimetres."""
        self._data.ctrl[:] = 0

    def close(self) -> None:
        """Frees MuJoCo's renderer, if there is one."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None

    def picture(self) -> np.ndarray:
        """Returns the arena in its true aspect with the goal and the heading, for people."""
        return self._people.draw(
            self._position(), heading=float(self._heading()), goal=constants.GOAL_ARENA)

    def place(self, position, heading: float) -> None:
        """Puts the robot at rest at `position`, (2,) in arena units, facing `heading` radians."""
        mujoco.mj_resetData(self._model, self._data)
        self._data.qpos[0] = (position[0] - 0.5) * constants.ARENA_X_METERS
        self._data.qpos[1] = (0.5 - position[1]) * constants.ARENA_Y_METERS
        self._data.qpos[3:7] = [np.cos(heading / 2), 0, 0, np.sin(heading / 2)]
        mujoco.mj_forward(self._model, self._data)

    def tilt(self) -> float:
        """Returns how far the robot leans from upright, in radians."""
        _, x, y, _ = self._data.qpos[3:7]
        return float(np.arccos(np.clip(1 - 2 * (x * x + y * y), -1, 1)))

    def set_light(self, light: float) -> None:
        """Sets the brightness of the room; 1 is usual."""
        self._light = light
        self._apply_light()

    def vary(self) -> None:
        """Draws masses, friction, gains, latency and looks anew, where that is switched on."""
        drawn = self._randomiser.draw()
        self._latency = drawn.latency_seconds
        self._image.vary(drawn.camera_shift_meters[:2], *drawn.colour_shifts)
        self._apply_light()

    def _apply_light(self) -> None:
        for renderer in (self._image, self._people):
            renderer.light = self._light * self._randomiser.drawn.light
        # The renderer's limits hold for MuJoCo's picture too.
        self._randomiser.set_light(self._image.light / self._randomiser.drawn.light)

    def _position(self) -> np.ndarray:
        x, y = self._data.qpos[:2]
        return np.array([x / constants.ARENA_X_METERS + 0.5,
                         0.5 - y / constants.ARENA_Y_METERS], np.float32)

    def _heading(self) -> np.ndarray:
        w, x, y, z = self._data.qpos[3:7]
        return np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z)).astype(np.float32)

    def _mujoco_image(self) -> np.ndarray:
        self._renderer.update_scene(self._data, camera='top')
        return area_mean(self._renderer.render(), self._shrink_rows, self._shrink_columns)
