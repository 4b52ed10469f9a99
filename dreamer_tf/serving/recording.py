"""What a robot sees, kept to compare policies on."""

from __future__ import annotations

from typing import Dict, NamedTuple

import numpy as np

from dreamer_tf.collector import random_action


class Recording(NamedTuple):
    """A stream of time steps.

    Attributes:
      observation: key to (T, ...), as the robot gives it.
      is_first: (T,) bool, True at the starts of episodes.
    """

    observation: Dict[str, np.ndarray]
    is_first: np.ndarray

    def __len__(self) -> int:
        return len(self.is_first)

    def at(self, index) -> Dict[str, np.ndarray]:
        """Returns the inputs of steps `index` (B,): observations and ``is_first`` (B, ...)."""
        chosen = {key: value[index] for key, value in self.observation.items()}
        return {**chosen, "is_first": self.is_first[index]}


def record(env, steps: int, seed: int = 0) -> Recording:
    """Plays random actions, each held for three steps, in two episodes.

    Args:
      env: a `PyEnvironment`; a twin, so that nothing moves that can break.
      steps: T.
      seed: of the actions.
    """
    seen, first = [], []
    time_step = env.reset()
    for t in range(steps):
        seen.append(time_step.observation)
        first.append(bool(time_step.is_first()))
        if t == steps // 2 or time_step.is_last():
            time_step = env.reset()
        else:
            time_step = env.step(random_action(env.action_spec(), (seed, t // 3)))
    observation = {key: np.stack([np.asarray(x[key]) for x in seen]) for key in seen[0]}
    return Recording(observation, np.asarray(first))
