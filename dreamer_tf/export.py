"""Exports what a run has learnt: policies and world model, for TensorFlow, TF Serving and TFLite.

`python -m dreamer_tf.export --logdir=... --out=...` writes `<out>/greedy/<steps>`, `sampling`,
`world_model` and `tflite`; docs/export.md says what is in them. They need TensorFlow alone (or
TFLite's small runtime); TF-Agents' `SavedModelPyTFEagerPolicy` takes the policies too.
"""
from __future__ import annotations

import pathlib
from typing import Optional, Sequence

from absl import flags

from dreamer_tf import command_line, config
from dreamer_tf.baselines import catalog
from dreamer_tf.errors import UserError
from dreamer_tf.run_folder import RUN_FILE, RunFolder

COMMAND = command_line.CommandLine(
    name='dreamer_tf',
    usage='Exports the policies and the world model of a training run, for TensorFlow, TensorFlow '
          'Serving and TFLite, after a check that they act as the run does.',
    examples=['python -m dreamer_tf.export --logdir=~/runs/sphero --out=~/policies/sphero'])
FLAGS = COMMAND.flags
RECORDED_STEPS = 32

flags.DEFINE_string('logdir', None, 'Folder of the run (required); its newest checkpoint is taken',
                    flag_values=FLAGS)
flags.DEFINE_string('out', None, 'Folder (required) in which greedy/<steps>, sampling/<steps> ... '
                    'are made', flag_values=FLAGS)
flags.DEFINE_boolean('tflite', True, 'Also for the small runtime', flag_values=FLAGS)


def main() -> int:
    """Checks the flags and exports.

    Returns:
      0.

    Raises:
      UserError, RobotError: see `export`.
    """
    if not FLAGS.logdir or not FLAGS.out:
        raise UserError('--logdir and --out are both needed (--help shows an example)')
    steps = export(FLAGS.logdir, FLAGS.out, tflite=FLAGS.tflite)
    print('dreamer_tf: what was learnt by step {:,} is in {}'.format(steps, FLAGS.out))
    return 0


def export(logdir: str, out: str, *, tflite: bool = True) -> int:
    """Exports the newest checkpoint of a run.

    Everything is written beside, compared with the live policy on what the robot's twin sees, and
    then renamed, so that nobody loads half a policy or a wrong one.

    Args:
      logdir: folder of the run.
      out: folder of the exported versions.
      tflite: also for the small runtime.

    Returns:
      The environment steps of the checkpoint, which are the version's number.

    Raises:
      UserError: there is no run or no checkpoint in `logdir`, `out` holds this version or another
        robot's, it cannot be written, or an exported policy does not act as the live one.
      RobotError: the robot's twin cannot be made.
    """
    source = pathlib.Path(logdir).expanduser()
    if not (source / RUN_FILE).is_file():
        raise UserError('--logdir={} holds no run: there is no {}'.format(source, RUN_FILE))
    command_line.quiet_imports()
    from dreamer_tf.serving import exporter, recording  # TensorFlow: seconds
    from robot_envs import registry
    folder = RunFolder(str(source))
    agent, steps = restore_agent(folder)
    run = folder.read_run()
    origin = exporter.Source(robot=run['robot'], entry=registry.get(run['robot']), env_steps=steps,
                             run=run, settings=folder.config.read_text(encoding='utf-8'))
    target = pathlib.Path(out).expanduser().absolute()
    exporter.check_place(agent, origin, target)
    env = registry.make(run['robot'], seed=run['seed'])
    try:
        seen = recording.record(env, RECORDED_STEPS)
    finally:
        env.close()
    exporter.export_agent(agent, origin, target, seen, with_tflite=tflite)
    return steps


def restore_agent(folder: RunFolder):
    """Returns the `DreamerAgent` of a run's newest checkpoint, and its environment steps.

    Raises:
      UserError: there is no checkpoint, or it does not fit the run's settings.
      RobotError: the robot's specs cannot be had.
    """
    from dreamer_tf import checkpoints  # TensorFlow: seconds
    agent = rebuild_agent(folder)
    restored = checkpoints.Checkpoints(folder.checkpoints, agent.checkpoint_items()).restore()
    if restored is None:
        raise UserError('--logdir={} holds no checkpoint yet: let the training run until it saves, '
                        'or stop it with Ctrl-C'.format(folder.path))
    return agent, restored.state['env_steps']


def rebuild_agent(folder: RunFolder):
    """Returns the `DreamerAgent` of a run as its saved settings make it, untrained.

    Raises:
      UserError: it is a run of another agent, or the settings are damaged or make an agent of
        other sizes.
      RobotError: the robot cannot be made.
    """
    from dreamer_tf import checkpoints
    from dreamer_tf.factory import make_agent
    from dreamer_tf.trainer import Trainer  # noqa: F401  config.gin holds its settings
    from robot_envs import registry
    run = folder.read_run()
    if run.get('agent', catalog.DREAMER) != catalog.DREAMER:
        raise UserError('--logdir={} is a run of the agent {}: only runs of dreamer can be looked '
                        'into or exported'.format(folder.path, run['agent']))
    registry.get(run['robot']).factory()  # so that gin knows the settings of its own modules
    config.load([folder.config])
    env = registry.make(run['robot'], seed=0)
    try:
        agent = make_agent(env.time_step_spec(), env.action_spec(), seed=run['seed'])
    finally:
        env.close()
    folder.check_same_sizes(**checkpoints.sizes(agent.variables))
    return agent


def cli(argv: Optional[Sequence[str]] = None) -> None:
    """Entry of the command `dreamer-export`; ends the process with the exit code of `main`."""
    COMMAND.run(main, argv)


if __name__ == '__main__':
    cli()
