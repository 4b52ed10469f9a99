"""The suites as data, and what is chosen of them."""
from __future__ import annotations

from typing import Any, Dict, List, Sequence

from dreamer_tf.baselines import catalog
from dreamer_tf.errors import UserError
from dreamer_tf.experiments.part import Part
from dreamer_tf.experiments.run import Run
from robot_envs import registry

_SMALL = ('small',)
_STEPS = {'a1': 72_000, 'sphero': 10_000, 'ur5': 40_000, 'xarm': 40_000}
_ALL_STARTS = ('Behavior.start_fraction = 1.0',)
# For short runs: a video takes longer than all of their updates, and SAC's may cost nothing.
_NO_VIDEO = ('Trainer.video_every_steps = 1000000',)
_TINY_SAC = ('make_sac.units = (16,)', *_NO_VIDEO)


def _paper(robot: str, *baselines: str) -> List[Part]:
    return [Part(robot, agent, _SMALL if agent == catalog.DREAMER else (), _STEPS[robot])
            for agent in (catalog.DREAMER, *baselines)]


def _varied(robot: str, setting: str, values: Dict[str, str]) -> List[Part]:
    """The preset as it is, and its variants."""
    return [Part(robot, catalog.DREAMER, _SMALL, _STEPS[robot]), *(
        Part(robot, catalog.DREAMER, _SMALL, _STEPS[robot],
             bindings=('{} = {}'.format(setting, value),), variant=variant)
        for variant, value in values.items())]


def _ratios(robot: str, *values: int) -> List[Part]:
    return _varied(robot, 'Trainer.replay_ratio', {'ratio{}'.format(n): str(n) for n in values})


def _gradient(robot: str, name: str) -> List[Part]:
    return _varied(robot, 'Behavior.gradient', {name: repr(name)})


SUITES: Dict[str, List[Part]] = {
    # The comparisons of the paper, in about its numbers of steps.
    'paper': [*_paper('a1', 'sac'), *_paper('sphero', 'drqv2'),
              *_paper('ur5', 'rainbow', 'ppo'), *_paper('xarm', 'rainbow')],
    # Seconds each: that the whole way from a run to table and pictures works.
    'smoke': [Part('sphero', 'random', ('debug',), 300, bindings=_NO_VIDEO),
              Part('a1', 'dreamer', ('debug',), 400, bindings=_NO_VIDEO),
              Part('a1', 'sac', ('debug',), 400, bindings=_TINY_SAC)],
    # Replayed steps for each environment step: what are more updates worth?
    'replay_ratio': [*_ratios('a1', 64, 256, 512), *_ratios('sphero', 64, 128, 256)],
    # Gradient of the actor through the model's dynamics, or by REINFORCE: what the preset does not.
    'gradients': [*_gradient('a1', 'reinforce'), *_gradient('sphero', 'reinforce'),
                  *_gradient('ur5', 'dynamics'), *_gradient('xarm', 'dynamics')],
    # What the number of starts of imagination does to the time until the Sphero stays at its goal,
    # and each of the others alone, beside all starts.
    'time_to_skill': [
        Part('sphero', catalog.DREAMER, _SMALL, _STEPS['sphero'], bindings=lines, variant=variant,
             skill=-0.35)
        for variant, lines in (
            ('', ()), ('half', ('Behavior.start_fraction = 0.5',)), ('all_starts', _ALL_STARTS),
            ('all_starts_depth12', (*_ALL_STARTS, 'Encoder.cnn_depth = 12',
                                    'Decoder.cnn_depth = 12')),
            ('all_starts_ratio128', (*_ALL_STARTS, 'Trainer.replay_ratio = 128')),
            ('all_starts_ratio256', (*_ALL_STARTS, 'Trainer.replay_ratio = 256')),
            ('all_starts_reinforce', (*_ALL_STARTS, "Behavior.gradient = 'reinforce'")),
            ('all_starts_bfloat16', (*_ALL_STARTS,
                                     "make_agent.precision = 'bfloat16_products'")))],
    # The choices of DreamerV3.
    'v3': [Part(robot, catalog.DREAMER, (*_SMALL, *files), _STEPS[robot], variant=variant)
           for robot in ('a1', 'sphero') for variant, files in (('', ()), ('v3', ('v3',)))],
}


def run_of(suite: str, about: Dict[str, Any], settings: Dict[str, Any]) -> Run:
    """Returns the run of a suite that a run of the training program is.

    Args:
      suite: name in `SUITES`.
      about: robot, agent, seed, gin_files and gin_bindings of a run, see `ResultsFolder`.
      settings: what it noted as in use, see `gin_values`; {} where it did not.

    Raises:
      UserError: it was made with settings that no part of the suite has.
    """
    runs = [Run(part, about['seed']) for part in SUITES[suite]]
    found = next((run for run in runs if run.made(about, settings)), None)
    if found is None:
        alike = [run for run in runs if (run.part.robot, run.part.agent) == (
            about['robot'], about['agent'])]
        nearest = min((run.differences(about, settings) for run in alike), key=len, default=[])
        raise UserError('no part of --suite={} is {} on {} with {}{}; see dreamer_tf/experiments/'
                        'suites.py'.format(suite, about['agent'], about['robot'], ' '.join(
                            [*about['gin_files'], *about['gin_bindings']]), ''.join(
                                ' (the nearest differs in: {})'.format(', '.join(nearest))
                                for _ in nearest[:1])))
    return found


def select(suite: str, *, robots: Sequence[str] = (), agents: Sequence[str] = (),
           seeds: Sequence[int] = ()) -> List[Run]:
    """Returns the runs of a suite, in its order, all first seeds before the second ones.

    Args:
      suite: name in `SUITES`.
      robots: only these; () for all.
      agents: only these; () for all.
      seeds: instead of the suite's own; () for those.

    Raises:
      UserError: an unknown name, or an agent that is not there, or nothing is left.
    """
    parts = SUITES[suite]
    _check('robot', robots, [part.robot for part in parts], suite)
    _check('agent', agents, [part.agent for part in parts], suite)
    parts = [part for part in parts if (not robots or part.robot in robots)
             and (not agents or part.agent in agents)]
    if not parts:
        raise UserError('--suite={} has no such agent on such a robot'.format(suite))
    for part in parts:
        registry.get(part.robot)
    missing = sorted({part.agent for part in parts} - set(catalog.names()))
    if missing:
        there = [part.agent for part in parts if part.agent not in missing]
        raise UserError('--suite={} needs the agents {}, which are not there; run the others '
                        'with --agents={}'.format(suite, ', '.join(missing),
                                                  ','.join(dict.fromkeys(there))))
    runs = [(number, Run(part, seed)) for part in parts
            for number, seed in enumerate(seeds or part.seeds)]
    return [run for _, run in sorted(runs, key=lambda item: item[0])]


def _check(kind: str, names: Sequence[str], known: Sequence[str], suite: str) -> None:
    for name in names:
        if name not in known:
            raise UserError("--{}s: there is no {} '{}' in --suite={}; it has: {}".format(
                kind, kind, name, suite, ', '.join(dict.fromkeys(known))))
