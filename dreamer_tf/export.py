"""Saves the greedy policy of a run as a TensorFlow SavedModel.

`python -m dreamer_tf.export --logdir=... --out=...`. The SavedModel holds the world model's filter
and the actor; it runs with TensorFlow alone (`tf.saved_model.load`) or with TF-Agents'
`SavedModelPyTFEagerPolicy`.
"""
from __future__ import annotations

import os
import pathlib
import shutil
from typing import Optional, Sequence

from absl import flags, logging

from dreamer_tf import command_line, config
from dreamer_tf.errors import UserError
from dreamer_tf.run_folder import RUN_FILE, RunFolder

COMMAND = command_line.CommandLine(
    name='dreamer_tf',
    usage='Saves the greedy policy of a training run as a TensorFlow SavedModel.',
    examples=['python -m dreamer_tf.export --logdir=~/runs/sphero --out=~/policies/sphero'])
FLAGS = COMMAND.flags

flags.DEFINE_string('logdir', None, 'Folder of the run (required); its newest checkpoint is taken',
                    flag_values=FLAGS)
flags.DEFINE_string('out', None, 'Folder to make (required); it must not exist yet',
                    flag_values=FLAGS)


def main() -> int:
    """Checks the flags and exports.

    Returns:
      0.

    Raises:
      UserError, RobotError: see `export`.
    """
    if not FLAGS.logdir or not FLAGS.out:
        raise UserError('--logdir and --out are both needed (--help shows an example)')
    steps = export(FLAGS.logdir, FLAGS.out)
    print('dreamer_tf: the policy of step {:,} is in {}'.format(steps, FLAGS.out))
    return 0


def export(logdir: str, out: str) -> int:
    """Saves the policy of the newest checkpoint of a run.

    The folder is written beside and renamed, so that nobody loads half a policy.

    Args:
      logdir: folder of the run.
      out: folder to make.

    Returns:
      The environment steps of the checkpoint.

    Raises:
      UserError: there is no run or no checkpoint in `logdir`, or `out` exists or cannot be
        written.
      RobotError: the robot's specs cannot be had.
    """
    source = pathlib.Path(logdir).expanduser()
    target = pathlib.Path(out).expanduser().absolute()
    if not (source / RUN_FILE).is_file():
        raise UserError('--logdir={} holds no run: there is no {}'.format(source, RUN_FILE))
    if target.exists():
        raise UserError('--out={} exists: choose another folder or remove it'.format(target))
    command_line.quiet_imports()
    agent, steps = restore_agent(RunFolder(str(source)))
    _save_policy(agent, target)
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
      UserError: the settings are damaged or make an agent of other sizes.
      RobotError: the robot cannot be made.
    """
    from dreamer_tf import checkpoints
    from dreamer_tf.factory import make_agent
    from dreamer_tf.trainer import Trainer  # noqa: F401  config.gin holds its settings
    from robot_envs import registry
    run = folder.read_run()
    env = registry.make(run['robot'], seed=0)
    try:
        config.load([folder.config])
        agent = make_agent(env.time_step_spec(), env.action_spec(), seed=run['seed'])
    finally:
        env.close()
    folder.check_same_sizes(**checkpoints.sizes(agent.variables))
    return agent


def _save_policy(agent, target: pathlib.Path) -> None:
    import tensorflow as tf
    from tf_agents.policies import policy_saver

    beside = target.with_name('{}.writing.{}'.format(target.name, os.getpid()))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # PolicySaver warns about names that it makes itself, eight lines a time.
        logging.set_verbosity(logging.ERROR)
        saver = policy_saver.PolicySaver(agent.policy, batch_size=None,
                                         train_step=agent.train_step_counter)
        saver.save(str(beside))
        beside.rename(target)
    except (OSError, tf.errors.OpError) as error:
        raise UserError('could not write --out={} ({})'.format(
            target, ' '.join(str(error).split())[:200])) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def cli(argv: Optional[Sequence[str]] = None) -> None:
    """Entry of the command `dreamer-export`; ends the process with the exit code of `main`."""
    COMMAND.run(main, argv)


if __name__ == '__main__':
    cli()
