"""One run of a suite."""
from __future__ import annotations

import pathlib
from typing import Any, Dict, List, NamedTuple

from dreamer_tf import config
from dreamer_tf.experiments import gin_values
from dreamer_tf.experiments.part import Part

_TEACHES_NOTHING = ('Trainer.env_steps', 'Trainer.eval_every_steps', 'Trainer.eval_episodes',
                    'Trainer.log_every', 'Trainer.video_every_steps',
                    'Trainer.checkpoint_every_minutes', 'Trainer.checkpoints_kept')


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
        return [path.name for path in self._gin_files()]

    def made(self, about: Dict[str, Any], settings: Dict[str, Any]) -> bool:
        """Tells whether a run that was made is this one.

        Args:
          about: robot, agent, seed, gin_files and gin_bindings of it, see `ResultsFolder`.
          settings: what it noted as in use, see `gin_values`; {} where it did not.
        """
        part = self.part
        return ((about['robot'], about['agent'], about['seed'])
                == (part.robot, part.agent, self.seed) and not self.differences(about, settings))

    def differences(self, about: Dict[str, Any], settings: Dict[str, Any]) -> List[str]:
        """Returns what a run that was made has otherwise, a text each; [] of the same settings.

        The gin files of today are asked, not only their names: a run made before a preset changed
        is another one. What teaches nothing (evaluations, films, checkpoints) does not count, nor
        how many steps were made.

        Args:
          about: gin_files and gin_bindings of the run.
          settings: as in `made`.
        """
        files, bindings = about['gin_files'], '\n'.join(about.get('gin_bindings', ()))
        if files != self.gin_names():
            return ['{} in the place of {}'.format(' '.join(files), ' '.join(self.gin_names()))]
        own = gin_values.of_text('\n'.join(self.part.bindings))
        wanted = {**gin_values.of_files(self._gin_files()), **own}
        given = gin_values.of_text(bindings)
        there = {**settings, **given}
        asked = [*(name for name in wanted if name in own or name in there),
                 *(name for name in given if name not in wanted)]
        return ['{} = {} in the place of {}'.format(name, there.get(name), wanted.get(name))
                for name in asked if name not in _TEACHES_NOTHING
                and not (name in wanted and name in there and wanted[name] == there[name])]

    def _gin_files(self) -> List[pathlib.Path]:
        return config.files_of_run(self.part.robot, self.part.gin_files, self.part.agent)
