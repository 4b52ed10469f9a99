"""One picture a robot: every agent of a suite, seeds as bands, published levels as dashed lines."""
from __future__ import annotations

import io
import os
import pathlib
from typing import List, Sequence, Tuple

import numpy as np

from dreamer_tf.experiments import published
from dreamer_tf.experiments.part import Part
from dreamer_tf.experiments.result import MEAN_OF, Result
from dreamer_tf.experiments.suites import SUITES
from dreamer_tf.learning_curve import LABELS
from robot_envs import registry

_POINTS = 400


def band(results: Sequence[Result]) -> Tuple[np.ndarray, np.ndarray]:
    """Returns steps (P,) and the means of ten episodes (seeds, P) at them; NaN where a run of a
    seed has no such step."""
    curves = [item.smooth() for item in results]
    grid = np.linspace(min(steps[0] for steps, _ in curves),
                       max(steps[-1] for steps, _ in curves), _POINTS)
    values = [np.interp(grid, steps, means, left=np.nan, right=np.nan) for steps, means in curves]
    return grid, np.stack(values)


def draw(robot: str, suite: str, results: Sequence[Result], path: pathlib.Path) -> None:
    """Writes the picture of a robot.

    Args:
      robot: name in `robot_envs.registry`.
      suite: name in `suites.SUITES`; its parts decide on what is drawn.
      results: of any robot; those of this one are taken.
      path: PNG file to write in one step.

    Raises:
      OSError: the file cannot be written.
    """
    from matplotlib.figure import Figure  # half a second
    figure = Figure(figsize=(7, 4), dpi=100)
    axes = figure.add_subplot()
    parts = [part for part in SUITES[suite] if part.robot == robot]
    for number, part in enumerate(parts):
        mine = [item for item in results if (item.robot, item.label) == (robot, part.label)]
        _draw_part(axes, part, mine, 'C{}'.format(number))
    axes.set(title=robot, xlabel='environment steps', xlim=(0, max(p.env_steps for p in parts)),
             ylabel='{} (mean of {} episodes)'.format(
                 LABELS[registry.get(robot).curve_value], MEAN_OF))
    axes.grid(alpha=0.3)
    axes.legend(fontsize='small', framealpha=0.8)
    figure.tight_layout()
    data = io.BytesIO()
    figure.savefig(data, format='png', metadata={'Software': None})
    beside = path.with_name(path.name + '.tmp')
    beside.write_bytes(data.getvalue())
    os.replace(beside, path)


def _draw_part(axes, part: Part, results: List[Result], color: str) -> None:
    if results:
        steps, values = band(results)
        there = ~np.isnan(values).all(axis=0)
        steps, values = steps[there], values[:, there]
        seeds = 'seed' if len(results) == 1 else 'seeds'
        axes.plot(steps, np.nanmean(values, axis=0), color=color, label='{}, {} {}'.format(
            part.label, seeds, ', '.join(str(item.seed) for item in results)))
        if len(results) == 1:  # no band, but how much episodes differ
            axes.plot(results[0].steps, results[0].values, '.', color=color, alpha=0.2,
                      markersize=3)
        axes.fill_between(steps, np.nanmin(values, axis=0), np.nanmax(values, axis=0),
                          color=color, alpha=0.2, linewidth=0)
    level = published.level(part.robot, part.label)
    if level is not None:
        axes.axhline(level.value, color=color, linestyle='--', linewidth=1,
                     label='{}, published, real robot'.format(part.label))
