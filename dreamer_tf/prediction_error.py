"""How well does a run's world model predict, compared with "stays as it is"?

`python -m dreamer_tf.prediction_error --logdir=...` lets the robot play fresh episodes with the
collecting policy, shows the model the first steps of sequences and asks for the rest. `--out` gives
the errors of every step of the horizon.
"""

from __future__ import annotations

import pathlib
from typing import Dict, List, NamedTuple, Optional, Sequence

import numpy as np
from absl import flags

from dreamer_tf import command_line
from dreamer_tf.errors import UserError
from dreamer_tf.run_folder import RUN_FILE, RunFolder

COMMAND = command_line.CommandLine(
    name="dreamer_tf",
    usage="Compares open-loop predictions of a run's world model with 'stays as it is'.",
    examples=[
        "python -m dreamer_tf.prediction_error --logdir=logdir/a1 --ahead=15",
        "python -m dreamer_tf.prediction_error --logdir=logdir/a1 --ahead=45 --out=logdir/a1/error",
    ],
)
FLAGS = COMMAND.flags

flags.DEFINE_string("logdir", None, "Folder of the run (required)", flag_values=FLAGS)
flags.DEFINE_integer("episodes", 4, "Fresh episodes to play", 1, flag_values=FLAGS)
flags.DEFINE_integer("context", 5, "Steps that the model sees", 1, flag_values=FLAGS)
flags.DEFINE_integer("ahead", 15, "Steps that it then predicts", 1, flag_values=FLAGS)
flags.DEFINE_integer("seed", 1_000_003, "Of the fresh episodes", 0, flag_values=FLAGS)
flags.DEFINE_string(
    "out", None, "Folder for horizon.csv and horizon.png, errors of each step", flag_values=FLAGS
)


class PredictionError(NamedTuple):
    """Root mean square errors, in the observation's units (pictures from 0 to 1).

    Attributes:
      model: of the open-loop predictions, (H,): 1 to H steps after the last one seen.
      stays: of the last observation that was seen, repeated, (H,).
    """

    model: np.ndarray
    stays: np.ndarray


def main() -> int:
    """Checks the flags, measures and prints a line for each observation.

    Returns:
      0.

    Raises:
      UserError, RobotError: there is no run or checkpoint, `--out` cannot be written, or the robot
        fails.
    """
    if not FLAGS.logdir:
        raise UserError("--logdir is needed (--help shows an example)")
    source = pathlib.Path(FLAGS.logdir).expanduser()
    if not (source / RUN_FILE).is_file():
        raise UserError(f"--logdir={source} holds no run: there is no {RUN_FILE}")
    command_line.quiet_imports()
    from dreamer_tf.export import restore_agent  # TensorFlow: seconds

    folder = RunFolder(str(source))
    agent, steps = restore_agent(folder)
    robot = folder.read_run()["robot"]
    sequences = record(robot, agent, FLAGS.episodes, FLAGS.context + FLAGS.ahead, FLAGS.seed)
    print(
        f"dreamer_tf: step {steps:,}, {len(sequences['reward'])} fresh sequences, "
        f"{FLAGS.context} steps seen, error {FLAGS.ahead} steps later:"
    )
    errors = measure(agent.world_model, sequences, FLAGS.context)
    for key, error in errors.items():
        model, stays = error.model[-1], error.stays[-1]
        ratio = model / max(stays, 1e-12)
        print(f"  {key}: model {model:.4f}, stays as it is {stays:.4f} ({ratio:.2f})")
    if FLAGS.out:
        try:
            write(pathlib.Path(FLAGS.out).expanduser(), errors, f"{robot} after {steps:,} steps")
        except OSError as error:
            raise UserError(f"--out={FLAGS.out} cannot be written: {error}") from error
    return 0


def record(
    robot: str, agent, episodes: int, length: int, seed: int
) -> Dict[str, np.ndarray]:
    """Plays episodes with the collecting policy and cuts them into sequences.

    Args:
      robot: name in the registry; a fresh twin is made.
      agent: a `DreamerAgent`.
      episodes: how many to play.
      length: T, steps of a sequence; no sequence spans two episodes.
      seed: of the twin.

    Returns:
      A batch in the world model's convention, each array (B, T, ...).

    Raises:
      UserError: episodes are shorter than a sequence.
    """
    from dreamer_tf.policy_runner import PolicyRunner
    from dreamer_tf.replay.alignment import step_from_time_step
    from robot_envs import registry

    env = registry.make(robot, seed=seed)
    runner = PolicyRunner(agent.collect_policy)
    sequences: List[List[dict]] = []
    try:
        for _ in range(episodes):
            time_step, action = env.reset(), np.zeros(agent.action_spec.shape, np.float32)
            steps = [step_from_time_step(time_step, action, agent.num_discrete_actions)]
            while not time_step.is_last():
                action = runner.action(time_step)
                time_step = env.step(action)
                steps.append(step_from_time_step(time_step, action, agent.num_discrete_actions))
            starts = range(0, len(steps) - length + 1, length)
            sequences.extend(steps[start : start + length] for start in starts)
    finally:
        env.close()
    if not sequences:
        raise UserError(f"episodes of {robot} are shorter than --context + --ahead = {length}")
    return {
        key: np.stack([np.stack([step[key] for step in steps]) for steps in sequences])
        for key in sequences[0][0]
    }


def measure(
    world_model, sequences: Dict[str, np.ndarray], context: int
) -> Dict[str, PredictionError]:
    """Compares the model's predictions with repeating the last step seen.

    Args:
      world_model: a `WorldModel`.
      sequences: (B, T, ...) in the world model's convention.
      context: steps that the model sees; H is T less them.

    Returns:
      Observation key to errors.
    """
    import tensorflow as tf

    predict = tf.function(lambda batch: world_model.open_loop(batch, context), autograph=False)
    batch = {key: tf.convert_to_tensor(value) for key, value in sequences.items()}

    def root(difference) -> np.ndarray:
        square = np.square(difference)  # (B, H, ...)
        return np.sqrt(square.mean((0, *range(2, square.ndim))))

    return {
        key: PredictionError(
            root((prediction - truth)[:, context:]),
            root(truth[:, context - 1 : context] - truth[:, context:]),
        )
        for key, (truth, prediction) in predict(batch).items()
    }


def write(folder: pathlib.Path, errors: Dict[str, PredictionError], title: str) -> None:
    """Writes horizon.csv (observation, steps_ahead, model, stays) and its picture.

    Args:
      folder: made if it is not there.
      errors: of `measure`.
      title: of the picture.

    Raises:
      OSError: they cannot be written.
    """
    from matplotlib.figure import Figure  # half a second, needed once

    folder.mkdir(parents=True, exist_ok=True)
    figure = Figure(figsize=(3.5 * len(errors), 3.2), dpi=110)
    lines = ["observation,steps_ahead,model,stays"]
    all_axes = figure.subplots(1, len(errors), squeeze=False)[0]
    for axes, (key, error) in zip(all_axes, errors.items()):
        ahead = range(1, len(error.model) + 1)
        lines.extend(f"{key},{h},{m:.6f},{s:.6f}" for h, m, s in zip(ahead, *error))
        axes.plot(ahead, error.model, label="world model, open loop")
        axes.plot(ahead, error.stays, "--", color="gray", label="stays as it is")
        axes.set(title=key, xlabel="steps ahead", ylim=(0, None))
        axes.grid(alpha=0.3)
    axes.legend(frameon=False, fontsize=8)
    figure.suptitle(title)
    figure.tight_layout()
    (folder / "horizon.csv").write_text("\n".join(lines) + "\n")
    figure.savefig(folder / "horizon.png")


def cli(argv: Optional[Sequence[str]] = None) -> None:
    """Runs the command; ends the process with the exit code of `main`."""
    COMMAND.run(main, argv)


if __name__ == "__main__":
    cli()
