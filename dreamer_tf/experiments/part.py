"""One curve of a suite."""
from __future__ import annotations

from typing import NamedTuple, Optional, Tuple


class Part(NamedTuple):
    """One curve of a suite.

    Attributes:
      robot: name in `robot_envs.registry`.
      agent: name in `dreamer_tf.baselines.catalog`.
      gin_files: presets, as `--gin_file` takes them; () leaves the agent's own file alone.
      env_steps: environment steps of a run.
      seeds: one run each.
      bindings: as `--gin_bindings` takes them.
      variant: tells parts of the same robot and agent apart; '' for the agent as it is.
      skill: what the mean of ten episodes reaches when the task is learnt; None where the suite
        does not ask how long that takes.
    """

    robot: str
    agent: str
    gin_files: Tuple[str, ...]
    env_steps: int
    seeds: Tuple[int, ...] = (0,)
    bindings: Tuple[str, ...] = ()
    variant: str = ''
    skill: Optional[float] = None

    @property
    def label(self) -> str:
        """The curve's name, and that of its folder: `<agent>` or `<agent>_<variant>`."""
        return '_'.join(filter(None, (self.agent, self.variant)))
