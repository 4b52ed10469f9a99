"""The results of a suite as tables: for people in Markdown, for programs in CSV."""
from __future__ import annotations

import csv
import io
import itertools
from typing import Any, Dict, List, Sequence

from dreamer_tf.experiments import published
from dreamer_tf.experiments.result import Result
from dreamer_tf.experiments.suites import SUITES
from dreamer_tf.learning_curve import LABELS
from robot_envs import registry

_MISSING = '-'


def of_suite(results: Sequence[Result], suite: str) -> List[Result]:
    """Returns the results that are curves of the suite, in its order."""
    order = {(part.robot, part.label): number for number, part in enumerate(SUITES[suite])}
    mine = [item for item in results if (item.robot, item.label) in order]
    return sorted(mine, key=lambda item: (order[item.robot, item.label], item.seed))


def rows(results: Sequence[Result]) -> List[Dict[str, Any]]:
    """Returns one row a run, for the CSV table."""
    table = []
    for item in results:
        level = published.level(item.robot, item.label)
        about = item.about
        table.append({
            'robot': item.robot, 'agent': item.label, 'seed': item.seed,
            'env_steps': item.env_steps, 'updates': about.get('updates'),
            'seconds': about.get('seconds'), 'value': registry.get(item.robot).curve_value,
            'start': round(item.start, 4), 'final': round(item.final, 4),
            'half_gain_at': item.half_gain_at(),
            'published_final': level and level.value,
            'published_steps': level and level.env_steps,
            'published_half_gain_at': level and level.half_gain_at,
            'gin': ' '.join([*about.get('gin_files', ()), *about.get('gin_bindings', ())]),
            **_machine(about)})
    return table


def _machine(about: Dict[str, Any]) -> Dict[str, Any]:
    machine = about.get('machine', {})
    packages = machine.get('packages', {})
    return {'processor': machine.get('processor'), 'cores': machine.get('cores'),
            'packages': ' '.join('{}={}'.format(*item) for item in packages.items())}


def to_csv(results: Sequence[Result]) -> str:
    """Returns `rows` as CSV with a header; '' for no results."""
    table = rows(results)
    if not table:
        return ''
    text = io.StringIO()
    writer = csv.DictWriter(text, list(table[0]), lineterminator='\n')
    writer.writeheader()
    writer.writerows(table)
    return text.getvalue()


def compared(results: Sequence[Result], suite: str) -> List[str]:
    """Returns the lines of the Markdown table with one row a curve of the suite, seeds together.

    Curves of which there is no run have a row too.
    """
    lines = ['| robot, value | agent | seeds | steps (of) | measured | each seed '
             '| half of its gain at step (published) | published, real robot | difference |',
             '|' + '---|' * 9]
    for part in SUITES[suite]:
        mine = [item for item in results if (item.robot, item.label) == (part.robot, part.label)]
        level = published.level(part.robot, part.label)
        told = _MISSING if level is None else '{:g}{}'.format(
            level.value, ' at {:,}'.format(level.env_steps) if level.env_steps else '')
        cells = [_robot(part.robot), part.label]
        if not mine:
            cells += ['none', 'not run (of {:,})'.format(part.env_steps), *[_MISSING] * 3, told,
                      _MISSING]
        else:
            mean = sum(item.final for item in mine) / len(mine)
            cells += [_each(str(item.seed) for item in mine),
                      '{} (of {:,})'.format(_each('{:,}'.format(item.env_steps) for item in mine),
                                            part.env_steps),
                      '**{:.2f}**'.format(mean),
                      _each('{:.2f}'.format(item.final) for item in mine),
                      '{} ({})'.format(_each(_steps(item.half_gain_at()) for item in mine),
                                       _steps(level and level.half_gain_at)), told,
                      _MISSING if level is None else '{:+.2f}'.format(mean - level.value)]
        lines.append('| {} |'.format(' | '.join(cells)))
    return lines


def described(results: Sequence[Result]) -> List[str]:
    """Returns the lines of the Markdown table with one row a run: cost, machine, settings."""
    lines = ['| run | updates | wall-clock | machine | gin |', '|' + '---|' * 5]
    for item in results:
        about = item.about
        machine = about.get('machine')
        settings = [*about.get('gin_files', ()),
                    *('`{}`'.format(line) for line in about.get('gin_bindings', ()))]
        lines.append('| {} |'.format(' | '.join([
            '{}/{}/seed{}'.format(item.robot, item.label, item.seed),
            '{:,}'.format(about['updates']) if 'updates' in about else _MISSING,
            duration(about['seconds']) if 'seconds' in about else _MISSING,
            '{processor}, {cores} cores'.format(**machine) if machine else _MISSING,
            ' '.join(settings) or _MISSING])))
    return lines


def versions(results: Sequence[Result]) -> List[str]:
    """Returns one line for each set of package versions that the runs had."""
    sets: Dict[str, List[str]] = {}
    for row in rows(results):
        name = '{robot}/{agent}/seed{seed}'.format(**row)
        sets.setdefault(row['packages'] or 'not recorded', []).append(name)
    return ['{}: {}.'.format(', '.join(names), packages) for packages, names in sets.items()]


def duration(seconds: float) -> str:
    """Returns h:mm:ss."""
    minutes, seconds = divmod(int(seconds), 60)
    return '{}:{:02d}:{:02d}'.format(*divmod(minutes, 60), seconds)


def _robot(robot: str) -> str:
    return '{}, {}'.format(robot, LABELS[registry.get(robot).curve_value])


def _each(words) -> str:
    """Joins the words of the seeds; one word where all are the same."""
    words = list(words)
    same = [word for word, _ in itertools.groupby(words)]
    return same[0] if len(same) == 1 else ', '.join(words)


def _steps(steps) -> str:
    return _MISSING if steps is None else '{:,}'.format(steps)
