"""Lets an exported policy drive a robot.

`python -m dreamer_tf.run --policy=policies/sphero --robot=sphero`. Of the training nothing is
loaded, only the exported folder; nothing is learnt either. With `--logdir` the newest checkpoint of
a run is exported to a temporary folder first.
"""

from __future__ import annotations

import contextlib
import json
import pathlib
import tempfile
import time
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence

import numpy as np
from absl import flags

from dreamer_tf import command_line, export
from dreamer_tf.errors import UserError
from robot_envs.errors import RobotError

COMMAND = command_line.CommandLine(
    name="dreamer_tf",
    usage="Lets an exported policy drive a robot, and writes returns and, if wanted, a video.",
    examples=[
        "python -m dreamer_tf.run --policy=policies/sphero --robot=sphero --video=episode.gif",
        "python -m dreamer_tf.run --logdir=logdir/a1 --video=a1.gif",
    ],
)
FLAGS = COMMAND.flags
MAX_FPS = 50

flags.DEFINE_string(
    "policy",
    None,
    "Folder of the exported policy: a version, a folder of versions, or the --out of "
    "dreamer_tf.export",
    flag_values=FLAGS,
)
flags.DEFINE_string(
    "logdir",
    None,
    "Instead of --policy: folder of a training run, whose newest checkpoint is taken",
    flag_values=FLAGS,
)
flags.DEFINE_string(
    "robot", None, "The robot, as for training; with --logdir, that of the run", flag_values=FLAGS
)
flags.DEFINE_string("backend", "twin", "What stands behind it", flag_values=FLAGS)
flags.DEFINE_boolean(
    "dry_run", False, "Everything but motion: commands do not reach the robot", flag_values=FLAGS
)
flags.DEFINE_multi_string(
    "gin_bindings", [], "One setting of the robot", flag_values=FLAGS
)
flags.DEFINE_enum(
    "kind", "greedy", ["greedy", "sampling"], "Which policy of an export", flag_values=FLAGS
)
flags.DEFINE_integer("episodes", 1, "How many to play", 1, flag_values=FLAGS)
flags.DEFINE_integer("seed", 0, "Of the twin", 0, flag_values=FLAGS)
flags.DEFINE_string("video", None, "GIF to write, of the first episode", flag_values=FLAGS)
flags.DEFINE_string(
    "returns", None, "File to write, one JSON object an episode", flag_values=FLAGS
)


class Episode(NamedTuple):
    """An episode that was played.

    Attributes:
      episode: from 0.
      steps: environment steps.
      total_reward: the return.
      policy_ms_median: milliseconds from observation to action, the first step left out.
      policy_ms_largest: likewise.
    """

    episode: int
    steps: int
    total_reward: float
    policy_ms_median: float
    policy_ms_largest: float


def main() -> int:
    """Checks the flags, plays, prints a line an episode.

    Returns:
      0.

    Raises:
      UserError: a flag is missing, or the policy is damaged or of another robot.
      RobotError: the robot cannot be made, or fails.
    """
    if bool(FLAGS.policy) == bool(FLAGS.logdir):
        raise UserError("either --policy or --logdir is needed (--help shows examples)")
    if FLAGS.policy and not FLAGS.robot:
        raise UserError("--policy and --robot are both needed (--help shows an example)")
    command_line.quiet_imports()
    with contextlib.ExitStack() as stack:
        policy = _load(stack)
        return _play_all(policy, FLAGS.robot or policy.robot)


def _load(stack: contextlib.ExitStack):
    from dreamer_tf.serving.exported_policy import ExportedPolicy

    folder = FLAGS.policy
    if FLAGS.logdir:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        steps = export.export(FLAGS.logdir, folder, tflite=False)
        print(f"dreamer_tf: what was learnt by step {steps:,} drives", flush=True)
    return ExportedPolicy(folder, FLAGS.kind)


def _play_all(policy, robot: str) -> int:
    from robot_envs import registry, settings
    from robot_envs.dry_run import dry_run_bindings

    entry = registry.get(robot)
    if policy.robot != robot:  # before anything moves
        policy.check_robot(robot, {}, None)
    dry = dry_run_bindings(FLAGS.dry_run, FLAGS.backend)
    settings.bind(entry, FLAGS.backend, FLAGS.gin_bindings + dry)
    env = registry.make(robot, seed=FLAGS.seed, backend=FLAGS.backend)
    frames: List[np.ndarray] = []
    episodes = []
    try:
        policy.check_robot(robot, env.observation_spec(), env.action_spec())
        for index in range(FLAGS.episodes):
            film = frames.append if FLAGS.video and index == 0 else None
            episodes.append(play(env, policy, index, film))
            _say(episodes[-1])
    finally:
        env.close()
    if FLAGS.returns:
        _write(FLAGS.returns, "".join(json.dumps(x._asdict()) + "\n" for x in episodes).encode())
    if FLAGS.video:
        _film(robot, frames, min(MAX_FPS, max(5.0, entry.rate_hz)))
    return 0


def play(env, policy, index: int, film: Optional[Callable[[np.ndarray], Any]]) -> Episode:
    """Plays an episode.

    Args:
      env: a `PyEnvironment`.
      policy: an `ExportedPolicy`.
      index: number of the episode.
      film: takes a picture (height, width, 3) before every step; None for none.

    Raises:
      UserError: an observation does not fit.
      RobotError: the robot fails.
    """
    policy.forget()
    time_step, total, seconds = env.reset(), 0.0, []
    while not time_step.is_last():
        if film is not None:
            picture = _picture(env)
            film = film if picture is not None else None
            if film is not None:
                film(picture)
        began = time.perf_counter()
        action = policy.action(time_step.observation, bool(time_step.is_first()))
        seconds.append(time.perf_counter() - began)
        time_step = env.step(action)
        total += float(time_step.reward)
    later = 1e3 * np.asarray(seconds[1:] or seconds)
    return Episode(index, len(seconds), total, float(np.median(later)), float(later.max()))


def _picture(env) -> Optional[np.ndarray]:
    try:
        picture = env.render()
    except (RobotError, NotImplementedError):
        return None
    return None if picture is None else np.asarray(picture)


def _say(episode: Episode) -> None:
    values: Dict[str, Any] = episode._asdict()
    print(
        "dreamer_tf: episode {episode}: return {total_reward:.3f} in {steps} steps, action in "
        "{policy_ms_median:.1f} ms (median; longest {policy_ms_largest:.1f})".format(**values),
        flush=True,
    )


def _film(robot: str, frames: Sequence[np.ndarray], fps: float) -> None:
    from dreamer_tf import video

    if not frames:
        raise UserError(f"--video: {robot} with backend {FLAGS.backend} gives no picture")
    _write(FLAGS.video, video.encode_gif(frames, fps))


def _write(path: str, data: bytes) -> None:
    from dreamer_tf import video

    try:
        video.save(data, pathlib.Path(path).expanduser().absolute())
    except OSError as error:
        raise UserError(f"cannot write {path} ({error.strerror})") from error
    print(f"dreamer_tf: {path} is written", flush=True)


def cli(argv: Optional[Sequence[str]] = None) -> None:
    """Runs the command; ends the process with the exit code of `main`."""
    COMMAND.run(main, argv)


if __name__ == "__main__":
    cli()
