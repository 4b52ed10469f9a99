"""`dmc:<domain>_<task>` and `dmc_pixels:<domain>_<task>`: the dm_control suite."""

from __future__ import annotations

import functools
from typing import Any, Dict, Optional, Tuple

import gin
from tf_agents.environments import py_environment, wrappers

from robot_envs.errors import RobotError
from robot_envs.mujoco_gl import import_mujoco
from robot_envs.registry import RobotEntry
from robot_envs.worlds.dm_control_environment import DmControlEnvironment
from robot_envs.worlds.extras import import_extra, near
from robot_envs.wrappers.action_check import ActionCheck
from robot_envs.wrappers.action_scaling import ActionScaling
from robot_envs.wrappers.sensor_check import SensorCheck

_CAMERAS = {"quadruped": 2}  # Camera 0 of the others follows the body.
_TIMELESS_STEPS = 1000


def entry(name: str) -> RobotEntry:
    """Returns what is known about the robot `name`, with its prefix.

    Raises:
        RobotError: dm_control is not installed, or has no such task.
    """
    prefix, _, task = name.partition(":")
    domain, task_name = _split(name)
    rate_hz, episode_steps = _rate_and_length(domain, task_name)
    pixels = prefix == "dmc_pixels"
    return RobotEntry(
        name,
        f"dm_control: {domain}, {task_name} ({'picture' if pixels else 'vectors'})",
        rate_hz,
        episode_steps,
        ("twin",),
        __name__,
        gin_file="dmc",
        arguments=(name,),
        curve_value="return",
    )


@gin.configurable("make_dmc", denylist=["name", "seed", "episode_steps"])
def make_twin(
    name: str,
    seed: int,
    *,
    episode_steps: Optional[int] = None,
    action_repeat: int = 1,
) -> py_environment.PyEnvironment:
    """Returns a task of the suite with actions in [-1, 1].

    Args:
        name: with its prefix.
        seed: of everything random in it.
        episode_steps: steps of an episode; None for the task's own time limit.
        action_repeat: control steps that an action is held for; their rewards are added.

    Raises:
        RobotError: see `entry`; or there is no GL library for pixels.
    """
    if action_repeat < 1:
        raise RobotError(f"make_dmc.action_repeat must be at least 1, not {action_repeat}")
    domain, task = _split(name)
    pixels = name.startswith("dmc_pixels:")
    env: py_environment.PyEnvironment = DmControlEnvironment(
        _load(domain, task, time_limit=float("inf"), random=seed),
        pixels=pixels,
        camera=_CAMERAS.get(domain, 0),
    )
    env = SensorCheck(env, robot=name)
    if action_repeat > 1:
        env = wrappers.ActionRepeat(env, action_repeat)
    if episode_steps is None:
        episode_steps = max(1, _rate_and_length(domain, task)[1] // action_repeat)
    env = ActionScaling(wrappers.TimeLimit(env, episode_steps), robot=name)
    return ActionCheck(env, robot=name)


def _suite():
    """Returns dm_control's suite; MuJoCo comes first, with a GL library that is there."""
    import_mujoco()
    return import_extra("dm_control.suite", "dmc")


def _split(name: str) -> Tuple[str, str]:
    """Returns domain and task of a name with its prefix."""
    known: Dict[str, Tuple[str, str]] = {f"{d}_{t}": (d, t) for d, t in _suite().ALL_TASKS}
    prefix, _, wanted = name.partition(":")
    if wanted not in known:
        raise RobotError(
            f"unknown robot '{name}': dm_control has no '{wanted}'; near it: "
            f"{near(wanted, list(known))}"
        )
    return known[wanted]


def _load(domain: str, task: str, **task_kwargs: Any):
    return _suite().load(domain, task, task_kwargs=task_kwargs)


@functools.lru_cache(maxsize=None)
def _rate_and_length(domain: str, task: str) -> Tuple[float, int]:
    """Returns the task's control steps a second and in an episode."""
    env = _load(domain, task)
    steps = env._step_limit
    rate_hz = 1.0 / env.control_timestep()
    env.close()
    return rate_hz, int(round(steps)) if steps < float("inf") else _TIMELESS_STEPS
