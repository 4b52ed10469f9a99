"""An update of the agent, and of its two halves."""

from __future__ import annotations

import itertools
from typing import Any, Dict

import tensorflow as tf

from benchmarks import flops
from benchmarks.agents import make_setup
from benchmarks.calibration import Calibration
from benchmarks.measure import arithmetic, measure
from dreamer_tf.learner import Learner
from dreamer_tf.math.random import make_seed
from dreamer_tf.types import IS_TERMINAL, State


def train_step(
    robot: str, preset: str, gradient: str, *, repeats: int, calibration: Calibration
) -> Dict[str, Any]:
    """Times `Learner.update` on a fake batch; replay is measured elsewhere.

    Args:
      robot: name in the registry.
      preset: name in `presets.PRESETS`.
      gradient: of the actor.
      repeats: updates.
      calibration: interleaved.

    Returns:
      The fields of the entry.
    """
    setup = make_setup(robot, preset, gradient)
    learner = Learner(setup.agent, itertools.repeat(setup.batch))
    timing = measure(learner.update, calibration, repeats=repeats)
    sizes = setup.batch_size, setup.sequence_length
    gflop = flops.update_gflop(setup.agent, *sizes)
    return {**timing.fields(), **arithmetic(timing, gflop)}


def world_model(
    robot: str, preset: str, *, repeats: int, calibration: Calibration
) -> Dict[str, Any]:
    """Times `WorldModel.update`; see `train_step`."""
    setup = make_setup(robot, preset, "dynamics")
    agent, batch = setup.agent, setup.batch
    optimizer = agent.optimizers["model"]

    @tf.function(autograph=False)
    def update():
        seed = make_seed(0, optimizer.iterations)
        return agent.world_model.update(batch, seed, optimizer)[1]["loss"]

    timing = measure(lambda: update().numpy(), calibration, repeats=repeats)
    sizes = setup.batch_size, setup.sequence_length
    products = flops.world_model_products(agent.world_model, *sizes)
    return {**timing.fields(), **arithmetic(timing, flops.gflop(products))}


def behavior(
    robot: str, preset: str, gradient: str, *, repeats: int, calibration: Calibration
) -> Dict[str, Any]:
    """Times `Behavior.update` from the states of a fake batch; see `train_step`."""
    setup = make_setup(robot, preset, gradient)
    agent, batch = setup.agent, setup.batch
    states = setup.batch_size * setup.sequence_length
    observed = agent.world_model.observe(batch, make_seed(0)).state
    start = State(*[tf.reshape(x, [states, *x.shape[2:]]) for x in observed])
    optimizers = agent.optimizers["actor"], agent.optimizers["critic"]

    @tf.function(autograph=False)
    def update():
        count = optimizers[0].iterations
        is_terminal = tf.reshape(batch[IS_TERMINAL], [states])
        metrics = agent.behavior.update(
            agent.world_model, start, is_terminal, make_seed(0, count), *optimizers, count
        )
        return metrics["actor_loss"] + metrics["critic_loss"]

    timing = measure(lambda: update().numpy(), calibration, repeats=repeats)
    products = flops.behavior_products(agent.behavior, agent.world_model, states)
    return {**timing.fields(), **arithmetic(timing, flops.gflop(products))}
