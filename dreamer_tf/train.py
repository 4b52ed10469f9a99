"""Trains Dreamer or a baseline on a robot:

    python -m dreamer_tf.train --robot=sphero --logdir=...

Flags, files and the folder are checked before TensorFlow is imported, so that `--help` and
plain mistakes answer at once.
"""
from __future__ import annotations

import time
from typing import Optional, Sequence

from absl import flags

from dreamer_tf import command_line
from dreamer_tf import config
from dreamer_tf.baselines import catalog
from dreamer_tf.errors import UserError
from dreamer_tf.roles.launcher_watch import watch_launcher
from dreamer_tf.run_folder import RunFolder
from robot_envs import registry
from robot_envs.dry_run import dry_run_bindings

_BEGAN = time.monotonic()
ROLES = ('inline', 'local', 'replay', 'learner', 'actor', 'evaluator')
OF_ROLES = ('role', 'replay_address', 'weights_address', 'actor', 'actors')


def _robots() -> str:
    lines = ['Robots:']
    for name in registry.names():
        lines.append('  {:<8} {}'.format(name, registry.get(name).description))
    lines += ['Worlds of others:']
    lines += ['  {:<27} {}'.format(*world) for world in registry.WORLDS_HELP]
    lines.append('Agents beside dreamer, each with gin/<agent>.gin in the place of small (planner: '
                 'beside it):')
    lines += ['  {:<8} {}'.format(*item) for item in catalog.descriptions().items()]
    lines += ['', 'Gin files by name: ' + ', '.join(config.known_names())]
    return '\n'.join(lines)


COMMAND = command_line.CommandLine(
    name='dreamer_tf',
    usage='Trains Dreamer or a baseline on a robot. Everything goes to --logdir; Ctrl-C saves, and '
          'the same command goes on where it stopped.',
    examples=[
        'python -m dreamer_tf.train --robot=sphero --logdir=~/runs/sphero',
        'python -m dreamer_tf.train --robot=a1 --logdir=~/runs/a1 --env_steps=50000 --seed=1',
        "python -m dreamer_tf.train --robot=sphero --logdir=~/runs/x --gin_file=paper "
        "--gin_bindings='Trainer.replay_ratio = 64'",
    ],
    notes=_robots)
FLAGS = COMMAND.flags

flags.DEFINE_string('robot', None, 'Name of the robot (required); see the lists below.',
                    flag_values=FLAGS)
flags.DEFINE_string('backend', 'twin', 'What stands behind the robot that collects: twin, emulated '
                    'or hardware (docs/real_robots.md); others than twin are not evaluated.',
                    flag_values=FLAGS)
flags.DEFINE_string('agent', catalog.DREAMER, 'Who learns; see the list below.', flag_values=FLAGS)
flags.DEFINE_string('logdir', None, 'Folder of this run (required). A folder that holds a '
                    'stopped run of the same robot is resumed.', flag_values=FLAGS)
flags.DEFINE_multi_string('gin_file', [config.DEFAULT_FILE], 'Settings, by path or by name; read '
                          'after dreamer.gin and <robot>.gin, later ones win', flag_values=FLAGS)
flags.DEFINE_multi_string('gin_bindings', [], "One setting, e.g. 'Trainer.batch_size = 8'; wins "
                          'over the files', flag_values=FLAGS)
flags.DEFINE_boolean('dry_run', False, 'Everything but motion (with --backend=hardware or '
                     'emulated): what is learnt then is worth nothing.',
                     flag_values=FLAGS)
flags.DEFINE_multi_string('demonstrations', [], 'Recording of dreamer_tf.record, or log of an '
                          'actor, that a new run has in its replay from the start',
                          flag_values=FLAGS)
flags.DEFINE_integer('seed', 0, 'Seed of weights, actions and simulation.', lower_bound=0,
                     upper_bound=2 ** 31 - 1, flag_values=FLAGS)
flags.DEFINE_integer('env_steps', None, 'Steps of the robot until the run is finished; without it '
                     'Trainer.env_steps of the gin files counts.', lower_bound=1,
                     flag_values=FLAGS)
flags.DEFINE_enum('role', None, ROLES, 'inline: one process, in turns; for twins and other agents '
                  'than dreamer the default. local: all other roles as processes; else the '
                  'default. See docs/distributed.md.', flag_values=FLAGS)
flags.DEFINE_string('replay_address', None, 'host:port of the replay server. The role replay '
                    'listens there, the others connect. For inline a running server; without it '
                    'the program starts its own.', flag_values=FLAGS)
flags.DEFINE_string('weights_address', None, 'host:port of the weights and run information. The '
                    'role learner listens there, actor and evaluator connect.', flag_values=FLAGS)
flags.DEFINE_integer('actor', 0, 'Number of this actor, for its folder.', lower_bound=0,
                     flag_values=FLAGS)
flags.DEFINE_integer('actors', 1, 'Actors that the role local starts.', lower_bound=1,
                     flag_values=FLAGS)


def _role() -> str:
    if FLAGS.role is not None:
        return FLAGS.role
    waits = FLAGS.backend == registry.TWIN or FLAGS.agent != catalog.DREAMER
    return 'inline' if waits else 'local'


def main() -> int:
    """Checks the flags, builds the trainer and runs it.

    Returns:
      The exit code: 0 when the run is finished, 130 or 143 when a signal stopped it.

    Raises:
      UserError, RobotError: a mistake of the user, or a robot that cannot be used.
    """
    if not FLAGS.robot:
        raise UserError('--robot is missing: one of {}'.format(', '.join(registry.names())))
    if not FLAGS.logdir:
        raise UserError('--logdir is missing: say where to keep the run, e.g. '
                        '--logdir=~/runs/{}'.format(FLAGS.robot))
    command_line.quiet_imports()  # a world's packages are imported to look for its name
    entry = registry.get(FLAGS.robot)
    entry.check_backend(FLAGS.backend)
    dry_run_bindings(FLAGS.dry_run, FLAGS.backend)
    if FLAGS.backend == 'hardware' and _role() == 'local' and FLAGS.actors > 1:
        raise UserError('--backend=hardware with --role=local has one robot, so --actors=1; see '
                        'docs/distributed.md for more')
    catalog.check(FLAGS.agent)
    if FLAGS.agent != catalog.DREAMER and _role() != 'inline':
        raise UserError('--agent={} runs in one process: leave --role={} out'.format(
            FLAGS.agent, _role()))
    if _role() != 'inline' and registry.TWIN not in entry.backends:
        raise UserError("robot '{}' has no twin, from which roles know what it observes and does: "
                        'only --role=inline trains it'.format(entry.name))
    config.check_gin()
    presets = FLAGS.gin_file
    if not catalog.has_world_model(FLAGS.agent) and not FLAGS['gin_file'].present:
        presets = []  # the default is a size of Dreamer
    files = config.files_of_run(FLAGS.robot, presets, FLAGS.agent)
    folder = RunFolder(FLAGS.logdir)
    folder.check_same_run(robot=FLAGS.robot, agent=FLAGS.agent, seed=FLAGS.seed,
                          layout='inline' if _role() == 'inline' else 'roles')
    if _role() == 'local':
        return _launch(folder)
    return _run(entry, files, folder)


def _launch(folder: RunFolder) -> int:
    from dreamer_tf.roles.launcher import Launcher
    folder = RunFolder(str(folder.path / 'local'))
    folder.lock()
    try:
        mine = tuple('--' + name for name in OF_ROLES)
        # A flag that may be given several times and was not is an empty line.
        flags_of_all = [word for word in FLAGS.flags_into_string().splitlines()
                        if word and word.split('=')[0] not in mine]
        return Launcher(flags_of_all, actors=FLAGS.actors, replay_address=FLAGS.replay_address,
                        weights_address=FLAGS.weights_address).run()
    finally:
        folder.unlock()


def _class_of_role():
    """The class of this role and its flags; imports TensorFlow."""
    if _role() == 'inline':
        from dreamer_tf.trainer import Trainer
        if FLAGS.agent != catalog.DREAMER:
            catalog.factory(FLAGS.agent)  # so that gin knows its settings
        return Trainer, {'replay_address': FLAGS.replay_address, 'agent': FLAGS.agent}
    from dreamer_tf.roles.addresses import split_address
    for name in ('replay_address', 'weights_address'):
        if FLAGS[name].value is None:
            raise UserError('--role={} needs --{}=host:port'.format(_role(), name))
        split_address(FLAGS[name].value, name)
    from dreamer_tf.roles.actor_role import ActorRole
    from dreamer_tf.roles.evaluator_role import EvaluatorRole
    from dreamer_tf.roles.learner_role import LearnerRole
    from dreamer_tf.roles.replay_role import ReplayRole
    roles = {'replay': ReplayRole, 'learner': LearnerRole, 'actor': ActorRole,
             'evaluator': EvaluatorRole}
    return roles[_role()], {'replay_address': FLAGS.replay_address, 'actor': FLAGS.actor,
                               'weights_address': FLAGS.weights_address}


def _run(entry, files, folder: RunFolder) -> int:
    watch_launcher()
    if _role() != 'inline':
        from dreamer_tf.roles.own_folder import own_folder
        folder = own_folder(folder, _role(), FLAGS.actor)
    folder.lock()
    make, addresses = _class_of_role()  # TensorFlow: seconds
    entry.factory(FLAGS.backend)  # so that gin knows the settings of the robot's own modules
    dry = dry_run_bindings(FLAGS.dry_run, FLAGS.backend)
    settings = config.load(files, FLAGS.gin_bindings + dry)
    overrides = {} if FLAGS.env_steps is None else {'env_steps': FLAGS.env_steps}
    try:
        return make(FLAGS.robot, folder, settings, seed=FLAGS.seed, began=_BEGAN,
                    backend=FLAGS.backend, demonstrations=FLAGS.demonstrations, **addresses,
                    **overrides).run()
    except (TypeError, ValueError) as error:
        if not config.is_gin_error(error):
            raise
        raise UserError('wrong setting: {}'.format(config.explain(error))) from error
    finally:
        folder.unlock()


def cli(argv: Optional[Sequence[str]] = None) -> None:
    """Runs the command; raises SystemExit with the exit code of `main`."""
    COMMAND.run(main, argv)


def program() -> None:
    """Entry of the command `dreamer-train`; ends the process."""
    command_line.run_program(cli)


if __name__ == '__main__':
    program()
