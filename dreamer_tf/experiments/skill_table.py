"""When the runs of a suite have learnt their task."""
from __future__ import annotations

from typing import List, Optional, Sequence

from dreamer_tf.experiments.result import Result
from dreamer_tf.experiments.suites import SUITES


def lines(results: Sequence[Result], suite: str) -> List[str]:
    """Returns the lines of a Markdown table with one row a run, in the order of the suite's parts.

    Args:
      results: of any suite; those of parts that say what is a skill are taken.
      suite: name in `SUITES`.

    Returns:
      The lines; [] for a suite that does not ask.
    """
    rows = []
    for part in SUITES[suite]:
        if part.skill is None:
            continue
        for item in results:
            if (item.robot, item.label) == (part.robot, part.label):
                first, stays = item.reaches(part.skill)
                rows.append('| {}/{}/seed{} | {:g} | {} ({}) | {} ({}) | {:.2f} | {:,} |'.format(
                    item.robot, item.label, item.seed, part.skill, _count(first), _count(stays),
                    _updates(item, first), _updates(item, stays), item.final, item.env_steps))
    return rows and ['| run | learnt is | at step (for good) | updates | last tenth | of steps |',
                     '|' + '---|' * 6, *rows]


def _updates(item: Result, step: Optional[int]) -> str:
    return _count(None if step is None else item.updates_at(step))


def _count(number: Optional[int]) -> str:
    return '-' if number is None else '{:,}'.format(number)
