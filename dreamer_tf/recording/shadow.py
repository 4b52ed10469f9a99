"""A policy that looks on while somebody else drives."""

from __future__ import annotations

import json
import time
from typing import IO, Any

import numpy as np
from tf_agents.trajectories import time_step as ts

from dreamer_tf.trained_agent import Runner


class Shadow:
    """Asks driver and policy at each step, gives the driver's action, and writes both down.

    The policy is told what was really done, so that its belief is that of one who drives.
    """

    def __init__(self, driver: Runner, policy: Any, file: IO[str]):
        """Makes the shadow.

        Args:
          driver: whose actions are carried out.
          policy: an `ExportedPolicy`.
          file: takes one JSON object a step: step, driver, policy, policy_ms.
        """
        self._driver, self._policy, self._file = driver, policy, file
        self._differences: list[float] = []
        self._discrete = False

    def action(self, time_step: ts.TimeStep) -> np.ndarray:
        """Returns the driver's action."""
        began = time.perf_counter()
        shadow = np.asarray(self._policy.action(time_step.observation, bool(time_step.is_first())))
        milliseconds = 1e3 * (time.perf_counter() - began)
        action = np.asarray(self._driver.action(time_step))
        self._policy.executed(action)
        self._discrete = np.issubdtype(action.dtype, np.integer)
        difference = shadow.astype(np.float64) - action
        self._differences.append(
            float(np.any(difference)) if self._discrete else float(np.mean(difference**2))
        )
        line = {
            "step": len(self._differences) - 1,
            "driver": action.tolist(),
            "policy": shadow.tolist(),
            "policy_ms": round(milliseconds, 3),
        }
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
        return action

    def summary(self) -> str:
        """How far the two were apart, in some words."""
        mean = float(np.mean(self._differences)) if self._differences else 0.0
        if self._discrete:
            return f"the policy would have done the same in {100 * (1 - mean):.1f}% of the steps"
        return f"the policy's actions were {np.sqrt(mean):.3f} away (root mean square)"
