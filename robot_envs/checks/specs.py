"""What an environment says about itself, against what the agent can take."""

from __future__ import annotations

from typing import List

import numpy as np
from tf_agents.environments import py_environment
from tf_agents.specs import array_spec

from robot_envs.checks.finding import Finding

_IMAGE_SIZE_PX = 64
# What a step in replay holds beside its observations (dreamer_tf.types.STEP_KEYS).
RESERVED_KEYS = ("prev_action", "reward", "is_first", "is_last", "is_terminal")


def check_specs(env: py_environment.PyEnvironment) -> List[Finding]:
    """Returns what is wrong with the observation spec and the action spec."""
    texts = _observation_faults(env.observation_spec()) + _action_faults(env.action_spec())
    return [Finding("specs", text) for text in texts]


def _observation_faults(specs) -> List[str]:
    if not isinstance(specs, dict) or not specs:
        return [f"observation_spec() must be a dict with a name for each sensor, not {specs!r}"]
    faults = []
    for key, spec in specs.items():
        if not isinstance(spec, array_spec.ArraySpec):
            found = type(spec).__name__
            faults.append(f"'{key}' must be an ArraySpec, not {found}: flat dicts only")
            continue
        if key in RESERVED_KEYS:
            faults.append(f"'{key}' is a name that the replay uses itself: rename the observation")
        shape, dtype = tuple(spec.shape), np.dtype(spec.dtype).name
        if len(shape) == 3:
            if dtype != "uint8":
                faults.append(f"picture '{key}' must be uint8 0..255, not {dtype}")
            if shape[:2] != (_IMAGE_SIZE_PX, _IMAGE_SIZE_PX):
                faults.append(
                    f"picture '{key}' must be 64 x 64 x C, not {shape}: wrap it in ImageResize"
                )
        elif len(shape) > 1:
            faults.append(f"'{key}' must be a vector or a picture, not of shape {shape}")
        elif dtype != "float32":
            faults.append(f"vector '{key}' must be float32, not {dtype}")
    return faults


def _action_faults(spec) -> List[str]:
    if not isinstance(spec, array_spec.BoundedArraySpec):
        return [f"action_spec() must be one BoundedArraySpec, not {spec!r}"]
    dtype = np.dtype(spec.dtype).name
    if np.issubdtype(spec.dtype, np.integer):
        if dtype == "int32" and spec.shape == () and spec.minimum == 0:
            return []
        return [f"a discrete action must be int32 () from 0, not {spec}"]
    faults = []
    if dtype != "float32" or len(spec.shape) != 1:
        faults.append(f"a continuous action must be float32 (A,), not {dtype} {spec.shape}")
    if not (np.all(spec.minimum == -1) and np.all(spec.maximum == 1)):
        faults.append(
            f"a continuous action must lie in [-1, 1], not {spec.minimum} .. {spec.maximum}: "
            f"wrap the environment in ActionScaling"
        )
    return faults
