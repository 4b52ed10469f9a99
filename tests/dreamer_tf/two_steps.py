"""A two-step problem whose best actions are known, in the place of a world model."""

from typing import NamedTuple

import keras
import tensorflow as tf

from dreamer_tf.types import State

FEATURES = 6


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

    def imagine(self, state, action, seed):
        del seed  # nothing happens by chance
        states = []
        for t in range(action.shape[1]):
            state = self.imagine_step(state, action[:, t], None, None)
            states.append(state)
        return tf.nest.map_structure(lambda *x: tf.stack(x, 1), *states)

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
    """What behaviour and planner use of a world model."""

    rssm: TwoSteps
    reward_head: TwoSteps
    continue_head: Ending


def start(count):
    """The state before the first step, for so many at once."""
    deter = tf.repeat([[1.0, 0.0, 0.0, 0.0]], count, 0)
    return State(deter, tf.zeros([count, 1, 2]))
