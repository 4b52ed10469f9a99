"""The table and the picture of an adaptation experiment."""
from __future__ import annotations

import os
import pathlib
from typing import Any, List, Mapping

import numpy as np

from dreamer_tf import learning_curve
from robot_envs import registry

_COLOURS = {'usual': 'tab:green', 'before': 'tab:red', 'after': 'tab:blue'}


def write(state: Mapping[str, Any], curve: pathlib.Path, out: pathlib.Path) -> List[pathlib.Path]:
    """Writes table.md and recovery.png.

    Args:
      state: content of adaptation.json.
      curve: curve.csv of the copied run.
      out: where they go.

    Returns:
      The two files.

    Raises:
      OSError: one cannot be written.
    """
    (out / 'table.md').write_text(markdown(state), encoding='utf-8')
    _draw(state, curve, out / 'recovery.png')
    return [out / 'table.md', out / 'recovery.png']


def markdown(state: Mapping[str, Any]) -> str:
    """Returns the trials as a Markdown table, and in one line what was done."""
    trials = state['trials']
    legs = any('falls' in trial for trial in trials.values())
    heads = ['world', 'steps learnt in it', 'mean reward a step']
    heads += ['falls', 'got up', 'seconds to get up'] if legs else []
    lines = ['| {} |'.format(' | '.join(heads)), '|' + '---|' * len(heads)]
    for name, trial in trials.items():
        learnt = '{:,}'.format(state['adapt_steps']) if name == 'after' else '0'
        cells = ['usual' if name == 'usual' else 'changed', '-' if name == 'usual' else learnt,
                 '{:.3f}'.format(trial['mean_reward'])]
        if legs:
            share = '' if not trial['falls'] else ' ({:.0%})'.format(
                trial['got_up'] / trial['falls'])
            seconds = trial['seconds_to_get_up']
            cells += [str(trial['falls']), '{}{}'.format(trial['got_up'], share),
                      '-' if seconds is None else '{:.1f}'.format(seconds)]
        lines.append('| {} |'.format(' | '.join(cells)))
    lines += ['', '{} after {:,} steps, changed by {}; trials of {:,} steps with the frozen '
              'collecting policy.'.format(
                  state['robot'], state['source_steps'],
                  ', '.join('`{}`'.format(line) for line in state['bindings']),
                  state['trial_steps']), '']
    return '\n'.join(lines)


def _draw(state: Mapping[str, Any], curve: pathlib.Path, path: pathlib.Path) -> None:
    from matplotlib.figure import Figure  # half a second
    entry = registry.get(state['robot'])
    begin, steps = state['source_steps'], state['adapt_steps']
    figure = Figure(figsize=(7, 4), dpi=100)
    axes = figure.add_subplot()
    points = [point for point in learning_curve.read(curve) if point[0] > begin - steps]
    # A trial has a reward a step, an episode of the arms a return.
    factor = entry.episode_steps if entry.curve_value == 'return' else 1
    if points:
        at, values = np.array(points, float).T
        axes.plot(at - begin, values, '.-', color='tab:blue', alpha=0.6, label='episodes')
    for name, trial in state['trials'].items():
        axes.axhline(factor * trial['mean_reward'], color=_COLOURS[name], linestyle='--',
                     linewidth=1, label='frozen policy, ' + name)
    axes.axvline(0, color='black', linewidth=1)
    axes.set(title='{}: {}'.format(state['robot'], state['change']), xlim=(-steps, steps),
             xlabel='environment steps since the change',
             ylabel=learning_curve.LABELS[entry.curve_value])
    axes.grid(alpha=0.3)
    axes.legend(fontsize='small')
    figure.tight_layout()
    beside = path.with_suffix('.tmp')
    figure.savefig(beside, format='png')
    os.replace(beside, path)
