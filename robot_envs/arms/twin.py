"""An arm with a gripper, objects and two bins in MuJoCo."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from robot_envs.arms import constants
from robot_envs.arms.damped_least_squares import DampedLeastSquares
from robot_envs.arms.ray_caster import RayCaster
from robot_envs.arms.workspace import Workspace
from robot_envs.errors import RobotError
from robot_envs.mujoco_gl import import_mujoco, make_renderer
from robot_envs.randomisation import ModelRandomiser, Randomisation
from robot_envs.robot import Reading, Robot

mujoco = import_mujoco()

_SERVO_SECONDS = 0.02  # New targets for the joints' servos this often.
_MOVE_SECONDS = 0.3  # A move takes this long at least ...
_METERS_PER_SECOND = 0.25  # ... and a far one has this mean speed ...
_MOVE_SHARE = 0.7  # ... if that is over after this part of its command.
_LOOK_SECONDS = 0.1  # How often an arm that waits looks whether anything still moves.
# An arm is at rest below this speed, an object below these, turning and else: one that is held for
# seconds creeps between the pads.
_ARM_REST_RADIANS_PER_SECOND = 2e-3
_OBJECT_REST_RADIANS_PER_SECOND = 0.1
_OBJECT_REST_METERS_PER_SECOND = 5e-3
_PEOPLE_PX = 256
_FINE = 2  # MuJoCo's pixels along each axis of one of the task's.


class ArmModel(NamedTuple):
    """What tells one arm's twin from another's.

    Attributes:
        name: of the robot, for errors.
        rate_hz: steps of its task a second.
        path: of the MJCF model; its first joints are the arm's, then those of the two fingers.
        home: (N,) radians, where the twin starts.
        rotation: (3, 3) of the tool in the base frame, in every pose.
        rotation_vector: (3,) radians, the same; read poses are given near it.
        workspace: where the arm works.
        objects: names of bodies with a free joint.
        solid: names of the geoms that throw shadows besides the gripper's.
        depth: whether the camera sees depth.
    """

    name: str
    rate_hz: float
    path: Path
    home: np.ndarray
    rotation: np.ndarray
    rotation_vector: np.ndarray
    workspace: Workspace
    objects: Tuple[str, ...]
    solid: Tuple[str, ...]
    depth: bool


class ArmTwin(Robot):
    """A position-controlled arm; readings and command are those of `constants.py`."""

    def __init__(
        self,
        arm: ArmModel,
        *,
        seed: int,
        picture: str = 'numpy',
        light: float = 1.0,
        randomisation: Optional[Randomisation] = None,
    ):
        """Puts the arm at home and the objects into the left bin, at random.

        Args:
            arm: which one.
            seed: of the objects' places, and of what `vary` draws.
            picture: who draws the pictures: 'numpy' (no library needed) or 'mujoco' (a GL library).
            light: brightness of the room, 1 is usual.
            randomisation: what varies; as gin sets it if None.

        Raises:
            RobotError: `picture` is neither, or MuJoCo's renderer has no GL library.
        """
        if picture not in ('numpy', 'mujoco'):
            raise RobotError(
                f"{arm.name}: picture='{picture}' is unknown; choose 'numpy' or 'mujoco'")
        self._arm = arm
        self._model = mujoco.MjModel.from_xml_path(str(arm.path))
        self._data = mujoco.MjData(self._model)
        joints = len(arm.home)
        self._joints = slice(0, joints)
        self._fingers = slice(joints, joints + 2)
        gains = self._model.actuator_gainprm[self._joints, 0]
        # A servo that is told the speed too does not lag behind by kv / kp seconds.
        self._lead_seconds = -self._model.actuator_biasprm[self._joints, 2] / gains
        self._tool = self._model.site('tool').id
        self._bodies = [self._model.body(name).id for name in arm.objects]
        self._inverse = DampedLeastSquares(
            self._model, site='tool', joints=joints, home=arm.home, rotation=arm.rotation,
            damping=constants.IK_DAMPING, pull=constants.IK_PULL)
        self._rest_speeds = self._make_rest_speeds()
        self._target = np.zeros(3)
        self._place_all(np.random.default_rng(seed))
        self._caster = self._make_caster('scene', constants.IMAGE_SIZE_PX)
        self._people: Optional[RayCaster] = None
        self._renderer: Optional[Any] = None
        if picture == 'mujoco':
            size = _FINE * constants.IMAGE_SIZE_PX
            self._renderer = make_renderer(self._model, size, size)
        self._latency_seconds = 0.0
        self._randomiser = ModelRandomiser(self._model, randomisation or Randomisation(), seed=seed)
        self.set_light(light)

    def connect(self) -> None:
        """Does nothing: a twin is always there."""

    def read(self) -> Reading:
        """Returns the readings of `constants.py`."""
        values = self._pictures()
        values['pose'] = self.pose()
        values['joint_angles'] = self._data.qpos[self._joints].copy()
        closed = self._data.qpos[self._fingers].mean() / constants.FINGER_TRAVEL_METERS
        values['gripper_position'] = np.clip(closed, 0, 1)
        values['objects'] = self.objects()
        return Reading(values, float(self._data.time))

    def command(self, values: np.ndarray, seconds: float) -> None:
        """Moves the tool straight to `values[:3]` and the gripper to `values[3]`.

        Raises:
            RobotError: the arm does not reach the place.
        """
        end = self._data.time + seconds
        self._let_pass(min(self._latency_seconds, seconds / 2))
        goal = np.asarray(values[:3], np.float64)
        opened, closed = constants.GRIPPER_COMMAND_METERS
        self._data.ctrl[self._fingers] = opened + values[3] * (closed - opened)
        if np.abs(goal - self._target).max() > 1e-6:
            far = float(np.linalg.norm(goal - self._target))
            self._move(goal, min(max(_MOVE_SECONDS, far / _METERS_PER_SECOND),
                                 _MOVE_SHARE * (end - self._data.time)))
            self._target = goal
        self._wait(end)

    def stop(self) -> None:
        """Holds the arm where it is."""
        self._data.ctrl[self._joints] = self._data.qpos[self._joints]
        self._target = self._data.site_xpos[self._tool].copy()

    def close(self) -> None:
        """Frees MuJoCo's renderer, if there is one."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None

    def picture(self) -> np.ndarray:
        """Returns arm and bins from the side, uint8 (256, 256, 3), for people."""
        if self._people is None:
            self._people = self._make_caster('people', _PEOPLE_PX)
        return self._people.draw(self._data, self._brightness())[0]

    def set_light(self, light: float) -> None:
        """Sets the brightness of the room; 1 is usual. May be called in the middle of a run."""
        self._light = float(np.clip(light, constants.LIGHT_MIN, constants.LIGHT_MAX))
        self._randomiser.set_light(self._light)

    def vary(self) -> None:
        """Draws masses, friction, gains, latency and looks anew, where that is switched on."""
        if not self._randomiser.is_on:
            return
        self._latency_seconds = self._randomiser.draw().latency_seconds
        mujoco.mj_forward(self._model, self._data)
        # Their still parts were drawn with the colours and from the places of before.
        self._caster = self._make_caster('scene', constants.IMAGE_SIZE_PX)
        self._people = None

    @property
    def physics(self) -> Tuple[Any, Any]:
        """MuJoCo's model and data, for an emulator that moves them itself."""
        return self._model, self._data

    def angles_near(self, position: np.ndarray, angles: np.ndarray) -> np.ndarray:
        """Returns joint angles (N,) with the tool at `position`, (3,) metres, near `angles`.

        Raises:
            RobotError: the arm does not reach it.
        """
        return self._inverse.near(position, angles)

    def draw(self) -> Tuple[np.ndarray, Optional[np.ndarray]]:
        """Returns what the camera sees, uint8 (64, 64, 3), and its depth if it has any.

        Depth is float32 (64, 64) in metres along the view, 0 at the picture's middle.
        """
        if self._renderer is None:
            image, depth = self._caster.draw(self._data, self._brightness())
        else:
            image, depth = self._mujoco_pictures()
        return image, depth if self._arm.depth else None

    def pose(self) -> np.ndarray:
        """Returns the tool's pose (6,), as in `constants.py`."""
        quaternion, rotation = np.zeros(4), np.zeros(3)
        mujoco.mju_mat2Quat(quaternion, self._data.site_xmat[self._tool])
        mujoco.mju_quat2Vel(rotation, quaternion, 1)
        if rotation @ self._arm.rotation_vector < 0:  # The tool points down: half a turn, or minus.
            rotation *= 1 - 2 * np.pi / np.linalg.norm(rotation)
        return np.concatenate([self._data.site_xpos[self._tool], rotation])

    def objects(self) -> np.ndarray:
        """Returns the objects' middles (n, 3) in metres in the base frame."""
        return self._data.xpos[self._bodies].copy()

    def put_objects(self, positions: Sequence[np.ndarray]) -> None:
        """Puts the objects at rest at `positions`, (n, 3) metres in the base frame."""
        for body, position in zip(self._bodies, positions):
            joint = self._model.body_jntadr[body]
            start = self._model.jnt_qposadr[joint]
            self._data.qpos[start:start + 7] = [*position, 1, 0, 0, 0]
            start = self._model.jnt_dofadr[joint]
            self._data.qvel[start:start + 6] = 0
        mujoco.mj_forward(self._model, self._data)

    def _make_rest_speeds(self) -> np.ndarray:
        """Returns for each degree of freedom the speed below which nobody sees it move."""
        speeds = np.full(self._model.nv, _OBJECT_REST_METERS_PER_SECOND)
        speeds[:self._fingers.stop] = _ARM_REST_RADIANS_PER_SECOND
        for body in self._bodies:
            start = self._model.body_dofadr[body]
            speeds[start + 3:start + 6] = _OBJECT_REST_RADIANS_PER_SECOND
        return speeds

    def _place_all(self, random: np.random.Generator) -> None:
        work = self._arm.workspace
        self._data.qpos[self._joints] = self._arm.home
        self._data.ctrl[self._joints] = self._arm.home
        cells = [(across, along) for across in work.left for along in work.along]
        chosen = random.choice(len(cells), len(self._bodies), replace=False)
        away = constants.GRID_METERS / 4
        places = []
        for cell in chosen:
            across, along = np.array(cells[cell]) + random.uniform(-away, away, 2)
            places.append(work.position(work.place(across, along, False)))
        self.put_objects(places)
        self._target = self._data.site_xpos[self._tool].copy()

    def _move(self, goal: np.ndarray, seconds: float) -> None:
        """Follows joint angles through way-points on the line to `goal`, from rest to rest."""
        shares = np.linspace(0, 1, constants.WAY_POINTS + 1)
        path = np.array([self._data.ctrl[self._joints].copy()] + [
            self._inverse(self._target + share * (goal - self._target)) for share in shares[1:]])
        count = max(1, round(seconds / _SERVO_SECONDS))
        times = np.arange(1, count + 1) / count
        at = times**3 * (10 - 15 * times + 6 * times**2)  # Least jerk.
        angles = np.stack([np.interp(at, shares, path[:, joint])
                           for joint in range(path.shape[1])], 1)
        speeds = np.diff(angles, axis=0, prepend=path[:1]) / _SERVO_SECONDS
        targets = angles + speeds * self._lead_seconds
        steps = round(_SERVO_SECONDS / self._model.opt.timestep)
        for target in targets:
            self._data.ctrl[self._joints] = target
            mujoco.mj_step(self._model, self._data, steps)
        self._data.ctrl[self._joints] = path[-1]

    def _brightness(self) -> float:
        return self._light * self._randomiser.drawn.light

    def _let_pass(self, seconds: float) -> None:
        steps = round(seconds / self._model.opt.timestep)
        if steps:
            mujoco.mj_step(self._model, self._data, steps)

    def _wait(self, end: float) -> None:
        """Lets time pass until `end`; when nothing moves any more, at once."""
        step = self._model.opt.timestep
        while True:
            left = round((end - self._data.time) / step)
            if left <= 0:
                return
            mujoco.mj_step(self._model, self._data, min(left, round(_LOOK_SECONDS / step)))
            if np.all(np.abs(self._data.qvel) < self._rest_speeds):
                self._data.time = max(end, self._data.time)

    def _pictures(self) -> Dict[str, np.ndarray]:
        image, depth = self.draw()
        if depth is None:
            return {'image': image}
        near, far = constants.DEPTH_RANGE_METERS
        scaled = np.clip((depth - near) / (far - near), 0, 1)
        return {'image': image, 'depth': (255 * scaled + 0.5).astype(np.uint8)[..., None]}

    def _mujoco_pictures(self) -> Tuple[np.ndarray, np.ndarray]:
        self._renderer.update_scene(self._data, camera='scene')
        image = _means(self._renderer.render().astype(np.float32))
        if not self._arm.depth:
            return (image + 0.5).astype(np.uint8), np.zeros(0)
        self._renderer.enable_depth_rendering()
        depth = _means(self._renderer.render()) - constants.CAMERA_DISTANCE_METERS
        self._renderer.disable_depth_rendering()
        return (image + 0.5).astype(np.uint8), depth

    def _make_caster(self, camera: str, size_px: int) -> RayCaster:
        floor = self._arm.workspace.table - constants.TABLE_TOOL_METERS
        return RayCaster(self._model, self._data, camera=camera, size_px=size_px,
                         distance_meters=constants.CAMERA_DISTANCE_METERS, floor_meters=floor,
                         shadows=('palm', 'pad_a', 'pad_b', *self._arm.solid))


def _means(fine: np.ndarray) -> np.ndarray:
    size = fine.shape[0] // _FINE
    return fine.reshape(size, _FINE, size, _FINE, -1).mean((1, 3)).squeeze()
