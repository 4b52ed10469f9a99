"""A two-step problem whose best policy is known, for all gradients and kinds of actions."""

from typing import NamedTuple

import keras
import pytest
import tensorflow as tf
from tiny_core import make_behavior

from dreamer_tf.math.random import make_seed
from dreamer_tf.optimizers import make_optimizer
from dreamer_tf.types import State

FEATURES, HORIZON = 6, 3


class TwoSteps(keras.layers.Layer):
    """A world of two steps, in the place of an RSSM.

    ``deter`` is (at start, half way, at the end, first action). The first action x costs
    a little and makes the second, y, worth more:

        r_1 = -x / 10,    r_2 = (2 + x) / 3 * (1 - (y + x / 2)^2)

    so x = -1 is best for the moment, x = 1 and y = -1/2 in the end. Two discrete actions
    stand for -1 and 1; of those x = 1, y = -1 is best.
    """

    stoch, classes, unroll = 1, 2, False

    def prepare(self):
        return tf.zeros([])

    def imagine_step(self, state, action, noise, weights):
        start, half, end, first = tf.split(state.deter, 4, -1)
        number = action[:, 1:] - action[:, :1] if action.shape[-1] == 2 else action
        first = start * number + half * first
        second = half * number
        following = tf.concat([0.0 * start, start, half + end, first], -1)
        # The second action goes where a draw would be, for the reward to see.
        return State(following, tf.stack([second, half], -1))

    def mean(self, features):
        """Reward."""
        half, end, first, second, just_ended = tf.split(features[..., 1:], 5, -1)
        late = (2.0 + first) / 3.0 * (1.0 - tf.square(second + first / 2.0))
        return (half * -0.1 * first + end * just_ended * late)[..., 0]


class Ending(NamedTuple):
    """In the place of a continue head: nothing comes after the second step."""

    def mean(self, features):
        return 1.0 - features[..., 2]


class ToyModel(NamedTuple):
    """What `Behavior` uses of a world model."""

    rssm: TwoSteps
    reward_head: TwoSteps
    continue_head: Ending


def _start(count):
    deter = tf.repeat([[1.0, 0.0, 0.0, 0.0]], count, 0)
    return State(deter, tf.zeros([count, 1, 2]))


def _train(behavior, model, updates, learning_rate):
    """Updates the behaviour, compiled, from 64 starts."""
    optimizers = [
        make_optimizer(part.trainable_variables, learning_rate, weight_decay=0.0)
        for part in (behavior.actor, behavior.critic)
    ]

    @tf.function(autograph=False)
    def update(count):
        return behavior.update(
            model, _start(64), tf.zeros([64], tf.bool), make_seed(0, count), *optimizers, count
        )

    for count in range(updates):
        update(tf.constant(count, tf.int64))


def _play(behavior, model):
    """The modes of both actions, as numbers, and the return."""
    state, actions, total = _start(1), [], 0.0
    for _ in range(2):
        action = behavior.actor(state.features()).mode()
        state = model.rssm.imagine_step(state, action, None, None)
        total += float(model.reward_head.mean(state.features())[0])
        number = action[0, 1] - action[0, 0] if behavior.actor.discrete else action[0, 0]
        actions.append(float(number))
    return actions, total


@pytest.mark.parametrize(
    "kind, gradient",
    [
        ("clipped_normal", "dynamics"),
        ("clipped_normal", "reinforce"),
        ("truncated_normal", "dynamics"),
        ("one_hot", "dynamics"),
        ("one_hot", "reinforce"),
    ],
)
def test_finds_the_best_policy(kind, gradient):
    discrete = kind == "one_hot"
    keras.utils.set_random_seed(0)
    keywords = {} if discrete else {"continuous_kind": kind}
    behavior = make_behavior(
        FEATURES,
        action_size=2 if discrete else 1,
        discrete=discrete,
        size=16,
        horizon=HORIZON,
        gradient=gradient,
        discount=0.99,
        entropy_target=0.2,
        slow_every=10,
        **keywords,
    )
    world = TwoSteps()
    model = ToyModel(world, world, Ending())
    _, before = _play(behavior, model)
    _train(behavior, model, 300, 1e-2)
    (first, second), after = _play(behavior, model)
    if discrete:
        assert (first, second) == (1.0, -1.0)
    else:
        assert first > 0.8 and abs(second + 0.5) < 0.2
        assert after > 0.85  # the best is 0.9
    assert after > before
