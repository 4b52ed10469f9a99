"""The suites as data, and the runs that they consist of."""
from __future__ import annotations

from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

from dreamer_tf import config
from dreamer_tf.baselines import catalog
from dreamer_tf.errors import UserError
from robot_envs import registry


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
    """

    robot: str
    agent: str
    gin_files: Tuple[str, ...]
    env_steps: int
    seeds: Tuple[int, ...] = (0,)
    bindings: Tuple[str, ...] = ()
    variant: str = ''

    @property
    def label(self) -> str:
        """The curve's name, and that of its folder: `<agent>` or `<agent>_<variant>`."""
        return '_'.join(filter(None, (self.agent, self.variant)))


class Run(NamedTuple):
    """One run of a suite: a part with one seed."""

    part: Part
    seed: int

    @property
    def name(self) -> str:
        """`<robot>/<label>/seed<k>`, the run's place in every folder."""
        return '{}/{}/seed{}'.format(self.part.robot, self.part.label, self.seed)

    def flags(self, logdir) -> List[str]:
        """Returns the flags of `dreamer_tf.train` for this run."""
        part = self.part
        return ['--robot=' + part.robot, '--agent=' + part.agent, '--seed={}'.format(self.seed),
                '--env_steps={}'.format(part.env_steps), '--logdir={}'.format(logdir),
                *('--gin_file=' + name for name in part.gin_files),
                *('--gin_bindings=' + line for line in part.bindings)]

    def gin_names(self) -> List[str]:
        """Returns the names of the gin files that the run reads, in their order.

        Raises:
          UserError: a file is missing.
        """
        files = config.files_of_run(self.part.robot, self.part.gin_files, self.part.agent)
        return [path.name for path in files]


_SMALL = ('small',)
_STEPS = {'a1': 72_000, 'sphero': 10_000, 'ur5': 40_000, 'xarm': 40_000}
# For short runs: a video takes longer than all of their updates, and SAC's may cost nothing.
_NO_VIDEO = ('Trainer.video_every_steps = 1000000',)
_TINY_SAC = ('make_sac.units = (16,)', *_NO_VIDEO)


def _paper(robot: str, *baselines: str) -> List[Part]:
    return [Part(robot, agent, _SMALL if agent == catalog.DREAMER else (), _STEPS[robot])
            for agent in (catalog.DREAMER, *baselines)]


def _varied(setting: str, values: Dict[str, str], robots: Sequence[str]) -> List[Part]:
    return [Part(robot, catalog.DREAMER, _SMALL, _STEPS[robot],
                 bindings=('{} = {}'.format(setting, value),), variant=variant)
            for robot in robots for variant, value in values.items()]


SUITES: Dict[str, List[Part]] = {
    # The comparisons of the paper, in about its numbers of steps.
    'paper': [*_paper('a1', 'sac'), *_paper('sphero', 'drqv2'),
              *_paper('ur5', 'rainbow', 'ppo'), *_paper('xarm', 'rainbow')],
    # Seconds each: that the whole way from a run to table and pictures works.
    'smoke': [Part('sphero', 'random', ('debug',), 300, bindings=_NO_VIDEO),
              Part('a1', 'dreamer', ('debug',), 400, bindings=_NO_VIDEO),
              Part('a1', 'sac', ('debug',), 400, bindings=_TINY_SAC)],
    # Replayed steps for each environment step: what are more updates worth?
    'replay_ratio': _varied('Trainer.replay_ratio',
                            {'ratio{}'.format(n): str(n) for n in (64, 128, 256, 512)},
                            ('a1', 'sphero')),
    # Gradient of the actor through the model's dynamics, or by REINFORCE.
    'gradients': _varied('Behavior.gradient',
                         {name: repr(name) for name in ('dynamics', 'reinforce')}, tuple(_STEPS)),
}


def part_of(suite: str, robot: str, label: str) -> Optional[Part]:
    """Returns the part with this robot and label, or None."""
    return next((part for part in SUITES[suite] if (part.robot, part.label) == (robot, label)),
                None)


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
