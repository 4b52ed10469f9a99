"""What pictures show of the robot itself is learned from its vectors and taken out."""

import numpy as np
import pytest
import tensorflow as tf

from dreamer_tf.layers.expected_picture import ExpectedPicture
from dreamer_tf.optimizers import make_optimizer, minimise

SHAPES = {"image": (64, 64, 3), "arm": (2,), "gripper": ()}


def _observation(count, seed=0):
    """A bright square that is where `arm` says, a dark spot that is anywhere."""
    random = np.random.RandomState(seed)
    arm = random.randint(0, 4, (count, 1, 2))
    image = np.full((count, 1, 64, 64, 3), 0.5, np.float32)
    spots = random.randint(0, 60, (count, 2))
    for picture, (x, y), (u, v) in zip(image[:, 0], arm[:, 0], spots):
        picture[16 * y : 16 * y + 16, 16 * x : 16 * x + 16] = 0.9
        picture[v : v + 3, u : u + 3] = 0.1
    vectors = {"arm": 7.0 + 0.1 * arm.astype(np.float32), "gripper": np.zeros((count, 1))}
    return {"image": tf.constant(image), **{k: tf.cast(v, tf.float32) for k, v in vectors.items()}}


def _layer(**keywords):
    tf.random.set_seed(0)
    layer = ExpectedPicture(SHAPES, cnn_depth=4, mlp_units=32, **keywords)
    layer.build()
    return layer


def test_it_learns_what_the_vectors_tell_and_leaves_the_rest():
    layer = _layer(train_share=1.0, contrast=1.0)
    optimizer = make_optimizer(layer.trainable_variables, 3e-3)

    @tf.function
    def update(observation):
        layer.update(observation)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(layer.loss_of(observation))
        minimise(optimizer, tape, loss, layer.trainable_variables)

    for seed in range(250):
        update(_observation(16, seed))
    fresh = _observation(64, 1000)
    image = fresh["image"].numpy()
    left = layer.centred(fresh, layer(fresh))
    np.testing.assert_array_equal(left["arm"], fresh["arm"])
    left = left["image"].numpy()
    square, spot = image > 0.8, image < 0.2
    assert np.abs(left[square]).mean() < 0.2  # of 0.4 above the room
    assert np.abs(left[spot]).mean() > 0.35  # of 0.4 below the room


def test_a_share_of_the_sequences_teaches_it():
    layer = _layer(train_share=0.3)
    observation = _observation(4)
    layer.update(observation)
    everything, some = _layer(train_share=1.0), layer.loss_of(observation)
    everything.set_weights(layer.get_weights())
    assert some.shape == (2, 1)  # 1.2 of 4, rounded up
    np.testing.assert_allclose(some, everything.loss_of(observation)[:2], rtol=1e-5)
    shown = tf.sigmoid(layer(observation)["image"])
    error = np.sum((shown.numpy() - observation["image"]) ** 2, (2, 3, 4))
    np.testing.assert_allclose(some, error[:2], rtol=1e-4)


def test_what_is_left_has_no_gradient_towards_it():
    layer, observation = _layer(), _observation(2)
    with tf.GradientTape() as tape:
        left = layer.centred(observation, layer(observation))["image"]
    assert all(g is None for g in tape.gradient(left, layer.trainable_variables))


def test_units_of_the_vectors_do_not_matter():
    layer, scaled = _layer(), _layer()
    scaled.set_weights(layer.get_weights())
    observation = _observation(8)
    other = {**observation, "arm": 100.0 * observation["arm"] - 3.0}
    for _ in range(3):
        layer.update(observation)
        scaled.update(other)
    np.testing.assert_allclose(
        layer(observation)["image"], scaled(other)["image"], atol=0.01
    )


@pytest.mark.parametrize("shapes", [{"image": (64, 64, 3)}, {"arm": (2,)}])
def test_it_takes_a_picture_and_a_vector(shapes):
    with pytest.raises(ValueError, match="a picture and a vector"):
        ExpectedPicture(shapes)
