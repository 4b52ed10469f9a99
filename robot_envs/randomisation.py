"""Domain randomisation: a twin that is a slightly different robot in every episode.

Off by default; switched on by gin, for instance

    Randomisation.mass = 0.2                # each body 80% to 120% of its mass
    Randomisation.latency_seconds = 0.02    # commands up to 20 ms late
"""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import gin
import numpy as np

from robot_envs.errors import RobotError
from robot_envs.mujoco_gl import import_mujoco

mujoco = import_mujoco()


@gin.configurable
@dataclasses.dataclass(frozen=True)
class Randomisation:
    """How far a twin may be from its nominal self; every draw is uniform and starts from nominal.

    Attributes:
        mass: share, of each body's mass and inertia on its own; below 1, as all shares.
        friction: share, of all surfaces together.
        gain: share, of each motor's servo gains on its own.
        latency_seconds: commands come late by 0 to this.
        camera_meters: each camera is moved by up to this along each axis.
        camera_radians: each camera is turned by up to this about each axis.
        light: share, of the brightness of all lamps together.
        colour: each colour channel of each part is moved by up to this, 1 being full.
    """

    mass: float = 0.0
    friction: float = 0.0
    gain: float = 0.0
    latency_seconds: float = 0.0
    camera_meters: float = 0.0
    camera_radians: float = 0.0
    light: float = 0.0
    colour: float = 0.0

    def __post_init__(self):
        for name, value in dataclasses.asdict(self).items():
            share = name in ("mass", "friction", "gain", "light")
            if not 0 <= value < (1 if share else np.inf):
                expected = "at least 0 and below 1" if share else "at least 0"
                raise RobotError(f"Randomisation.{name} must be {expected}, not {value}")

    @property
    def is_on(self) -> bool:
        """Whether anything varies."""
        return any(dataclasses.astuple(self))


class Draw(NamedTuple):
    """What holds until the next draw, for what MuJoCo's model does not hold.

    Attributes:
        latency_seconds: how late commands come.
        light: brightness, 1 is nominal.
        camera_shift_meters: (3,) of the first camera.
        colour_shifts: (2, 3) for a picture that is drawn without MuJoCo: ground and robot.
    """

    latency_seconds: float = 0.0
    light: float = 1.0
    camera_shift_meters: np.ndarray = np.zeros(3)
    colour_shifts: np.ndarray = np.zeros((2, 3))


class ModelRandomiser:
    """Draws a MuJoCo model anew, always from what it was when this was made."""

    def __init__(self, model, settings: Randomisation, *, seed: int):
        """Keeps the nominal values of `model`.

        Args:
            model: a `mujoco.MjModel`, changed in place by `draw` and `set_light`.
            settings: what varies and how far.
            seed: of all draws; nothing else is drawn from the same numbers.
        """
        self._model = model
        self._settings = settings
        self._random = np.random.default_rng([seed, 0x5EED])
        names = ("body_mass", "body_inertia", "geom_friction", "actuator_gainprm",
                 "actuator_biasprm", "cam_pos", "cam_quat", "light_diffuse", "light_ambient",
                 "geom_rgba", "mat_rgba")
        self._nominal = {name: getattr(model, name).copy() for name in names}
        headlight = model.vis.headlight
        self._headlight = headlight.diffuse.copy(), headlight.ambient.copy()
        self._light = 1.0  # Set by people; the drawn one is a factor on it.
        self.drawn = Draw()

    @property
    def is_on(self) -> bool:
        """Whether anything varies."""
        return self._settings.is_on

    def draw(self) -> Draw:
        """Draws everything that is switched on, applies it to the model and returns the rest."""
        settings, nominal, model = self._settings, self._nominal, self._model
        if not settings.is_on:
            return self.drawn
        masses = self._share(settings.mass, model.nbody)
        model.body_mass[:] = nominal["body_mass"] * masses
        model.body_inertia[:] = nominal["body_inertia"] * masses[:, None]
        model.geom_friction[:, 0] = nominal["geom_friction"][:, 0] * self._share(settings.friction)
        gains = self._share(settings.gain, model.nu)[:, None]
        model.actuator_gainprm[:] = nominal["actuator_gainprm"] * gains
        model.actuator_biasprm[:] = nominal["actuator_biasprm"] * gains
        shifts = self._uniform(settings.camera_meters, max(1, model.ncam), 3)
        turns = self._uniform(settings.camera_radians, max(1, model.ncam), 3)
        model.cam_pos[:] = nominal["cam_pos"] + shifts[:model.ncam]
        for index in range(model.ncam):
            mujoco.mju_mulQuat(model.cam_quat[index], nominal["cam_quat"][index],
                               _quaternion(turns[index]))
        for name in ("geom_rgba", "mat_rgba"):
            colours = nominal[name][:, :3]
            moved = colours + self._uniform(settings.colour, *colours.shape)
            getattr(model, name)[:, :3] = np.clip(moved, 0, 1)
        self.drawn = Draw(
            float(self._random.uniform(0, settings.latency_seconds)),
            float(self._share(settings.light)),
            shifts[0],
            self._uniform(settings.colour, 2, 3),
        )
        mujoco.mj_setConst(model, mujoco.MjData(model))  # What follows from the masses.
        self._apply_light()
        return self.drawn

    def set_light(self, light: float) -> None:
        """Sets the brightness of all lamps, 1 is usual; what is drawn is a factor on it."""
        self._light = light
        self._apply_light()

    def _apply_light(self) -> None:
        factor = self._light * self.drawn.light
        for name in ("light_diffuse", "light_ambient"):
            getattr(self._model, name)[:] = self._nominal[name] * factor
        headlight = self._model.vis.headlight
        headlight.diffuse[:], headlight.ambient[:] = (v * factor for v in self._headlight)

    def _share(self, share: float, *shape: int):
        return 1 + self._uniform(share, *shape)

    def _uniform(self, reach: float, *shape: int):
        return self._random.uniform(-reach, reach, shape or None)


def _quaternion(turn: np.ndarray) -> np.ndarray:
    """Returns the unit quaternion of a rotation vector (3,) in radians."""
    angle = float(np.linalg.norm(turn))
    axis = turn / angle if angle > 0 else np.array([1.0, 0.0, 0.0])
    quaternion = np.zeros(4)
    mujoco.mju_axisAngle2Quat(quaternion, axis, angle)
    return quaternion
