"""Learns a world model from recorded sequences alone, with Keras' own fit.

    python examples/pretrain_world_model.py --out=/tmp/a1_world_model.keras

No agent, no replay server: `WorldModel` is a `keras.Model`. Without --data the Unitree A1 twin is
recorded first. A recording is one .npz file of steps in the world model's convention, each array
(steps, ...): every observation by its name, `prev_action` (A,) that led to it, `reward` that came
with it, and the bools `is_first`, `is_last`, `is_terminal`. So logs of a real robot will do too.
"""

from __future__ import annotations

import argparse
import pathlib
from typing import Dict, Iterator

import keras
import numpy as np
import tensorflow as tf

from dreamer_tf.layers.continue_head import ContinueHead
from dreamer_tf.layers.decoder import Decoder
from dreamer_tf.layers.encoder import Encoder
from dreamer_tf.layers.reward_head import RewardHead
from dreamer_tf.layers.rssm import RSSM
from dreamer_tf.optimizers import make_optimizer
from dreamer_tf.prediction_error import measure
from dreamer_tf.replay.alignment import step_from_time_step
from dreamer_tf.types import STEP_KEYS
from dreamer_tf.world_model import WorldModel
from robot_envs import registry
from robot_envs.a1.scripted import roll_over, trot
from robot_envs.command_line import CommandLine

Steps = Dict[str, np.ndarray]
RATE_HZ = 20


def moves(seed: int) -> Iterator[np.ndarray]:
    """Yields actions (12,) for ever: rolls over, trots, then wriggles, and again."""
    random = np.random.RandomState(seed)
    while True:
        yield from roll_over()
        for step in range(8 * RATE_HZ):
            noise = random.normal(0.0, 0.1, 12)
            yield np.clip(trot(step / RATE_HZ) + noise, -1, 1).astype(np.float32)
        for _ in range(12):
            target = random.uniform(-1, 1, 12).astype(np.float32)
            yield from [target] * (RATE_HZ // 2)


def record(steps: int, seed: int) -> Steps:
    """Records the A1 twin: arrays (steps, ...) in the world model's convention."""
    environment, actions, recorded = registry.make("a1", seed=seed), moves(seed), []
    action = np.zeros(12, np.float32)
    time_step = environment.reset()
    while len(recorded) < steps:
        recorded.append(step_from_time_step(time_step, action))
        action = next(actions)
        time_step = environment.step(action)  # after a LAST step this is a reset
    environment.close()
    return {key: np.stack([step[key] for step in recorded]) for key in recorded[0]}


def cut(steps: Steps, length: int, every: int) -> Steps:
    """Cuts steps into sequences (B, T, ...) of `length`, one starting `every` so many steps."""
    starts = np.arange(0, len(steps["reward"]) - length + 1, every)
    index = starts[:, None] + np.arange(length)
    return {key: value[index] for key, value in steps.items()}


def make_world_model(shapes, action_size: int, units: int, seed: int) -> WorldModel:
    """A model for observations of these shapes, `units` wide everywhere."""
    keras.utils.set_random_seed(seed)
    encoder = Encoder(shapes, cnn_depth=12, mlp_layers=2, mlp_units=units)
    rssm = RSSM(
        action_size, encoder.embedding_size, deter=units, units=units, stoch=16, classes=16
    )
    features = rssm.feature_size
    return WorldModel(
        encoder,
        rssm,
        Decoder(shapes, features, cnn_depth=12, mlp_layers=2, mlp_units=units),
        RewardHead(features, layers=2, units=units),
        ContinueHead(features, layers=2, units=units),
        seed=seed,
    )


def report(title: str, model: WorldModel, validation: tf.data.Dataset, sequences: Steps, context):
    """Prints the losses on unseen data, and errors of predictions made without looking."""
    losses = model.evaluate(validation, verbose=0, return_dict=True)
    names = [name for name in losses if name.endswith("loss")]
    print(title + ":", ", ".join(f"{name} {losses[name]:.3f}" for name in names))
    ahead = sequences["reward"].shape[1] - context
    for key, error in measure(model, sequences, context).items():
        print(
            f"  {key}, {ahead} steps ahead without looking: error {error.model[-1]:.4f}, "
            f"'stays as it is' {error.stays[-1]:.4f}"
        )


def parse_flags() -> argparse.Namespace:
    """Reads the command line."""
    parser = CommandLine("pretrain_world_model", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, help=".npz to learn from, or to be recorded")
    parser.add_argument("--out", type=pathlib.Path, default="world_model.keras", help="model file")
    parser.add_argument("--steps", type=int, default=6000, help="to record if there is no --data")
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--units", type=int, default=128, help="width of all layers")
    parser.add_argument("--batch", type=int, default=16, help="sequences of a batch")
    parser.add_argument("--length", type=int, default=32, help="steps of a sequence")
    parser.add_argument("--context", type=int, default=17, help="steps seen before predicting")
    parser.add_argument("--seed", type=int, default=0)
    flags = parser.parse_args()
    if not 0 < flags.context < flags.length:
        parser.error(f"--context must be in 1..{flags.length - 1}")
    if flags.steps < 20 * flags.length:
        parser.error(f"--steps must be at least 20 sequences, {20 * flags.length}")
    return flags


def main() -> None:
    """Records if need be, learns, and shows what was learned."""
    flags = parse_flags()
    if flags.data and flags.data.is_file():
        steps = dict(np.load(flags.data))
    else:
        steps = record(flags.steps, flags.seed)
        if flags.data:
            np.savez_compressed(flags.data, **steps)
    if missing := sorted(set(STEP_KEYS) - set(steps)):
        raise SystemExit(f"{flags.data} holds no {', '.join(missing)}: see the top of this file")
    last = int(0.9 * len(steps["reward"]))  # the last tenth is never learned from
    train = cut({k: v[:last] for k, v in steps.items()}, flags.length, flags.length // 4)
    unseen = cut({k: v[last:] for k, v in steps.items()}, flags.length, flags.length // 2)
    unseen = {k: v[~unseen["is_first"][:, 1:].any(1)] for k, v in unseen.items()}
    shapes = {k: v.shape[1:] for k, v in steps.items() if k not in STEP_KEYS}
    print(f"{len(train['reward'])} sequences to learn from, {len(unseen['reward'])} unseen")

    dataset = tf.data.Dataset.from_tensor_slices(train)
    dataset = dataset.shuffle(len(train["reward"]), seed=flags.seed).batch(flags.batch, True)
    validation = tf.data.Dataset.from_tensor_slices(unseen).batch(flags.batch)
    model = make_world_model(shapes, steps["prev_action"].shape[1], flags.units, flags.seed)
    model.compile(make_optimizer(model.trainable_variables, 4e-4))
    report("before", model, validation, unseen, flags.context)
    model.fit(
        dataset,
        validation_data=validation,
        epochs=flags.epochs,
        verbose=0,
        callbacks=[
            keras.callbacks.ModelCheckpoint(
                str(flags.out), monitor="val_loss", mode="min", save_best_only=True
            ),
            keras.callbacks.CSVLogger(str(flags.out.with_suffix(".csv"))),
            keras.callbacks.TerminateOnNaN(),
        ],
    )
    best = keras.models.load_model(flags.out)
    report("after", best, validation, unseen, flags.context)
    print(f"the best model is in {flags.out}, the losses of all epochs beside it")


if __name__ == "__main__":
    main()
