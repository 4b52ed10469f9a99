"""Does a robot that has learnt its task get used to a world that changes?

    python -m dreamer_tf.experiments.adaptation --logdir=logdir/a1 --out=logdir/a1_pushes

A trained run is copied. Its policy is tried out, frozen, in the usual world (`usual`) and in the
changed one (`before`); then the copy goes on learning in the changed world, and is tried out there
once more (`after`).
"""
from __future__ import annotations

import json
import os
import pathlib
import shutil
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

from absl import flags

from dreamer_tf import checkpoint_folders, command_line
from dreamer_tf.errors import UserError
from dreamer_tf.experiments import adaptation_report, machine
from dreamer_tf.experiments.run_process import RunProcess
from dreamer_tf.run_folder import RUN_FILE, RunFolder
from dreamer_tf.stop_signal import STOPPED, StopSignal
from robot_envs import registry, settings

TRIAL_SEED = 1_000_003
MEASURED = 'adaptation.json'
_COPIED = (RUN_FILE, 'config.gin', 'curve.csv', 'metrics.jsonl', 'checkpoints')


class Change(NamedTuple):
    """How the world changes.

    Attributes:
      bindings: gin settings of `robot_envs/wrappers/disturbed_environment.py`.
      adapt_minutes: of the robot's time that it goes on learning.
      trial_minutes: of the robot's time that each trial takes.
    """

    bindings: Tuple[str, ...]
    adapt_minutes: float
    trial_minutes: float


CHANGES: Dict[str, Change] = {
    # 12 N s make a walking A1 of 12.5 kg a metre a second faster.
    'pushes': Change(('Disturbances.push_newton_seconds = 12',
                      'Disturbances.steps_between_pushes = 200'), 10.0, 10.0),
    'light': Change(('Disturbances.light = 0.4',), 40.0, 10.0),
}

COMMAND = command_line.CommandLine(
    name='dreamer_tf',
    usage='Lets a trained run of Dreamer go on, as a copy, in a world that changes, and measures '
          'what that costs and how far it recovers. Ctrl-C stops and saves, the same command goes '
          'on.',
    examples=['python -m dreamer_tf.experiments.adaptation --logdir=logdir/a1 '
              '--out=logdir/a1_pushes',
              'python -m dreamer_tf.experiments.adaptation --logdir=logdir/sphero '
              "--out=logdir/sphero_dark --gin_bindings='Disturbances.light = 0.5'"])
FLAGS = COMMAND.flags

flags.DEFINE_string('logdir', None, 'Folder of the trained run (required); it is only read.',
                    flag_values=FLAGS)
flags.DEFINE_string('out', None, 'Folder of the experiment (required).', flag_values=FLAGS)
flags.DEFINE_enum('change', None, list(CHANGES), 'What changes; pushes for the A1 and light for '
                  'the others without it.', flag_values=FLAGS)
flags.DEFINE_multi_string('gin_bindings', [], 'Wins over the settings of the change; may be given '
                          'again.', flag_values=FLAGS)
flags.DEFINE_float('adapt_minutes', None, "Minutes of the robot's time to go on learning; without "
                   'it 10 for pushes, 40 for light.', 0.0, flag_values=FLAGS)
flags.DEFINE_float('trial_minutes', None, "Minutes of the robot's time of each trial; without it "
                   '10.', 0.0, flag_values=FLAGS)


def main() -> int:
    """Checks the flags and makes what is not there yet of the experiment.

    Returns:
      0 when it is finished, 130 or 143 when a signal stopped it.

    Raises:
      UserError, RobotError: a mistake of the user, or a robot that cannot be changed so.
    """
    if not FLAGS.logdir or not FLAGS.out:
        raise UserError('--logdir and --out are both needed (--help shows examples)')
    source = pathlib.Path(FLAGS.logdir).expanduser().absolute()
    out = pathlib.Path(FLAGS.out).expanduser().absolute()
    if not (source / RUN_FILE).is_file():
        raise UserError('--logdir={} holds no run: there is no {}'.format(source, RUN_FILE))
    command_line.quiet_imports()
    folder = RunFolder(str(source))
    run = folder.read_run()
    if (run.get('agent', 'dreamer'), run.get('layout', 'inline')) != ('dreamer', 'inline'):
        raise UserError('--logdir={} is a run of {} in the layout {}: only runs of dreamer in one '
                        'process can be copied'.format(source, run.get('agent', 'dreamer'),
                                                       run.get('layout', 'inline')))
    robot = run['robot']
    change = FLAGS.change or ('pushes' if robot == 'a1' else 'light')
    plan = CHANGES[change]
    rate = 60 * registry.get(robot).rate_hz
    minutes = [planned if given is None else given for given, planned in (
        (FLAGS.adapt_minutes, plan.adapt_minutes), (FLAGS.trial_minutes, plan.trial_minutes))]
    bindings = [*plan.bindings, *FLAGS.gin_bindings]
    settings.bind(registry.get(robot), 'twin', bindings)  # a wrong one is told before the trials
    return Adaptation(folder, out, robot=robot, change=change, bindings=bindings,
                      adapt_steps=max(1, round(minutes[0] * rate)),
                      trial_steps=max(1, round(minutes[1] * rate))).run()


class Adaptation:
    """One experiment in one folder: the copy `run/`, what was measured, a picture and a table."""

    def __init__(self, source: RunFolder, out: pathlib.Path, *, robot: str, change: str,
                 bindings: Sequence[str], adapt_steps: int, trial_steps: int):
        """Copies the run, unless an earlier process has done so.

        Args:
          source: the trained run.
          out: folder of the experiment.
          robot: of the run.
          change: key of `CHANGES`, for the labels.
          bindings: what makes the changed world.
          adapt_steps: environment steps to go on learning.
          trial_steps: environment steps of each trial.

        Raises:
          UserError: the run has no checkpoint or is going on, or `out` holds another experiment.
        """
        self._folder, self._bindings = out, list(bindings)
        self._path, self._copy = out / MEASURED, out / 'run'
        if not self._copy.exists():
            _copy_run(source, self._copy)
        plan = {'source': str(source.path), 'robot': robot, 'change': change,
                'bindings': self._bindings, 'adapt_steps': adapt_steps,
                'trial_steps': trial_steps}
        if self._path.exists():
            self._state = json.loads(self._path.read_text(encoding='utf-8'))
            different = [key for key in plan if plan[key] != self._state[key]]
            if different:
                raise UserError('--out={} holds an experiment with another {}: choose another '
                                'folder'.format(out, ', '.join(different)))
        else:
            learnt = checkpoint_folders.newest_steps(self._copy / 'checkpoints')
            self._state = {**plan, 'source_steps': learnt, 'machine': machine.describe(),
                           'trials': {}}
            self._save()

    def run(self) -> int:
        """Makes the trials and the training that are not there yet, and the report.

        Returns:
          0, or 130 or 143 after a signal.

        Raises:
          UserError, RobotError: the training or the robot fails.
        """
        with StopSignal() as stop:
            self._try_out('usual', [], stop)
            self._try_out('before', self._bindings, stop)
            if not stop:
                self._adapt(stop)
            self._try_out('after', self._bindings, stop)
            if stop:
                _say('stopped; the same command goes on')
                return stop.exit_code
        for path in adaptation_report.write(self._state, self._copy / 'curve.csv', self._folder):
            _say('{} is written'.format(path))
        return 0

    def _try_out(self, name: str, bindings: List[str], stop: StopSignal) -> None:
        trials = self._state['trials']
        if stop or name in trials:
            return
        from dreamer_tf.experiments import trial  # TensorFlow: seconds
        measured = trial.play(RunFolder(str(self._copy)), bindings, self._state['trial_steps'],
                              seed=TRIAL_SEED, stop=lambda: bool(stop))
        if measured is not None:
            trials[name] = measured
            self._save()
            _say('{}: {}'.format(name, ', '.join(
                '{} {}'.format(key, value) for key, value in measured.items())))

    def _adapt(self, stop: StopSignal) -> None:
        state = self._state
        if 'after' in state['trials']:
            return
        end = state['source_steps'] + state['adapt_steps']
        run = RunFolder(str(self._copy)).read_run()
        _say('{} goes on from step {:,} to {:,} with {}'.format(
            state['robot'], state['source_steps'], end, ', '.join(self._bindings)))
        process = RunProcess(
            ['--robot=' + run['robot'], '--seed={}'.format(run['seed']),
             '--logdir={}'.format(self._copy), '--gin_file={}'.format(self._copy / 'source.gin'),
             *('--gin_bindings=' + line for line in self._bindings),
             '--env_steps={}'.format(end)], self._copy)
        code = process.follow(stop)
        if code not in (0, *STOPPED):
            raise UserError('the training failed: {} (more in {})'.format(
                process.last_words(), self._copy / 'output.txt'))

    def _save(self) -> None:
        beside = self._path.with_suffix('.tmp')
        beside.write_text(json.dumps(self._state, indent=1) + '\n', encoding='utf-8')
        os.replace(beside, self._path)


def _copy_run(source: RunFolder, target: pathlib.Path) -> None:
    if not checkpoint_folders.complete(source.checkpoints):
        raise UserError('--logdir={} holds no checkpoint yet: let the training run until it saves, '
                        'or stop it with Ctrl-C'.format(source.path))
    beside = target.with_name(target.name + '.copying')
    source.lock()  # a checkpoint must not be replaced meanwhile
    try:
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        for name in _COPIED:
            path = source.path / name
            if path.is_dir():
                shutil.copytree(path, beside / name)
            elif path.exists():
                shutil.copy2(path, beside / name)
        # The training writes its own config.gin.
        shutil.copy2(source.config, beside / 'source.gin')
        beside.rename(target)
    except OSError as error:
        raise UserError('cannot copy {} to {} ({})'.format(
            source.path, target, error.strerror)) from error
    finally:
        source.unlock()


def _say(text: str) -> None:
    print('dreamer_tf: ' + text, flush=True)


def cli(argv: Optional[Sequence[str]] = None) -> None:
    """Runs the command; ends the process with the exit code of `main`."""
    COMMAND.run(main, argv)


if __name__ == '__main__':
    cli()
