"""The learning curve: one value an episode, as CSV and as a picture."""
from __future__ import annotations

import csv
import os
import pathlib
from typing import List, Tuple

import numpy as np

HEADER = ('env_steps', 'value')
LABELS = {'mean_reward': 'mean reward a step', 'return': 'return an episode'}


class LearningCurve:
    """Appends `env_steps,value` for every training episode and draws the picture.

    The value is what the paper plots for the robot: the mean reward a step (for the Sphero minus
    the mean distance to the goal), or the sum of the episode's rewards.
    """

    def __init__(self, path: os.PathLike, *, kind: str = 'mean_reward', resume_at: int = 0):
        """Opens the curve; what was written after `resume_at` steps is dropped.

        Args:
          path: the CSV file; the picture lies beside it with the ending .png.
          kind: which value of an episode it holds, a key of `LABELS`; see
            `robot_envs.registry.RobotEntry.curve_value`.
          resume_at: environment steps that the resumed run has; 0 for a new run.

        Raises:
          OSError: the file cannot be read or written.
        """
        self._kind = kind
        self.label = LABELS[kind]
        self._path = pathlib.Path(path)
        points = [point for point in read(self._path) if point[0] <= resume_at]
        beside = self._path.with_suffix('.csv.tmp')
        with open(beside, 'w', encoding='utf-8', newline='') as file:
            writer = csv.writer(file, lineterminator='\n')
            writer.writerow(HEADER)
            writer.writerows(_row(*point) for point in points)
        os.replace(beside, self._path)
        self._points: List[Tuple[int, float]] = points

    def add(self, env_steps: int, *, total_reward: float, length: int) -> None:
        """Appends one episode that ended at `env_steps`.

        Args:
          env_steps: environment steps of the run so far.
          total_reward: sum of the episode's rewards.
          length: its environment steps.
        """
        value = total_reward if self._kind == 'return' else total_reward / length
        self._points.append((env_steps, value))
        with open(self._path, 'a', encoding='utf-8', newline='') as file:
            csv.writer(file, lineterminator='\n').writerow(_row(env_steps, value))

    def last_mean(self, env_steps: int) -> float:
        """Returns the mean value of the episodes that ended in the last `env_steps` steps; NaN
        before the first episode has ended."""
        if not self._points:
            return float('nan')
        begin = self._points[-1][0] - env_steps
        return float(np.mean([value for steps, value in self._points if steps > begin]))

    def draw(self, title: str) -> None:
        """Writes the picture: every episode as a dot, the mean of ten as a line.

        Raises:
          OSError: the file cannot be written.
        """
        from matplotlib.figure import Figure  # half a second, needed once
        figure = Figure(figsize=(7, 4), dpi=110)
        axes = figure.add_subplot()
        if self._points:
            steps, values = np.array(self._points, float).T
            axes.plot(steps, values, '.', color='tab:blue', alpha=0.35, markersize=4,
                      label='episode')
            width = min(10, len(values))
            smooth = np.convolve(values, np.ones(width) / width, mode='valid')
            axes.plot(steps[width - 1:], smooth, color='tab:blue',
                      label='mean of {}'.format(width))
            axes.legend(frameon=False)
        axes.set(title=title, xlabel='environment steps', ylabel=self.label)
        axes.grid(alpha=0.3)
        figure.tight_layout()
        beside = self._path.with_suffix('.png.tmp')
        figure.savefig(beside, format='png')
        os.replace(beside, self._path.with_suffix('.png'))


def read(path: os.PathLike) -> List[Tuple[int, float]]:
    """Returns the points of a curve file; the line that a kill has cut in the middle is left out.

    Raises:
      OSError: the file cannot be read; a file that is not there is an empty curve.
    """
    if not os.path.exists(path):
        return []
    points = []
    with open(path, encoding='utf-8', newline='') as file:
        for row in csv.reader(file):
            if len(row) == 2 and row[0].isdigit():
                try:
                    points.append((int(row[0]), float(row[1])))
                except ValueError:
                    continue
    return points


def _row(env_steps: int, value: float):
    return env_steps, '{:.6f}'.format(value)
