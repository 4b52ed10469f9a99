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
from typing import IO, Any, Callable, Dict, List, NamedTuple, Optional, Sequence

import numpy as np
from absl import flags

from dreamer_tf import command_line, export
from dreamer_tf.errors import UserError
from robot_envs.errors import RobotError, RobotFault

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

    An episode that a fault ends which a program may go on from is played again.

    Returns:
      0, or 130 or 143 after a signal; the episode that it ends is not counted.

    Raises:
      UserError: a flag is missing, or the policy is damaged or of another robot.
      RobotError: the robot cannot be made, or fails. The returns of the episodes before, and the
        film of what was seen, are kept.
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
    from dreamer_tf.stop_signal import StopSignal
    from robot_envs import registry, settings
    from robot_envs.dry_run import dry_run_bindings

    entry = registry.get(robot)
    if policy.robot != robot:  # before anything moves
        policy.check_robot(robot, {}, None)
    dry = dry_run_bindings(FLAGS.dry_run, FLAGS.backend)
    settings.bind(entry, FLAGS.backend, FLAGS.gin_bindings + dry)
    frames: List[np.ndarray] = []
    fps = min(MAX_FPS, max(5.0, entry.rate_hz))
    with StopSignal() as stop:
        try:
            env = registry.make(robot, seed=FLAGS.seed, backend=FLAGS.backend)
            with contextlib.closing(env):
                policy.check_robot(robot, env.observation_spec(), env.action_spec())
                _play_episodes(env, policy, frames, lambda: bool(stop))
        except BaseException:
            _rescue(robot, frames, fps)
            raise
        if FLAGS.video and (frames or not stop):
            _film(robot, frames, fps)
    return stop.exit_code


def _play_episodes(env, policy, frames: List[np.ndarray], stop: Callable[[], bool]) -> None:
    """Plays all episodes, or those up to a stop; `frames` are the pictures of the first one."""
    with contextlib.ExitStack() as stack:
        # Before the robot moves: what cannot be written is to be told now.
        file = stack.enter_context(_open_returns()) if FLAGS.returns else None
        for index in range(FLAGS.episodes):
            episode = _play_through(env, policy, index, frames, stop)
            if episode is None:
                break
            if file is not None:
                _keep(file, episode)
            _say(episode)
    if FLAGS.returns:
        _say_written(FLAGS.returns)


def _play_through(
    env, policy, index: int, frames: List[np.ndarray], stop: Callable[[], bool]
) -> Optional[Episode]:
    """Plays an episode until no fault ends it; the guardian bounds how often that may be."""
    while not stop():
        seen: List[np.ndarray] = []
        film = seen.append if FLAGS.video and index == 0 else None
        try:
            return play(env, policy, index, film, stop)
        except RobotFault as fault:
            if fault.person:
                raise
            _warn(f"episode {index} begins again: {fault}")
        finally:
            if seen:
                frames[:] = seen
    return None


def play(
    env, policy, index: int, film: Optional[Callable[[np.ndarray], Any]],
    stop: Callable[[], bool] = lambda: False,
) -> Optional[Episode]:
    """Plays an episode.

    Args:
      env: a `PyEnvironment`.
      policy: an `ExportedPolicy`.
      index: number of the episode.
      film: takes a picture (height, width, 3) before every step; None for none.
      stop: asked before every step; True leaves at once.

    Returns:
      The episode, or None when `stop` said so.

    Raises:
      UserError: an observation does not fit.
      RobotError: the robot fails.
    """
    from dreamer_tf.patient_reset import patient_reset  # TF-Agents: seconds

    policy.forget()
    total, seconds = 0.0, []
    time_step = patient_reset(env, warn=_warn, halted=stop)
    if time_step is None:
        return None
    while not time_step.is_last():
        if stop():
            return None
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


def _warn(line: str) -> None:
    print(f"dreamer_tf: warning: {line}", flush=True)


def _say(episode: Episode) -> None:
    values: Dict[str, Any] = episode._asdict()
    print(
        "dreamer_tf: episode {episode}: return {total_reward:.3f} in {steps} steps, action in "
        "{policy_ms_median:.1f} ms (median; longest {policy_ms_largest:.1f})".format(**values),
        flush=True,
    )


def _rescue(robot: str, frames: Sequence[np.ndarray], fps: float) -> None:
    """Writes the film of what there is; why the run ended is the error to show, and comes last."""
    if frames:
        try:
            _film(robot, frames, fps)
        except UserError as error:
            print(f"dreamer_tf: warning: {error}", flush=True)


def _film(robot: str, frames: Sequence[np.ndarray], fps: float) -> None:
    from dreamer_tf import video

    if not frames:
        raise UserError(f"--video: {robot} with backend {FLAGS.backend} gives no picture")
    try:
        video.save(video.encode_gif(frames, fps), _absolute(FLAGS.video))
    except OSError as error:
        raise _unwritable(FLAGS.video, error) from error
    _say_written(FLAGS.video)


def _open_returns() -> IO[str]:
    path = _absolute(FLAGS.returns)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return open(path, "w", encoding="utf-8")
    except OSError as error:
        raise _unwritable(FLAGS.returns, error) from error


def _keep(file: IO[str], episode: Episode) -> None:
    try:
        file.write(json.dumps(episode._asdict()) + "\n")
        file.flush()
    except OSError as error:
        raise _unwritable(FLAGS.returns, error) from error


def _absolute(path: str) -> pathlib.Path:
    return pathlib.Path(path).expanduser().absolute()


def _unwritable(path: str, error: OSError) -> UserError:
    return UserError(f"cannot write {path} ({error.strerror})")


def _say_written(path: str) -> None:
    print(f"dreamer_tf: {path} is written", flush=True)


def cli(argv: Optional[Sequence[str]] = None) -> None:
    """Runs the command; ends the process with the exit code of `main`."""
    COMMAND.run(main, argv)


if __name__ == "__main__":
    cli()
