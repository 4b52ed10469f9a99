"""Whether a twin refuses nonsense, and lets go in the end."""

from __future__ import annotations

from typing import List

import numpy as np
from tf_agents.environments import py_environment

from robot_envs.checks.finding import Finding, reason
from robot_envs.errors import RobotError


def check_refusal(env: py_environment.PyEnvironment) -> List[Finding]:
    """Sends actions that must not reach a robot. For twins only."""
    spec = env.action_spec()
    if np.issubdtype(spec.dtype, np.integer):
        bad = {"one that does not exist": np.asarray(spec.maximum + 1, spec.dtype)}
    else:
        bad = {"NaN": np.full(spec.shape, np.nan, np.float32),
               "one of a wrong shape": np.zeros((*spec.shape, 2), np.float32)}
    findings = []
    for name, action in bad.items():
        try:
            env.reset()
            env.step(action)
        except RobotError:
            continue
        except Exception as error:
            text = f"an action ({name}) must be refused by RobotError, found {reason(error)}"
        else:
            text = f"an action ({name}) reaches the robot"
        findings.append(Finding("actions", f"{text}: wrap the environment in ActionCheck"))
    return findings


def check_picture(env: py_environment.PyEnvironment) -> List[Finding]:
    """Asks for a picture for people; a robot may have none."""
    try:
        picture = env.render()
    except Exception as error:
        return [Finding("picture", f"render() gives no picture: {reason(error)}", error=False)]
    if picture is None:
        return [Finding("picture", "render() gives no picture", error=False)]
    array = np.asarray(picture)
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3:
        return [Finding("picture", f"render() must give uint8 (height, width, 3), found "
                                   f"{array.dtype.name} {array.shape}")]
    return []


def check_close(env: py_environment.PyEnvironment) -> List[Finding]:
    """Closes twice, as the training program does after an error."""
    for times in ("", " a second time"):
        try:
            env.close()
        except Exception as error:
            return [Finding("close", f"close(){times} raised {reason(error)}")]
    return []
