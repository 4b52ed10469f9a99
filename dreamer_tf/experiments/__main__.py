"""Runs a suite of experiments and shows what it gave:

    python -m dreamer_tf.experiments --suite=smoke
"""
from __future__ import annotations

import pathlib
from typing import List, Optional, Sequence

from absl import flags

from dreamer_tf import command_line, config
from dreamer_tf.errors import UserError
from dreamer_tf.experiments import report, suites
from dreamer_tf.experiments.results_folder import ResultsFolder
from dreamer_tf.experiments.suite_runner import SuiteRunner


def _suites() -> str:
    lines = ['Suites:']
    for name, parts in suites.SUITES.items():
        lines.append('  {:<13}{}'.format(name, ', '.join(
            '{}/{}'.format(part.robot, part.label) for part in parts)))
    return '\n'.join(lines)


COMMAND = command_line.CommandLine(
    name='dreamer_tf',
    usage='Runs the runs of a suite that are not finished yet, each as a training of its own, and '
          'writes curves, a table and a picture a robot. Ctrl-C stops and saves, the same command '
          'goes on.',
    examples=['python -m dreamer_tf.experiments --suite=smoke',
              'python -m dreamer_tf.experiments --suite=paper --robots=a1 --seeds=0,1 --jobs=2'],
    notes=_suites)
FLAGS = COMMAND.flags

flags.DEFINE_enum('suite', None, list(suites.SUITES), 'Which one (required); see the list below.',
                  flag_values=FLAGS)
flags.DEFINE_list('robots', [], 'Only these.', flag_values=FLAGS)
flags.DEFINE_list('agents', [], 'Only these.', flag_values=FLAGS)
flags.DEFINE_list('seeds', [], "Instead of the suite's own.", flag_values=FLAGS)
flags.DEFINE_string('out', None, 'Folder of the runs; logdir/experiments/<suite> without it.',
                    flag_values=FLAGS)
flags.DEFINE_string('results', None, 'Folder that takes curves, table and pictures; <out>/results '
                    'without it. Runs that are finished there are not made again: '
                    '--results=results begins from the curves that this repository keeps.',
                    flag_values=FLAGS)
flags.DEFINE_integer('jobs', 1, 'Runs at a time.', 1, flag_values=FLAGS)


def main() -> int:
    """Checks the flags, runs what is not finished, and reports.

    Returns:
      0 when every run is finished, 1 when one failed, 130 or 143 when a signal stopped it.

    Raises:
      UserError, RobotError: a mistake of the user.
    """
    if not FLAGS.suite:
        raise UserError('--suite is missing: one of {}'.format(', '.join(suites.SUITES)))
    command_line.quiet_imports()
    config.check_gin()
    runs = suites.select(FLAGS.suite, robots=FLAGS.robots, agents=FLAGS.agents, seeds=_seeds())
    out = pathlib.Path(FLAGS.out or 'logdir/experiments/' + FLAGS.suite).expanduser().absolute()
    results = ResultsFolder(FLAGS.results or str(out / 'results'))
    code = SuiteRunner(runs, out=out / 'runs', results=results, jobs=FLAGS.jobs).run()
    try:
        for path in report.write(results, FLAGS.suite):
            print('dreamer_tf: {} is written'.format(path), flush=True)
    except UserError as error:
        if not code:
            raise
        print('dreamer_tf: nothing to show yet ({})'.format(error), flush=True)
    return code


def _seeds() -> List[int]:
    try:
        seeds = [int(word) for word in FLAGS.seeds]
    except ValueError as error:
        raise UserError('--seeds must be numbers such as 0,1,2, not {}'.format(
            ','.join(FLAGS.seeds))) from error
    if any(seed < 0 for seed in seeds):
        raise UserError('--seeds must be at least 0, not {}'.format(','.join(FLAGS.seeds)))
    return seeds


def cli(argv: Optional[Sequence[str]] = None) -> None:
    """Runs the command; ends the process with the exit code of `main`."""
    COMMAND.run(main, argv)


if __name__ == '__main__':
    cli()
