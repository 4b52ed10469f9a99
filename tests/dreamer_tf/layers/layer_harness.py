"""What every Keras layer of the package must keep to (after keras-hub's `run_layer_test`)."""

import json

import keras
import numpy as np
import tensorflow as tf

POLICIES = ("float32", "mixed_bfloat16", "mixed_float16")
COMPUTE = "the compute dtype"
TOLERANCE = {"mixed_bfloat16": 0.1, "mixed_float16": 0.02}


def run_layer_test(
    layer_class,
    init,
    inputs,
    outputs,
    *,
    build_shape=None,
    trainable=0,
    non_trainable=0,
    always_float32=False,
    random_outputs=False,
):
    """Takes a layer through serialisation, build, call, training, mixed precision and compilation.

    Args:
      layer_class: the class.
      init: arguments of its constructor, without name and dtype.
      inputs: positional arguments of a call; tensors whose first axis is the batch.
      outputs: (shape, dtype) of every tensor of the output, flat; the dtype may be `COMPUTE`.
      build_shape: argument of `build`.
      trainable: number of trainable weights.
      non_trainable: number of those that are not.
      always_float32: the layer ignores dtype policies.
      random_outputs: outputs are draws, which another precision may turn over.
    """
    case = _Case(layer_class, init, inputs, build_shape)
    check_serialisation(case)
    check_build(case, trainable, non_trainable)
    check_compiled(case)
    exact = None
    for policy in POLICIES:
        layer = case.make(None if always_float32 else policy, policy)
        check_dtypes(layer, "float32" if always_float32 else policy)
        values = case.call(layer)
        compute = "float32" if always_float32 else layer.compute_dtype
        check_outputs(values, outputs, compute)
        exact = exact or values
        if not random_outputs and policy != "float32":
            check_close(values, exact, TOLERANCE[policy])
        check_training(case, layer)


class _Case:
    """Makes layers with the same weights, and calls them on the same inputs."""

    def __init__(self, layer_class, init, inputs, build_shape):
        self.layer_class = layer_class
        self.init = init
        self.inputs = inputs
        self.build_shape = build_shape

    def make(self, policy=None, global_policy="float32"):
        """A built layer; weights differ from their initial values, of which many are zero."""
        keyword = {} if policy is None else {"dtype": policy}
        before = keras.mixed_precision.global_policy()
        keras.utils.set_random_seed(0)
        try:
            # Parts must take the layer's policy, whatever the global one is.
            keras.mixed_precision.set_global_policy(global_policy if policy is None else before)
            layer = self.layer_class(**self.init, name="tested", **keyword)
            layer.build(self.build_shape)
        finally:
            keras.mixed_precision.set_global_policy(before)
        random = np.random.RandomState(0)
        for weight in layer.trainable_weights:
            weight.assign_add(random.normal(0.0, 0.1, weight.shape).astype(np.float32))
        return layer

    def call(self, layer, *inputs):
        """Calls with the inputs of the case or others; returns the tensors of the output, flat."""
        values = tf.nest.flatten(layer(*(inputs or self.inputs)))
        return [value for value in values if tf.is_tensor(value)]


def check_serialisation(case):
    """Config and weights, through JSON, make a layer that gives the same outputs."""
    layer = case.make()
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(layer)))
    copy = keras.saving.deserialize_keras_object(config)
    assert type(copy) is case.layer_class
    assert copy.get_config() == layer.get_config()
    assert copy.name == "tested"
    for name, value in case.init.items():
        assert name in layer.get_config(), f"get_config forgets {name} = {value}"
    copy.build(case.build_shape)
    copy.set_weights(layer.get_weights())
    for ours, theirs in zip(case.call(layer), case.call(copy)):
        np.testing.assert_array_equal(ours, theirs)


def check_build(case, trainable, non_trainable):
    """`build` makes all weights, as many as expected, and a call makes none."""
    layer = case.make()
    assert layer.built
    assert len(layer.trainable_weights) == trainable
    assert len(layer.non_trainable_weights) == non_trainable
    before = [id(weight) for weight in layer.weights]
    case.call(layer)
    assert [id(weight) for weight in layer.weights] == before


def check_compiled(case):
    """Inside `tf.function`, with a batch size not known before, the outputs are the same."""
    eager, layer = case.make(), case.make()
    signature = [
        tf.nest.map_structure(
            lambda x: tf.TensorSpec((None, *x.shape[1:]) if x.shape.rank > 1 else x.shape, x.dtype),
            argument,
        )
        for argument in case.inputs
    ]
    compiled = tf.function(
        lambda *inputs: case.call(layer, *inputs), input_signature=signature, autograph=False
    )
    for ours, theirs in zip(case.call(eager), compiled(*case.inputs)):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def check_dtypes(layer, policy):
    """The layer and all its parts compute in the policy's dtype and keep float32 weights."""
    compute = keras.mixed_precision.Policy(policy).compute_dtype
    for part in layer._flatten_layers():
        assert part.compute_dtype == compute, f"{part.name} computes in {part.compute_dtype}"
    for weight in layer.weights:
        assert weight.dtype == tf.float32, f"{weight.name} is kept in {weight.dtype}"


def check_outputs(values, outputs, compute):
    """Shapes and dtypes are those expected, and every number is finite."""
    assert len(values) == len(outputs)
    for value, (shape, dtype) in zip(values, outputs):
        assert tuple(value.shape) == tuple(shape)
        assert value.dtype == (compute if dtype == COMPUTE else dtype)
        assert np.all(np.isfinite(tf.cast(value, tf.float32)))


def check_close(values, exact, tolerance):
    """Half precision stays near float32."""
    for rough, fine in zip(values, exact):
        np.testing.assert_allclose(
            tf.cast(rough, tf.float32), fine, atol=tolerance * max(1.0, np.max(np.abs(fine)))
        )


def check_training(case, layer):
    """One gradient step moves every trainable weight."""
    if not layer.trainable_weights:
        return
    with tf.GradientTape() as tape:
        loss = 0.0
        for i, value in enumerate(case.call(layer)):
            direction = tf.random.stateless_normal(tf.shape(value), (i, 1))
            loss += tf.reduce_sum(tf.cast(value, tf.float32) * direction)
    gradients = tape.gradient(loss, layer.trainable_weights)
    for weight, gradient in zip(layer.trainable_weights, gradients):
        assert gradient is not None, f"no gradient reaches {weight.name}"
        assert np.all(np.isfinite(gradient)), f"the gradient of {weight.name} is not finite"
        assert np.any(gradient.numpy() != 0.0), f"the gradient of {weight.name} is zero"
    before = layer.get_weights()
    keras.optimizers.SGD(0.1).apply_gradients(zip(gradients, layer.trainable_weights))
    for weight, old in zip(layer.weights, before):
        if weight.trainable:
            assert np.any(weight.numpy() != old), f"{weight.name} did not move"
