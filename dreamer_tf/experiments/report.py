"""Tables and pictures of what was gathered:

    python -m dreamer_tf.experiments.report --suite=paper --results=results --docs=docs/results.md

No training and no TensorFlow: it reads `<results>/<robot>/<label>/seed<k>.csv`.
"""
from __future__ import annotations

import os
import pathlib
import re
from typing import List, Optional, Sequence

from absl import flags

from dreamer_tf import command_line
from dreamer_tf.errors import UserError
from dreamer_tf.experiments import picture, results_folder, skill_table, suites, table
from dreamer_tf.experiments.result import Result
from dreamer_tf.experiments.results_folder import ResultsFolder
from dreamer_tf.experiments.suites import SUITES

COMMAND = command_line.CommandLine(
    name='dreamer_tf',
    usage='Makes tables and pictures of gathered runs, and takes in more runs.',
    examples=['python -m dreamer_tf.experiments.report --results=logdir/experiments/paper/results',
              'python -m dreamer_tf.experiments.report --results=results --add=logdir/ur5 '
              '--docs=docs/results.md'])
FLAGS = COMMAND.flags
_BEGIN = '<!-- suite {}: what follows is made by dreamer_tf.experiments.report -->'
_END = '<!-- suite {}: end -->'

flags.DEFINE_enum('suite', 'paper', list(SUITES), 'Whose runs are shown', flag_values=FLAGS)
flags.DEFINE_string('results', 'results', 'Folder of the gathered runs', flag_values=FLAGS)
flags.DEFINE_multi_string('add', [], 'Folder of a run (--logdir of its training), finished or not, '
                          'whose curve, settings and cost are taken into --results first; may be '
                          'given again. On the machine that it ran on, for that is noted too.',
                          flag_values=FLAGS)
flags.DEFINE_string('docs', None, 'A Markdown file with the lines "{}" and "{}": what stands '
                    'between them is replaced, and the pictures go to images/ beside it. Without '
                    'it table.md and pictures are written to --results.'.format(
                        _BEGIN.format('paper'), _END.format('paper')), flag_values=FLAGS)


def main() -> int:
    """Takes in the runs that were named, and writes tables and pictures.

    Returns:
      0.

    Raises:
      UserError: there is nothing to show, or a file cannot be read or written.
    """
    results = ResultsFolder(FLAGS.results)
    for logdir in FLAGS.add:
        run = suites.run_of(FLAGS.suite, results_folder.describe(logdir),
                            results_folder.settings_of(logdir))
        taken = results.take(logdir, name=run.name)
        print('dreamer_tf: taken in: {}/{}/seed{} up to step {:,}'.format(
            taken.robot, taken.label, taken.seed, taken.env_steps))
    docs = pathlib.Path(FLAGS.docs) if FLAGS.docs else None
    for path in write(results, FLAGS.suite, docs):
        print('dreamer_tf: {} is written'.format(path))
    return 0


def write(results: ResultsFolder, suite: str, docs: Optional[pathlib.Path] = None
          ) -> List[pathlib.Path]:
    """Writes table.csv, and table.md and one picture a robot, or those into the documentation.

    Of another suite than the paper's these are table_<suite>.csv and so on.

    Args:
      results: the gathered runs; table.csv goes there.
      suite: name in `SUITES`.
      docs: Markdown file with the suite's two marker lines; None writes to `results`.

    Returns:
      The files that were written.

    Raises:
      UserError: there is no run of the suite, or a file cannot be written or has no markers.
    """
    found = table.of_suite(results.all(), suite)
    if not found:
        raise UserError('{} holds no run of --suite={}'.format(results.path, suite))
    pictures = docs.parent / 'images' if docs else results.path
    # Some suites share the folder of results and the documentation with the paper's.
    ending, name = ('_curve.png', 'table') if suite == 'paper' else (
        '_{}.png'.format(suite), 'table_' + suite)
    drawn = {robot: pictures / (robot + ending)
             for robot in dict.fromkeys(item.robot for item in found)
             if _worth_drawing(robot, found, suite)}
    written = [results.path / (name + '.csv'), *drawn.values()]
    try:
        pictures.mkdir(parents=True, exist_ok=True)
        _write(written[0], table.to_csv(found))
        for robot, path in drawn.items():
            picture.draw(robot, suite, found, path)
        target = docs or results.path / (name + '.md')
        text = markdown(found, suite, ['![{}]({})'.format(
            'Learning curves of ' + robot, os.path.relpath(path, target.parent))
            for robot, path in drawn.items()])
        if docs:
            text = _between(docs.read_text(encoding='utf-8'), text, suite, docs)
        _write(target, text)
    except OSError as error:
        raise UserError('cannot write {} ({})'.format(error.filename, error.strerror)) from error
    return [*written, target]


def markdown(results: Sequence[Result], suite: str, pictures: Sequence[str] = ()) -> str:
    """Returns tables, pictures and what was not run, as Markdown.

    Args:
      results: of the suite.
      suite: name in `SUITES`.
      pictures: lines that show pictures.
    """
    there = {(item.robot, item.label) for item in results}
    missing = ['{}/{}'.format(part.robot, part.label) for part in SUITES[suite]
               if (part.robot, part.label) not in there]
    lines = [*(_skill(results, suite) or _levels(results, suite)), '',
             'Not run: {}.'.format(', '.join(missing) or 'nothing, every curve has a run'), '',
             *(line for shown in pictures for line in (shown, '')),
             *table.described(results), '',
             'Versions: {}'.format(' '.join(table.versions(results))), '']
    return '\n'.join(lines)


def _worth_drawing(robot: str, found: Sequence[Result], suite: str) -> bool:
    """Whether one of the robot's variants was run, or the suite has none of it."""
    variants = [part.label for part in SUITES[suite] if part.robot == robot and part.variant]
    return not variants or any(
        (item.robot, item.label) == (robot, label) for item in found for label in variants)


def _levels(results: Sequence[Result], suite: str) -> List[str]:
    return [*table.compared(results, suite), '',
            'Measured: the mean over the last tenth of the steps that were made. Half of its gain: '
            'the first step at which the mean of ten episodes reaches the middle between the first '
            'twentieth and the last tenth; - where nothing was gained.']


def _skill(results: Sequence[Result], suite: str) -> List[str]:
    lines = skill_table.lines(results, suite)
    return lines and [*lines, '', 'The step at which the mean of ten episodes first reaches what '
                      'is called learnt, in brackets from which it stays there to the end, - where '
                      'it does not; and the updates up to then.']


def _between(text: str, made: str, suite: str, path: pathlib.Path) -> str:
    begin, end = _BEGIN.format(suite), _END.format(suite)
    if text.count(begin) != 1 or text.count(end) != 1:
        raise UserError('{} must have the lines "{}" and "{}" once'.format(path, begin, end))
    return re.sub('{}.*{}'.format(re.escape(begin), re.escape(end)),
                  lambda _: '{}\n\n{}\n{}'.format(begin, made, end), text, flags=re.DOTALL)


def _write(path: pathlib.Path, text: str) -> None:
    beside = path.with_name(path.name + '.tmp')
    beside.write_text(text, encoding='utf-8')
    os.replace(beside, path)


def cli(argv: Optional[Sequence[str]] = None) -> None:
    """Runs the command; ends the process with the exit code of `main`."""
    COMMAND.run(main, argv)


if __name__ == '__main__':
    cli()
