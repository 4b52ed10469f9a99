"""The robots' scripted policies, which know what no observation shows."""

from __future__ import annotations

import importlib
from typing import Any, Callable, Dict

import numpy as np
from tf_agents.environments import py_environment
from tf_agents.trajectories import time_step as ts

from dreamer_tf.errors import UserError
from robot_envs.environment_info import info_of

Script = Callable[[Dict[str, Any]], Any]


class ScriptedActions:
    """Asks the environment for its info and a script for the action.

    Args:
      env: a twin, whose `get_info()` tells the state.
      script: info -> action.
    """

    def __init__(self, env: py_environment.PyEnvironment, script: Script):
        self._env, self._script = env, script
        self._spec = env.action_spec()

    def action(self, time_step: ts.TimeStep) -> np.ndarray:
        """Returns the script's action; a time step tells it nothing.

        Raises:
          UserError: the script wants to know what this robot does not tell.
        """
        del time_step
        info = info_of(self._env)
        try:
            action = self._script(info)
        except KeyError as error:
            if error.args[0] in info:
                raise
            raise UserError(
                f"the script needs to know '{error.args[0]}', which only the twin tells: leave "
                "--backend out, or let somebody else drive (--driver=keyboard)"
            ) from error
        return np.asarray(action, self._spec.dtype)


def make_script(robot: str) -> Script:
    """Returns a new script of a robot.

    Raises:
      UserError: it has none.
    """
    if robot not in _SCRIPTS:
        raise UserError(
            f"the agent scripted knows no program for the robot '{robot}', only for "
            f"{', '.join(sorted(_SCRIPTS))}"
        )
    return _SCRIPTS[robot](robot)


def _walk(robot: str) -> Script:
    del robot
    from dreamer_tf.baselines.a1_walk import A1Walk
    return A1Walk().action


def _drive(robot: str) -> Script:
    del robot
    from robot_envs.sphero.scripted import drive_to_goal
    return drive_to_goal


def _pick_and_place(robot: str) -> Script:
    from robot_envs.arms.scripted import PickAndPlace
    constants = importlib.import_module(f"robot_envs.{robot}.constants")
    return PickAndPlace(constants.WORKSPACE).action


_SCRIPTS: Dict[str, Callable[[str], Script]] = {
    "a1": _walk,
    "sphero": _drive,
    "ur5": _pick_and_place,
    "xarm": _pick_and_place,
}
