"""An environment of Gymnasium as this package's robots are."""

from __future__ import annotations

import warnings
from typing import Any, Dict, List, NamedTuple, Tuple

import numpy as np
from tf_agents.environments import py_environment
from tf_agents.specs import array_spec
from tf_agents.trajectories import time_step as ts

from robot_envs.errors import RobotError
from robot_envs.time_steps import last_step, mid_step
from robot_envs.worlds.extras import import_extra

_PICTURE_MIN_PX = 16  # A smaller array of bytes is a board, not a picture.


class _Leaf(NamedTuple):
    """One observation: where it is in what Gymnasium gives, its space, and what becomes of it."""

    path: Tuple[Any, ...]
    space: Any
    spec: array_spec.ArraySpec


class GymnasiumEnvironment(py_environment.PyEnvironment):
    """A `gymnasium.Env` with a flat dict of observations.

    Observation: pictures (Box of bytes, height x width or height x width x 1 to 4) as uint8
    (height, width, C), everything else as a float32 vector (N,), Discrete one-hot. A single space
    is called 'image' or 'state'; in Dict and Tuple the names of nested spaces are joined by '_'.
    Action: float32 (A,) within the bounds of a Box, or int32 from 0. A termination ends with
    discount 0, a truncation with discount 1.
    """

    def __init__(self, env, *, seed: int, robot: str):
        """Wraps `env`.

        Args:
            env: a `gymnasium.Env`.
            seed: of everything random in it.
            robot: named in errors.

        Raises:
            RobotError: an observation or action space that no policy here can take.
        """
        super().__init__(handle_auto_reset=True)  # A step after the last one is a reset.
        self._spaces = import_extra("gymnasium", "gym").spaces
        self._env = env
        self._seeds = [seed]  # Used up by the first reset.
        self._robot_name = robot
        self._info: Dict[str, Any] = {}
        self._leaves: Dict[str, _Leaf] = {}
        self._find_leaves(env.observation_space, (), [])
        self._action_spec = self._make_action_spec(env.action_space)

    def observation_spec(self):
        """Returns the specs that the class names."""
        return {key: leaf.spec for key, leaf in self._leaves.items()}

    def action_spec(self):
        """Returns float32 (A,) within the space's own bounds, or int32 () from 0."""
        return self._action_spec

    def get_info(self) -> Dict[str, Any]:
        """Returns the `info` of the last step."""
        return dict(self._info)

    def render(self, mode: str = "rgb_array"):
        """Returns a picture for people, uint8 (height, width, 3).

        Raises:
            RobotError: the environment cannot draw; the line says what it lacks.
        """
        if mode != "rgb_array" or self._env.render_mode != "rgb_array":
            raise NotImplementedError(f"{self._robot_name} draws no picture")
        try:
            with warnings.catch_warnings():  # pygame's own imports warn.
                warnings.simplefilter("ignore")
                return self._env.render()
        except Exception as error:  # Each drawing library raises its own kinds.
            reason = " ".join(str(error).split()) or type(error).__name__
            raise RobotError(f"{self._robot_name}: no picture: {reason[:200]}") from error

    def close(self) -> None:
        """Frees the environment. Harmless when called again."""
        self._env.close()

    def _reset(self) -> ts.TimeStep:
        seed = self._seeds.pop() if self._seeds else None
        observation, self._info = self._env.reset(seed=seed)
        return ts.restart(self._converted(observation))

    def _step(self, action: np.ndarray) -> ts.TimeStep:
        space = self._env.action_space
        if isinstance(space, self._spaces.Discrete):
            raw = space.start + int(action)
        else:
            raw = np.asarray(action, space.dtype).reshape(space.shape)
        observation, reward, terminated, truncated, self._info = self._env.step(raw)
        converted = self._converted(observation)
        if terminated or truncated:
            return last_step(converted, reward, terminal=bool(terminated))
        return mid_step(converted, reward)

    def _converted(self, observation) -> Dict[str, np.ndarray]:
        """Returns new arrays: what Gymnasium gives may be a buffer that it writes to again."""
        converted = {}
        for key, (path, space, spec) in self._leaves.items():
            value = observation
            for name in path:
                value = value[name]
            if spec.dtype != np.uint8:
                value = self._spaces.flatten(space, value)
            converted[key] = np.array(value, spec.dtype).reshape(spec.shape)
        return converted

    def _find_leaves(self, space, path: Tuple[Any, ...], names: List[str]) -> None:
        if isinstance(space, self._spaces.Dict):
            for key, inner in space.spaces.items():
                self._find_leaves(inner, (*path, key), [*names, str(key)])
            return
        if isinstance(space, self._spaces.Tuple):
            for index, inner in enumerate(space.spaces):
                self._find_leaves(inner, (*path, index), [*names, f"state{index}"])
            return
        shape = _picture_shape(space)
        key = "_".join(names) or ("image" if shape else "state")
        if shape:
            spec = array_spec.BoundedArraySpec(shape, np.uint8, 0, 255, key)
        else:
            spec = array_spec.ArraySpec((self._flat_size(space),), np.float32, key)
        self._leaves[key] = _Leaf(path, space, spec)

    def _flat_size(self, space) -> int:
        try:
            return self._spaces.flatdim(space)
        except (ValueError, NotImplementedError) as error:
            raise RobotError(
                f"{self._robot_name}: observations of the kind {type(space).__name__} have no "
                f"fixed size: wrap the environment so that it gives Box, Discrete or Dict"
            ) from error

    def _make_action_spec(self, space) -> array_spec.BoundedArraySpec:
        if isinstance(space, self._spaces.Discrete):
            return array_spec.BoundedArraySpec((), np.int32, 0, int(space.n) - 1, "action")
        if isinstance(space, self._spaces.Box) and np.issubdtype(space.dtype, np.floating):
            size = int(np.prod(space.shape))
            return array_spec.BoundedArraySpec(
                (size,), np.float32, space.low.reshape(size), space.high.reshape(size), "action"
            )
        raise RobotError(
            f"{self._robot_name}: actions must be a Box of floats or Discrete, not {space}"
        )


def _picture_shape(space) -> Tuple[int, ...]:
    """Returns (height, width, C) if the space is a picture, else ()."""
    shape = tuple(getattr(space, "shape", None) or ())
    if space.dtype != np.uint8 or len(shape) not in (2, 3) or min(shape[:2]) < _PICTURE_MIN_PX:
        return ()
    if len(shape) == 2:
        return (*shape, 1)
    return shape if shape[2] <= 4 else ()
