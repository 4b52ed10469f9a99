"""A two-step problem whose best policy is known, for all gradients and kinds of actions."""

import keras
import pytest
import tensorflow as tf
from tiny_core import make_behavior
from two_steps import FEATURES, Ending, ToyModel, TwoSteps, start

from dreamer_tf.math.random import make_seed
from dreamer_tf.optimizers import make_optimizer

HORIZON = 3


def _train(behavior, model, updates, learning_rate):
    """Updates the behaviour, compiled, from 64 starts."""
    optimizers = [
        make_optimizer(part.trainable_variables, learning_rate, weight_decay=0.0)
        for part in (behavior.actor, behavior.critic)
    ]

    @tf.function(autograph=False)
    def update(count):
        return behavior.update(
            model, start(64), tf.zeros([64], tf.bool), make_seed(0, count), *optimizers, count
        )

    for count in range(updates):
        update(tf.constant(count, tf.int64))


def _play(behavior, model):
    """The modes of both actions, as numbers, and the return."""
    state, actions, total = start(1), [], 0.0
    for _ in range(2):
        action = behavior.actor(state.features()).mode()
        state = model.rssm.imagine_step(state, action, None, None)
        total += float(model.reward_head.mean(state.features())[0])
        number = action[0, 1] - action[0, 0] if behavior.actor.discrete else action[0, 0]
        actions.append(float(number))
    return actions, total


V3 = {
    "advantage_scale": "return_range",
    "entropy_in_nats": True,
    "critic_kind": "two_hot",
    "entropy_scale_initial": 3e-4,
    "entropy_scale_range": (3e-4, 3e-4),
}


def _long(*case):
    return pytest.param(*case, marks=pytest.mark.long)


# Each kind, gradient and choice once; the gradients of all are compared in test_behavior.py.
@pytest.mark.parametrize(
    "kind, gradient, choices",
    [
        ("clipped_normal", "dynamics", {}),
        _long("clipped_normal", "reinforce", {}),
        ("clipped_normal", "reinforce", V3),
        ("truncated_normal", "dynamics", {}),
        _long("one_hot", "dynamics", {}),
        ("one_hot", "reinforce", {}),
        _long("one_hot", "reinforce", V3),
    ],
)
def test_finds_the_best_policy(kind, gradient, choices):
    discrete = kind == "one_hot"
    keras.utils.set_random_seed(0)
    keywords = dict(choices) if discrete else {**choices, "continuous_kind": kind}
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
