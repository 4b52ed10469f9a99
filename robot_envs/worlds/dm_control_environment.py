"""A task of dm_control as this package's robots are: named vectors or a picture."""

from __future__ import annotations

from typing import Any, Dict, Optional

import numpy as np
from tf_agents.environments import dm_control_wrapper
from tf_agents.specs import array_spec
from tf_agents.trajectories import time_step as ts

from robot_envs.mujoco_gl import make_renderer

_IMAGE_SIZE_PX = 64
_PEOPLE_SIZE_PX = 256


class DmControlEnvironment(dm_control_wrapper.DmControlWrapper):
    """A `dm_control.rl.control.Environment`, each observation one float32 vector.

    Observation: {name: float32 (N,)}, scalars as (1,), matrices in one row; or, for `pixels`,
    {'image': uint8 (64, 64, 3)} alone. Action: that of the task. The discount is 0 where the task
    says that it has failed or is done, and 1 at its time limit.
    """

    def __init__(self, env, *, pixels: bool = False, camera: int = 0):
        """Wraps a task.

        Args:
            env: of `dm_control.suite.load`.
            pixels: observe the picture of a camera instead of the vectors.
            camera: its number in the task's model; the free camera if there is none.

        Raises:
            RobotError: `pixels`, and there is no GL library.
        """
        super().__init__(env)
        self._pixels = pixels
        self._camera = min(camera, env.physics.model.ncam - 1)
        self._renderers: Dict[int, Any] = {}  # By the picture's size.
        # Shadows and multisampling make a picture of this size some 50 times slower.
        quality = env.physics.model.ptr.vis.quality
        quality.shadowsize, quality.offsamples = 0, 0
        if pixels:
            self._renderer(_IMAGE_SIZE_PX)

    def observation_spec(self):
        """Returns the specs that the class names."""
        if self._pixels:
            shape = (_IMAGE_SIZE_PX, _IMAGE_SIZE_PX, 3)
            return {"image": array_spec.BoundedArraySpec(shape, np.uint8, 0, 255, "image")}
        return {
            key: array_spec.ArraySpec((int(np.prod(spec.shape)),), np.float32, key)
            for key, spec in super().observation_spec().items()
        }

    def get_info(self) -> Dict[str, Any]:
        """Returns 'time', in seconds of the simulation."""
        return {"time": float(self._env.physics.time())}

    def render(self, mode: str = "rgb_array") -> np.ndarray:
        """Returns a picture for people, uint8 (256, 256, 3).

        Raises:
            RobotError: there is no GL library; the line names the package.
        """
        if mode != "rgb_array":
            raise NotImplementedError(f"render mode '{mode}'; only 'rgb_array' is there")
        return self._picture(_PEOPLE_SIZE_PX)

    def close(self) -> None:
        """Frees the task and the renderers. Harmless when called again."""
        self._forget_renderers()
        super().close()

    def _reset(self) -> ts.TimeStep:
        time_step = self._env.reset()
        if self._env.physics.model.nhfield:  # A renderer keeps the hills that it was made with.
            self._forget_renderers()
        return self._observed(time_step)

    def _step(self, action: np.ndarray) -> ts.TimeStep:
        return self._observed(self._env.step(np.asarray(action, np.float64)))

    def _observed(self, time_step) -> ts.TimeStep:
        if self._pixels:
            observation = {"image": self._picture(_IMAGE_SIZE_PX)}
        else:
            observation = {
                key: np.array(value, np.float32).reshape(-1)
                for key, value in time_step.observation.items()
            }
        return ts.TimeStep(
            ts.StepType(time_step.step_type),
            np.float32(_or(time_step.reward, 0.0)),
            np.float32(_or(time_step.discount, 1.0)),
            observation,
        )

    def _picture(self, size: int) -> np.ndarray:
        renderer = self._renderer(size)
        renderer.update_scene(self._env.physics.data.ptr, camera=self._camera)
        return renderer.render().copy()

    def _renderer(self, size: int):
        if size not in self._renderers:
            self._renderers[size] = make_renderer(self._env.physics.model.ptr, size, size)
        return self._renderers[size]

    def _forget_renderers(self) -> None:
        while self._renderers:
            self._renderers.popitem()[1].close()


def _or(value: Optional[float], otherwise: float) -> float:
    """Returns `value`; dm_control gives None with the first step."""
    return otherwise if value is None else value
