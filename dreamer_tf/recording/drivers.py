"""Who moves the robot while it is recorded."""

from __future__ import annotations

import importlib
import os
import sys

import numpy as np
from tf_agents.environments import py_environment
from tf_agents.trajectories import time_step as ts

from dreamer_tf.baselines.scripted_actions import ScriptedActions, make_script
from dreamer_tf.collector import random_action
from dreamer_tf.console.terminal import Terminal
from dreamer_tf.errors import UserError
from dreamer_tf.recording.keyboard_actions import KeyboardActions
from dreamer_tf.trained_agent import Runner

NAMES = ("scripted", "random", "keyboard")


class _RandomDriver:
    def __init__(self, env: py_environment.PyEnvironment, seed: int):
        self._spec, self._seed, self._count = env.action_spec(), seed, 0

    def action(self, time_step: ts.TimeStep) -> np.ndarray:
        del time_step
        self._count += 1
        return random_action(self._spec, (self._seed, self._count))


def make_driver(name: str, robot: str, env: py_environment.PyEnvironment, seed: int) -> Runner:
    """Returns who answers `action(time_step)` with the robot's next action.

    Args:
      name: `scripted` (knows the twin's state), `random`, `keyboard` (a person at this terminal),
        or `<module>:<function>`, a function of one's own that takes the environment: a gamepad, a
        leader arm.
      robot: name in the registry.
      env: of the robot.
      seed: of random actions.

    Raises:
      UserError: there is no such driver, or none for this robot.
    """
    if name == "scripted":
        return ScriptedActions(env, make_script(robot))
    if name == "random":
        return _RandomDriver(env, seed)
    if name == "keyboard":
        return KeyboardActions(robot, env.action_spec(), Terminal())
    if ":" not in name:
        raise UserError(
            f"unknown --driver={name}: one of {', '.join(NAMES)}, or <module>:<function>"
        )
    return _own(name, env)


def _own(name: str, env: py_environment.PyEnvironment) -> Runner:
    module, _, function = name.partition(":")
    if os.getcwd() not in sys.path and "" not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        make = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise UserError(f"unknown --driver={name}: {error}") from error
    driver = make(env)
    if not callable(getattr(driver, "action", None)):
        raise UserError(f"--driver={name} must return an object with action(time_step)")
    return driver
