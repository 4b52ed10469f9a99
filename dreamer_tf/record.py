"""Records what a script or a person does with a robot.

`python -m dreamer_tf.record --robot=ur5 --driver=scripted --steps=2000 --out=demos/ur5`. The
recording is a folder of TFRecords with the fields of RLDS; `dreamer_tf.train --demonstrations`
gives it to a replay. With `--policy` an exported policy looks on (shadow mode).
"""

from __future__ import annotations

import contextlib
import pathlib
from typing import Any, Optional, Sequence

from absl import flags

from dreamer_tf import command_line
from dreamer_tf.errors import UserError

QUEUE_STEPS = 1000

COMMAND = command_line.CommandLine(
    name="dreamer_tf",
    usage="Lets a script or a person drive a robot and records every step as TFRecords with the "
    "fields of RLDS. With --policy, an exported policy looks on: what it would have done is "
    "written beside what was done.",
    examples=[
        "python -m dreamer_tf.record --robot=ur5 --driver=scripted --steps=2000 --out=demos/ur5",
        "python -m dreamer_tf.record --robot=sphero --driver=keyboard --out=demos/sphero "
        "--policy=policies/sphero",
    ],
)
FLAGS = COMMAND.flags

flags.DEFINE_string("robot", None, "The robot, as for training (required)", flag_values=FLAGS)
flags.DEFINE_string(
    "driver",
    "scripted",
    "Who drives: scripted, random, keyboard, or <module>:<function>, which takes the environment "
    "and returns an object with action(time_step)",
    flag_values=FLAGS,
)
flags.DEFINE_string(
    "out", None, "Folder of the recording (required); an old one goes on", flag_values=FLAGS
)
flags.DEFINE_integer("steps", 1000, "Environment steps; Ctrl-C ends earlier", 1, flag_values=FLAGS)
flags.DEFINE_string("backend", "twin", "What stands behind the robot", flag_values=FLAGS)
flags.DEFINE_boolean(
    "dry_run", False, "Everything but motion: commands do not reach the robot", flag_values=FLAGS
)
flags.DEFINE_multi_string(
    "gin_bindings", [], "One setting of the robot", flag_values=FLAGS
)
flags.DEFINE_string("policy", None, "Exported policy that looks on", flag_values=FLAGS)
flags.DEFINE_integer("seed", 0, "Of the twin and of random actions", 0, flag_values=FLAGS)


def main() -> int:
    """Checks the flags and records.

    Returns:
      0, or 130 or 143 after a signal; what was recorded is kept.

    Raises:
      UserError: a flag is missing, the recording is another robot's, or cannot be written.
      RobotError: the robot cannot be made, or fails.
    """
    if not FLAGS.robot or not FLAGS.out:
        raise UserError("--robot and --out are both needed (--help shows examples)")
    command_line.quiet_imports()
    from dreamer_tf.roles.episode_log import EpisodeLog
    from dreamer_tf.roles.log_writer import LogWriter
    from dreamer_tf.replay.step_spec import replay_step_spec
    from dreamer_tf.stop_signal import StopSignal
    from robot_envs import registry, settings
    from robot_envs.dry_run import dry_run_bindings

    entry = registry.get(FLAGS.robot)
    dry = dry_run_bindings(FLAGS.dry_run, FLAGS.backend)
    settings.bind(entry, FLAGS.backend, FLAGS.gin_bindings + dry)
    out = pathlib.Path(FLAGS.out).expanduser()
    with contextlib.ExitStack() as stack:
        stop = stack.enter_context(StopSignal())
        env = registry.make(FLAGS.robot, seed=FLAGS.seed, backend=FLAGS.backend)
        stack.callback(env.close)
        log = EpisodeLog(
            out, replay_step_spec(env.time_step_spec(), env.action_spec()), robot=FLAGS.robot
        )
        driver, shadow = _driver(stack, env, out)
        writer = LogWriter(log, queue_steps=QUEUE_STEPS)
        stack.callback(writer.close)
        try:
            _drive(_paced(env, entry), driver, writer.put, stop)
        finally:
            env.close()  # The robot comes before the disk, which may take seconds.
    print(f"dreamer_tf: {log.env_steps:,} steps in {out}", flush=True)
    if shadow is not None:
        print(f"dreamer_tf: {shadow.summary()}", flush=True)
    return stop.exit_code


def _driver(stack: contextlib.ExitStack, env, out: pathlib.Path):
    """Returns who drives, and the shadow if there is one."""
    from dreamer_tf.console.terminal import Terminal
    from dreamer_tf.recording.drivers import make_driver
    from dreamer_tf.recording.keyboard_actions import KeyboardActions
    from dreamer_tf.recording.shadow import Shadow
    from dreamer_tf.serving.exported_policy import ExportedPolicy

    driver: Any = make_driver(FLAGS.driver, FLAGS.robot, env, FLAGS.seed)
    if isinstance(driver, KeyboardActions):
        print("\n".join(["keys, Ctrl-C ends:", *driver.help_lines()]), flush=True)
        stack.enter_context(Terminal().keys())
    if not FLAGS.policy:
        return driver, None
    policy = ExportedPolicy(FLAGS.policy)
    policy.check_robot(FLAGS.robot, env.observation_spec(), env.action_spec())
    file = stack.enter_context(open(out / "shadow.jsonl", "a", encoding="utf-8"))
    shadow = Shadow(driver, policy, file)
    return shadow, shadow


def _paced(env, entry):
    """A person needs the robot's own rate; real robots keep it by themselves."""
    from robot_envs.wrappers.rate_control import RateControl

    if FLAGS.driver == "keyboard" and FLAGS.backend == "twin":
        return RateControl(env, rate_hz=entry.rate_hz)
    return env


def _drive(env, driver, write, stop) -> None:
    from dreamer_tf.collector import Collector
    from dreamer_tf.replay.step_spec import num_discrete_actions

    collector = Collector(
        env, driver, write, prefill_steps=0, seed=FLAGS.seed,
        num_discrete_actions=num_discrete_actions(env.action_spec()),
        warn=lambda line: print(f"dreamer_tf: warning: {line}", flush=True),
    )
    while collector.env_steps < FLAGS.steps and not stop:
        episode = collector.step()
        if episode is not None:
            print(
                f"dreamer_tf: step {collector.env_steps:,}: return {episode.total_reward:.3f} "
                f"in {episode.length} steps",
                flush=True,
            )


def cli(argv: Optional[Sequence[str]] = None) -> None:
    """Runs the command; ends the process with the exit code of `main`."""
    COMMAND.run(main, argv)


if __name__ == "__main__":
    cli()
