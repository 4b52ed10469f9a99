"""One run of a suite."""
from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Sequence

from dreamer_tf import config
from dreamer_tf.experiments.part import Part

_TEACHES_NOTHING = ('Trainer.eval_every_steps', 'Trainer.eval_episodes', 'Trainer.log_every',
                    'Trainer.video_every_steps', 'Trainer.checkpoint_every_minutes',
                    'Trainer.checkpoints_kept')


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

    def made(self, about: Dict[str, Any]) -> bool:
        """Tells whether a run with these settings is this one.

        Args:
          about: robot, agent, seed, gin_files and gin_bindings of a run, see `ResultsFolder`.
        """
        part = self.part
        return ((about['robot'], about['agent'], about['seed'])
                == (part.robot, part.agent, self.seed) and self.same_settings(about))

    def same_settings(self, about: Dict[str, Any]) -> bool:
        """Tells whether gin_files and gin_bindings of a run are these, but for what teaches
        nothing: when it is evaluated, filmed and saved."""
        return (about['gin_files'] == self.gin_names()
                and _teaching(about.get('gin_bindings', ())) == _teaching(self.part.bindings))


def _teaching(bindings: Sequence[str]) -> Dict[str, str]:
    pairs = (line.split('=', 1) for line in bindings)
    spelt = {name.strip(): value.strip().replace('"', "'") for name, value in pairs}
    return {name: value for name, value in spelt.items() if name not in _TEACHES_NOTHING}
