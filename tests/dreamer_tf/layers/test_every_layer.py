"""Every Keras layer of the package goes through the one harness."""

import importlib
import inspect
import pkgutil

import keras
import pytest
import tensorflow as tf
from layer_harness import COMPUTE, run_layer_test

from dreamer_tf import layers
from dreamer_tf.layers.actor import Actor
from dreamer_tf.layers.adaptive_scale import AdaptiveScale
from dreamer_tf.layers.continue_head import ContinueHead
from dreamer_tf.layers.critic import Critic
from dreamer_tf.layers.decoder import Decoder
from dreamer_tf.layers.encoder import Encoder
from dreamer_tf.layers.expected_picture import ExpectedPicture
from dreamer_tf.layers.mlp import MLP
from dreamer_tf.layers.mlp_head import MLPHead
from dreamer_tf.layers.norm_conv import NormConv
from dreamer_tf.layers.norm_dense import NormDense
from dreamer_tf.layers.norm_gru_cell import NormGRUCell
from dreamer_tf.layers.picture_mean import PictureMean
from dreamer_tf.layers.return_range import ReturnRange
from dreamer_tf.layers.reward_head import RewardHead
from dreamer_tf.layers.rssm import RSSM
from dreamer_tf.layers.running_moments import RunningMoments
from dreamer_tf.layers.scalar_head import ScalarHead
from dreamer_tf.layers.symlog_head import SymlogHead

B, T, F = 2, 3, 6
IMAGE, VECTORS = {"image": (64, 64, 3)}, {"imu": (4,), "speed": ()}
F32 = tf.float32


def _normal(*shape):
    return tf.random.stateless_normal(shape, (len(shape), shape[-1]))


def _args(**named):
    return named


FEATURES = _normal(B, T, F)
OBSERVATION = {
    "image": tf.random.stateless_uniform((B, T, 64, 64, 3), (1, 1)),
    "imu": _normal(B, T, 4),
    "speed": _normal(B, T),
}
HEAD = _args(feature_size=F, layers=2, units=5)
HEAD_CASE = _args(inputs=(FEATURES,), outputs=[((B, T), F32)], trainable=8)
TWO_HOT_CASE = _args(inputs=(FEATURES,), outputs=[((B, T, 255), F32)], trainable=8)
ACTOR = _args(feature_size=F, action_size=3, layers=2, units=5)
ACTOR_CASE = _args(inputs=(FEATURES,), trainable=8)
MEAN_AND_STD = [((B, T, 3), F32), ((B, T, 3), F32)]
CNN = _args(cnn_depth=2, mlp_layers=1, mlp_units=5)
RSSM_SIZES = _args(
    action_size=2, embedding_size=7, deter=5, units=4, stoch=3, classes=4, unimix=0.05,
    posterior_init_scale=2.0,
)
RSSM_CASE = _args(
    inputs=(
        _normal(B, T, 7),
        _normal(B, T, 2),
        tf.constant([[True, False, False], [False, False, True]]),
        tf.constant([1, 2]),
    ),
    outputs=[((B, T, 5), COMPUTE), ((B, T, 3, 4), COMPUTE), *[((B, T, 3, 4), F32)] * 2],
    trainable=17,
    random_outputs=True,
)
CASES = [
    (NormDense, _args(units=5), _args(
        inputs=(FEATURES,), build_shape=(None, F), outputs=[((B, T, 5), COMPUTE)], trainable=3)),
    (NormConv, _args(filters=5, kernel_size=4), _args(
        inputs=(_normal(B, 8, 8, 2),), build_shape=(None, 8, 8, 2),
        outputs=[((B, 3, 3, 5), COMPUTE)], trainable=3)),
    (NormConv, _args(filters=5, kernel_size=5, transposed=True), _args(
        inputs=(_normal(B, 3, 3, 2),), build_shape=(None, 3, 3, 2),
        outputs=[((B, 9, 9, 5), COMPUTE)], trainable=3)),
    (NormConv, _args(filters=5, kernel_size=6, transposed=True, normalise=False), _args(
        inputs=(_normal(B, 3, 3, 2),), build_shape=(None, 3, 3, 2),
        outputs=[((B, 10, 10, 5), COMPUTE)], trainable=2)),
    (MLP, _args(depth=2, units=5), _args(
        inputs=(FEATURES,), build_shape=(None, F), outputs=[((B, T, 5), COMPUTE)], trainable=6)),
    (NormGRUCell, _args(units=5), _args(
        inputs=(_normal(B, 4), _normal(B, 5)), build_shape=(None, 4),
        outputs=[((B, 5), COMPUTE)], trainable=3)),
    (MLPHead, _args(**HEAD, output_size=3), _args(
        inputs=(FEATURES,), outputs=[((B, T, 3), F32)], trainable=8)),
    (ScalarHead, HEAD, HEAD_CASE),
    (SymlogHead, HEAD, HEAD_CASE),
    (RewardHead, HEAD, HEAD_CASE),
    (ContinueHead, HEAD, HEAD_CASE),
    (Critic, HEAD, HEAD_CASE),
    *[(head, _args(**HEAD, kind="two_hot"), TWO_HOT_CASE)
      for head in (SymlogHead, RewardHead, Critic)],
    (Actor, _args(**ACTOR, discrete=True, unimix=0.2), _args(
        **ACTOR_CASE, outputs=[((B, T, 3), F32)])),
    (Actor, _args(**ACTOR, discrete=False, min_std=0.2, max_std=0.9), _args(
        **ACTOR_CASE, outputs=MEAN_AND_STD)),
    (Actor, _args(**ACTOR, discrete=False, continuous_kind="truncated_normal"), _args(
        **ACTOR_CASE, outputs=MEAN_AND_STD)),
    (Encoder, _args(**CNN, shapes=VECTORS), _args(
        inputs=(OBSERVATION,), outputs=[((B, T, 5), COMPUTE)], trainable=3)),
    (Encoder, _args(**CNN, shapes=IMAGE), _args(
        inputs=(OBSERVATION,), outputs=[((B, T, 64), COMPUTE)], trainable=12)),
    (Encoder, _args(**CNN, shapes={**IMAGE, **VECTORS}), _args(
        inputs=(OBSERVATION,), outputs=[((B, T, 69), COMPUTE)], trainable=15)),
    (Decoder, _args(**CNN, shapes=VECTORS, feature_size=F, symlog_vectors=True,
                    large_error_weight=2.0), _args(
        inputs=(FEATURES,), outputs=[((B, T, 4), F32), ((B, T), F32)], trainable=7)),
    (Decoder, _args(**CNN, shapes={**IMAGE, **VECTORS}, feature_size=F), _args(
        inputs=(FEATURES,), trainable=18,
        outputs=[((B, T, 64, 64, 3), F32), ((B, T, 4), F32), ((B, T), F32)])),
    (RSSM, RSSM_SIZES, RSSM_CASE),
    (RSSM, _args(**RSSM_SIZES, unroll=True), RSSM_CASE),
    (AdaptiveScale, _args(
        target=3.5, initial=0.1, minimum=1e-3, maximum=1.0, factor=1.2, raises_value=True), _args(
        inputs=(_normal(B, T),), outputs=[((), F32)], non_trainable=1, always_float32=True)),
    (PictureMean, _args(shapes={**IMAGE, **VECTORS}, decay=0.9, contrast=3.0), _args(
        inputs=(OBSERVATION,), non_trainable=2, always_float32=True,
        outputs=[((B, T, 64, 64, 3), F32), ((B, T, 4), F32), ((B, T), F32)])),
    (ExpectedPicture, _args(
        shapes={**IMAGE, **VECTORS}, cnn_depth=4, mlp_layers=1, mlp_units=8, decay=0.9,
        contrast=3.0, train_share=0.5), _args(
        inputs=(OBSERVATION,), trainable=14, non_trainable=3,
        outputs=[((B, T, 64, 64, 3), F32)])),
    (RunningMoments, _args(decay=0.9, epsilon=1e-3), _args(
        inputs=(_normal(B, T),), outputs=[((), F32), ((), F32)], non_trainable=3,
        always_float32=True)),
    (ReturnRange, _args(decay=0.9, percentiles=(10.0, 80.0), minimum=0.5), _args(
        inputs=(_normal(B, T),), outputs=[((), F32)], non_trainable=2, always_float32=True)),
]


@pytest.mark.parametrize(
    "layer_class, init, case",
    CASES,
    ids=[f"{layer_class.__name__}-{i}" for i, (layer_class, _, _) in enumerate(CASES)],
)
def test_layer(layer_class, init, case):
    run_layer_test(layer_class, init, **case)


def test_no_layer_is_left_out():
    found = set()
    for module in pkgutil.walk_packages(layers.__path__, "dreamer_tf.layers."):
        for _, member in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(member, keras.layers.Layer) and member.__module__ == module.name:
                found.add(member)
    assert found == {layer_class for layer_class, _, _ in CASES}
