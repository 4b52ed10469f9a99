"""The arithmetic of an update: the formula against what TensorFlow really did."""

import pytest
import tensorflow as tf
from executed_flops import executed_flops

from benchmarks import flops
from benchmarks.agents import fake_batch, make_setup

CNN = ("Encoder.cnn_depth = 3", "Decoder.cnn_depth = 5")
# No two sizes are the same, so that one cannot pass for the other.
SIZES = (
    "RSSM.deter = 10", "RSSM.units = 14", "RSSM.stoch = 3", "RSSM.classes = 5",
    "Encoder.mlp_layers = 2", "Encoder.mlp_units = 9", "Decoder.mlp_layers = 3",
    "Decoder.mlp_units = 8", "RewardHead.layers = 2", "RewardHead.units = 7",
    "ContinueHead.layers = 1", "ContinueHead.units = 6", "dreamer_tf.Actor.layers = 2",
    "dreamer_tf.Actor.units = 11", "Critic.layers = 3", "Critic.units = 13",
    "Behavior.horizon = 4", "Trainer.batch_size = 3", "Trainer.sequence_length = 5",
    "Trainer.open_loop_context_steps = 2",
)  # fmt: skip


TWO_HOT = ("RewardHead.kind = 'two_hot'", "Critic.kind = 'two_hot'")


@pytest.mark.parametrize(
    "robot, gradient, fraction, more",
    [("a1", "dynamics", 0.3, TWO_HOT),
     pytest.param("sphero", "reinforce", 1.0, (), marks=pytest.mark.long)],
)
def test_formula_counts_what_was_executed(robot, gradient, fraction, more, optimised_graphs):
    bindings = (*SIZES, *CNN, *more, f"Behavior.start_fraction = {fraction}")
    setup = make_setup(robot, "debug", gradient, bindings)
    batch = fake_batch(setup.agent.replay_signature, setup.batch_size, setup.sequence_length)
    executed = executed_flops(tf.function(setup.agent.train, autograph=False), batch)
    counted = flops.update_gflop(setup.agent, setup.batch_size, setup.sequence_length)
    assert counted == pytest.approx(1e-9 * executed, rel=1e-9)


def test_counter_of_executed_operations(optimised_graphs):
    """A product by hand, its gradients, and three of them in a loop."""
    weights = tf.Variable(tf.ones([4, 7]))

    @tf.function
    def function(x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.matmul(x, weights) ** 2)
        square = tf.ones([4, 4])
        for _ in tf.range(3):
            square = tf.matmul(square, square)
        return tape.gradient(loss, weights), tf.reduce_sum(square)

    product, in_loop = 2 * 5 * 4 * 7, 2 * 4 * 4 * 4
    assert executed_flops(function, tf.ones([5, 4])) == 2 * product + 3 * in_loop


def test_a_product_by_hand():
    assert flops.Product("x", 10, 20, 30, 3).gflop == pytest.approx(2e-9 * 10 * 20 * 30 * 3)


@pytest.mark.parametrize(
    "fraction, states, starts", [(1.0, 512, 512), (0.5, 512, 256), (0.3, 15, 5), (0.001, 4, 1)]
)
def test_number_of_starts_is_rounded_up(fraction, states, starts):
    assert flops.number_of_starts(fraction, states) == starts
