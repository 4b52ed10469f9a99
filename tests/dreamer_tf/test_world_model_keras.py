"""The world model as a Keras model: compile, fit, evaluate, save and load."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tiny_core import make_batch, make_world_model

from dreamer_tf.optimizers import make_optimizer


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """A model after some epochs, its data, its history and the file it is saved in."""
    model = make_world_model()
    batches = [make_batch(seed=seed) for seed in (1, 2)]
    data = tf.data.Dataset.from_generator(
        lambda: iter(batches),
        output_signature={k: tf.TensorSpec(v.shape, v.dtype) for k, v in batches[0].items()},
    )
    model.compile(make_optimizer(model.trainable_variables, 3e-3))
    path = tmp_path_factory.mktemp("model") / "world_model.keras"
    checkpoint = keras.callbacks.ModelCheckpoint(str(path), monitor="val_loss", mode="min")
    history = model.fit(data, validation_data=data, epochs=4, verbose=0, callbacks=[checkpoint])
    return model, data, history.history, path


def test_fit_lowers_every_loss_and_callbacks_see_them(fitted):
    _, _, history, path = fitted
    assert path.is_file()
    for name in ("loss", "val_loss", "imu_loss", "reward_loss"):
        assert history[name][-1] < history[name][0]
    assert {"imu_loss", "speed_loss", "reward_loss", "kl", "grad_norm"} <= set(history)


def test_evaluate_gives_means_over_all_batches_and_changes_nothing(fitted, eagerly):
    model, data, _, _ = fitted
    before = [weight.numpy() for weight in model.variables]
    whole = model.evaluate(data, verbose=0, return_dict=True)
    each = [
        model.evaluate(data.skip(i).take(1), verbose=0, return_dict=True) for i in range(2)
    ]
    assert abs(each[0]["loss"] - each[1]["loss"]) > 1e-4
    for name, value in whole.items():
        np.testing.assert_allclose(value, (each[0][name] + each[1][name]) / 2, rtol=1e-4)
    for old, weight in zip(before, model.variables):
        np.testing.assert_array_equal(old, weight)


def test_loaded_model_gives_the_same_outputs_and_goes_on_training_the_same(fitted, eagerly):
    model, data, _, path = fitted
    loaded = keras.models.load_model(str(path))
    batch = next(iter(data))
    for ours, theirs in zip(tf.nest.flatten(model(batch)), tf.nest.flatten(loaded(batch))):
        np.testing.assert_array_equal(ours, theirs)
    assert loaded.get_config() == model.get_config()
    assert int(loaded.optimizer.iterations) == int(model.optimizer.iterations) == 8
    for m in (model, loaded):
        m.fit(data, epochs=1, verbose=0)
    for ours, theirs in zip(model.variables, loaded.variables):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-7, err_msg=ours.name)


def test_a_model_that_expects_pictures_is_saved_and_loaded(tmp_path, eagerly):
    shapes = {"image": (64, 64, 3), "imu": (4,)}
    model = make_world_model(shapes, expect_pictures=True)
    model.compile(make_optimizer(model.trainable_variables, 3e-3))
    batch = make_batch(shapes)
    losses = model.fit(tf.data.Dataset.from_tensors(batch), epochs=2, verbose=0).history
    assert losses["expected_picture_loss"][1] < losses["expected_picture_loss"][0]
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(str(tmp_path / "model.keras"))
    assert loaded.get_config() == model.get_config()
    for ours, theirs in zip(tf.nest.flatten(model(batch)), tf.nest.flatten(loaded(batch))):
        np.testing.assert_array_equal(ours, theirs)


def test_weights_alone_can_be_loaded_into_another_model(fitted):
    model, data, _, _ = fitted
    other = make_world_model(seed=9)
    other.set_weights(model.get_weights())
    batch = next(iter(data))
    np.testing.assert_array_equal(other.observe(batch, tf.constant([1, 2])).state.deter,
                                  model.observe(batch, tf.constant([1, 2])).state.deter)
