"""One gathered run: its learning curve, and what is known about how it came about."""
from __future__ import annotations

import json
import pathlib
from typing import Any, Dict, NamedTuple, Optional, Tuple

import numpy as np

from dreamer_tf import learning_curve
from dreamer_tf.errors import UserError

FINAL_SHARE = 0.1  # of the steps: what is called final, as for the published curves
START_SHARE = 0.05
MEAN_OF = 10  # episodes, for lines and for `half_gain_at`


class Result(NamedTuple):
    """A curve of `results/<robot>/<label>/seed<k>.csv` and, if it is there, the .json beside it.

    Attributes:
      robot: whose run it was.
      label: agent and variant, see `suites.Part`.
      seed: of the run.
      steps: (N,) environment steps at the ends of its episodes.
      values: (N,) what the robot's curve plots, one an episode.
      about: updates, seconds, machine, settings ...; {} for curves of before there were any.
    """

    robot: str
    label: str
    seed: int
    steps: np.ndarray
    values: np.ndarray
    about: Dict[str, Any]

    @property
    def env_steps(self) -> int:
        """Environment steps of the run; of one that goes on, those that are known."""
        return max(int(self.steps[-1]), self.about.get('env_steps', 0))

    @property
    def final(self) -> float:
        """Mean over the last tenth of the run's steps."""
        return float(self.values[self.steps > (1 - FINAL_SHARE) * self.steps[-1]].mean())

    @property
    def start(self) -> float:
        """Mean over the first twentieth of the run's steps, its first episode at least."""
        return float(self.values[:max(1, int((self.steps <= START_SHARE * self.steps[-1]).sum()))]
                     .mean())

    def smooth(self) -> Tuple[np.ndarray, np.ndarray]:
        """Returns steps and mean values of ten episodes, of fewer where the run has fewer."""
        width = min(MEAN_OF, len(self.values))
        means = np.convolve(self.values, np.ones(width) / width, mode='valid')
        return self.steps[width - 1:], means

    def half_gain_at(self) -> Optional[int]:
        """Returns at which step the mean of ten episodes first is in the middle between `start`
        and `final` or beyond; None when nothing was gained."""
        steps, means = self.smooth()
        beyond = means >= (self.start + self.final) / 2
        if self.final <= self.start or not beyond.any():
            return None
        return int(steps[beyond.argmax()])

    def reaches(self, level: float) -> Tuple[Optional[int], Optional[int]]:
        """Returns at which step the mean of ten episodes first is `level` or more, and from which
        step on it stays so; None where it never does."""
        steps, means = self.smooth()
        beyond = means >= level
        if not beyond.any():
            return None, None
        first = int(steps[beyond.argmax()])
        last_below = len(beyond) - 1 - int(np.argmin(beyond[::-1])) if not beyond.all() else -1
        stays = int(steps[last_below + 1]) if last_below + 1 < len(beyond) else None
        return first, stays

    def updates_at(self, step: int) -> Optional[int]:
        """Returns how many updates there were by then, as they come evenly; None if nobody knows
        how many there were at all."""
        if 'updates' not in self.about:
            return None
        return round(self.about['updates'] * step / self.env_steps)


def read(path: pathlib.Path) -> Optional[Result]:
    """Returns the result whose curve is `path`; None when no episode has ended yet.

    Args:
      path: `.../<robot>/<label>/seed<k>.csv`.

    Raises:
      UserError: the .json beside it is damaged.
      OSError: a file cannot be read.
    """
    points = learning_curve.read(path)
    if not points:
        return None
    beside, about = path.with_suffix('.json'), {}
    if beside.exists():
        try:
            about = json.loads(beside.read_text(encoding='utf-8'))
        except ValueError as error:
            raise UserError('{} is damaged ({})'.format(beside, error)) from error
    steps, values = np.array(points, float).T
    return Result(path.parents[1].name, path.parent.name, int(path.stem[len('seed'):]),
                  steps.astype(int), values, about)
