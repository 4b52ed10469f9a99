"""`gym:<id>`: whatever Gymnasium can make."""

from __future__ import annotations

import importlib
import os
from typing import Optional, Tuple

import gin
from tf_agents.environments import py_environment

from robot_envs.errors import RobotError
from robot_envs.mujoco_gl import import_mujoco
from robot_envs.registry import RobotEntry
from robot_envs.worlds.extras import import_extra, near
from robot_envs.worlds.gymnasium_environment import GymnasiumEnvironment
from robot_envs.wrappers.action_check import ActionCheck
from robot_envs.wrappers.action_scaling import ActionScaling
from robot_envs.wrappers.image_resize import ImageResize
from robot_envs.wrappers.sensor_check import SensorCheck

_RATE_HZ = 30.0  # Of videos, where an environment does not say.
_TIMELESS_STEPS = 1000


def entry(name: str) -> RobotEntry:
    """Returns what is known about `gym:<id>`.

    Raises:
        RobotError: Gymnasium is not installed, or has no such id.
    """
    spec = _spec(name)
    return RobotEntry(
        name,
        f"Gymnasium: {spec.id}",
        float(_metadata(spec).get("render_fps") or _RATE_HZ),
        spec.max_episode_steps or _TIMELESS_STEPS,
        ("twin",),
        __name__,
        gin_file="gym",
        arguments=(name,),
        curve_value="return",
    )


@gin.configurable("make_gym", denylist=["name", "seed", "episode_steps"])
def make_twin(
    name: str,
    seed: int,
    *,
    episode_steps: Optional[int] = None,
    options: Tuple[Tuple[str, object], ...] = (),
) -> py_environment.PyEnvironment:
    """Returns an environment of Gymnasium with actions in [-1, 1] and pictures of 64 x 64.

    Args:
        name: `gym:<id>`, or `gym:<module>:<id>` where importing the module registers the id.
        seed: of everything random in it.
        episode_steps: after so many it is truncated; None for the number of its registration.
        options: of the environment itself, as pairs: (("gravity", 9.81),).

    Raises:
        RobotError: see `entry`; or it needs another package, or has spaces that do not fit.
    """
    gymnasium = import_extra("gymnasium", "gym")
    # pygame, which draws the others, starts sound too, and complains where there is none.
    os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
    spec = _spec(name)
    draws = "rgb_array" in _metadata(spec).get("render_modes", ())
    try:
        world = gymnasium.make(
            spec.id,
            max_episode_steps=episode_steps or spec.max_episode_steps or _TIMELESS_STEPS,
            render_mode="rgb_array" if draws else None,
            disable_env_checker=True,  # `SensorCheck` does it, and names the robot.
            **dict(options),
        )
    except (gymnasium.error.Error, ImportError, TypeError) as error:
        raise RobotError(f"{name} cannot be made: {' '.join(str(error).split())[:300]}") from error
    env = ImageResize(GymnasiumEnvironment(world, seed=seed, robot=name))
    return ActionCheck(ActionScaling(SensorCheck(env, robot=name), robot=name), robot=name)


def _spec(name: str):
    """Returns Gymnasium's `EnvSpec`."""
    import_mujoco()  # Before its MuJoCo robots do, so that they find the GL library that is there.
    gymnasium = import_extra("gymnasium", "gym")
    module, _, wanted = name.partition(":")[2].rpartition(":")
    if module:
        try:
            importlib.import_module(module)
        except ImportError as error:
            raise RobotError(f"unknown robot '{name}': {error}") from error
    try:
        return gymnasium.spec(wanted)
    except gymnasium.error.Error as error:
        raise RobotError(
            f"unknown robot '{name}': Gymnasium has no '{wanted}'; near it: "
            f"{near(wanted, list(gymnasium.registry))}"
        ) from error


def _metadata(spec) -> dict:
    """Returns what the environment's class says about its pictures; {} if it cannot be had."""
    registration = import_extra("gymnasium.envs.registration", "gym")
    try:
        creator = spec.entry_point
        if isinstance(creator, str):
            creator = registration.load_env_creator(creator)
        return getattr(creator, "metadata", None) or {}
    except Exception:  # A package that it needs is missing: making it says which.
        return {}
