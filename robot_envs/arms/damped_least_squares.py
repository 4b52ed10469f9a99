"""Joint angles for a pose of the tool, by damped least squares."""

from __future__ import annotations

from typing import Dict, Tuple

import numpy as np

from robot_envs.errors import RobotError
from robot_envs.mujoco_gl import import_mujoco

mujoco = import_mujoco()

_MAX_ITERATIONS = 100
_TOLERANCE = 5e-4  # Metres and radians.
_SETTLED_RADIANS = 2e-3  # An iteration's change: the pull to home has done what it can.
_STEP_LIMIT = 0.3  # Of the error in one iteration, metres and radians.


class DampedLeastSquares:
    """Inverse kinematics that gives the same angles for the same pose, whatever came before.

    Every search starts from the home pose, so the angles are a function of the pose alone, and each
    pose is searched once. One iteration, with the damping l and the pull to home k:

        dq = J' (J J' + l^2 I)^-1 e + k (I - J' (J J' + l^2 I)^-1 J) (home - q)

    (Buss, Introduction to Inverse Kinematics, 2004, sections 6 and 7).
    """

    def __init__(
        self, model, *, site: str, joints: int, home: np.ndarray, rotation: np.ndarray,
        damping: float, pull: float,
    ):
        """Prepares the search.

        Args:
            model: a `mujoco.MjModel` whose first `joints` degrees of freedom are the arm's.
            site: whose pose is meant.
            joints: N.
            home: (N,) radians.
            rotation: (3, 3) of the site in the world, in every pose.
            damping: l, as above.
            pull: k, as above, 0 to 1.
        """
        self._model = model
        self._data = mujoco.MjData(model)
        self._site = model.site(site).id
        self._joints = joints
        self._home = np.asarray(home, np.float64)
        self._quaternion = np.zeros(4)
        mujoco.mju_mat2Quat(self._quaternion, np.asarray(rotation, np.float64).ravel())
        self._damping = damping**2 * np.eye(6)
        self._pull = pull
        self._known: Dict[Tuple[float, ...], np.ndarray] = {}

    def __call__(self, position: np.ndarray) -> np.ndarray:
        """Returns the joint angles (N,) in radians for `position`, (3,) metres in the world.

        Raises:
            RobotError: the arm does not reach it.
        """
        key = tuple(np.round(position, 4))
        if key not in self._known:
            angles = self._search(np.array(key), self._home, settle=True)
            self._known[key] = np.round(angles, 9)  # The last digits depend on the threads of BLAS.
        return self._known[key]

    def near(self, position: np.ndarray, angles: np.ndarray) -> np.ndarray:
        """Returns joint angles (N,) for `position` that are near `angles`, (N,) radians.

        That is much quicker on a path, but what comes out depends a little on what came before.

        Raises:
            RobotError: the arm does not reach it.
        """
        return self._search(position, angles, settle=False)

    def _search(self, position: np.ndarray, start: np.ndarray, *, settle: bool) -> np.ndarray:
        model, data, count = self._model, self._data, self._joints
        low, high = model.jnt_range[:count].T
        jacobian = np.zeros((6, model.nv))
        data.qpos[:count] = start
        for _ in range(_MAX_ITERATIONS):
            mujoco.mj_kinematics(model, data)
            mujoco.mj_comPos(model, data)
            error = self._error(position)
            angles = data.qpos[:count].copy()
            mujoco.mj_jacSite(model, data, jacobian[:3], jacobian[3:], self._site)
            arm = jacobian[:, :count]
            inverse = arm.T @ np.linalg.inv(arm @ arm.T + self._damping)
            away = self._home - angles
            free = away - inverse @ (arm @ away)
            change = inverse @ np.clip(error, -_STEP_LIMIT, _STEP_LIMIT) + self._pull * free
            is_settled = not settle or np.abs(change).max() < _SETTLED_RADIANS
            if np.abs(error).max() < _TOLERANCE and is_settled:
                return angles
            data.qpos[:count] = np.clip(angles + change, low, high)
        raise RobotError(f'the arm does not reach {position.round(3).tolist()}: '
                         f'off by {np.abs(error).max():.4f} m or rad')

    def _error(self, position: np.ndarray) -> np.ndarray:
        quaternion, difference, rotation = np.zeros(4), np.zeros(4), np.zeros(3)
        mujoco.mju_mat2Quat(quaternion, self._data.site_xmat[self._site])
        mujoco.mju_negQuat(quaternion, quaternion)
        mujoco.mju_mulQuat(difference, self._quaternion, quaternion)
        mujoco.mju_quat2Vel(rotation, difference, 1)
        return np.concatenate([position - self._data.site_xpos[self._site], rotation])
