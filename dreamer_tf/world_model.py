"""The world model: what the robot learns of its world."""

from __future__ import annotations

from typing import Dict, List, Mapping, Optional, Tuple

import gin
import keras
import tensorflow as tf

from dreamer_tf.epoch_means import EpochMeans
from dreamer_tf.layers.adaptive_scale import AdaptiveScale
from dreamer_tf.layers.continue_head import ContinueHead
from dreamer_tf.layers.decoder import Decoder
from dreamer_tf.layers.encoder import Encoder
from dreamer_tf.layers.expected_picture import ExpectedPicture
from dreamer_tf.layers.picture_mean import PictureMean
from dreamer_tf.layers.reward_head import RewardHead
from dreamer_tf.layers.rssm import RSSM
from dreamer_tf.math.kl import balanced_kl
from dreamer_tf.math.random import make_seed
from dreamer_tf.optimizers import decay_only_kernels, minimise
from dreamer_tf.types import IS_FIRST, IS_TERMINAL, PREV_ACTION, REWARD
from dreamer_tf.types import Batch, Metrics, Observed

_OTHER_METRICS = ("loss", "kl", "kl_scale", "posterior_entropy", "prior_entropy", "grad_norm")


_PARTS = ("encoder", "rssm", "decoder", "reward_head", "continue_head", "expected_picture")


@gin.configurable(denylist=[*_PARTS, "seed"])
@keras.saving.register_keras_serializable("dreamer_tf")
class WorldModel(keras.Model):
    """Encoder, RSSM, decoder, reward and continue heads, and the loss that trains them.

    Loss of a step (DreamerV2, arXiv 2010.02193, eq. 2): squared errors of the decoder
    and of the reward, negative log-likelihood of continue, and ``scale`` times the
    balanced KL, the scale adapting to keep the KL near its target.

    It is a Keras model of its own too: ``compile``, ``fit``, ``evaluate``, ``save`` and
    ``load_model`` work on a ``tf.data`` set of batches in the world model's convention.

    Args:
      encoder: observations to embeddings.
      rssm: the recurrent model.
      decoder: features to observations.
      reward_head: features to reward.
      continue_head: features to the chance that the episode goes on.
      expected_picture: pictures are centred on what it expects, and the decoder adds to that; on
        their running mean (`PictureMean`) without it.
      kl_balance: share of the KL's gradient that goes to the prior.
      kl_target: nats.
      kl_scale_initial: first scale of the KL.
      kl_scale_range: bounds of the scale; equal ones fix it.
      kl_free_nats: below so many nats the KL teaches nothing (DreamerV3, arXiv 2301.04104v1,
        eq. 5); 0 for none.
      seed: of the draws of z.
      **kwargs: of `keras.Model`.
    """

    def __init__(
        self,
        encoder: Encoder,
        rssm: RSSM,
        decoder: Decoder,
        reward_head: RewardHead,
        continue_head: ContinueHead,
        expected_picture: Optional[ExpectedPicture] = None,
        kl_balance: float = 0.8,
        kl_target: float = 3.5,
        kl_scale_initial: float = 0.1,
        kl_scale_range: Tuple[float, float] = (1e-3, 1.0),
        kl_free_nats: float = 0.0,
        seed: int = 0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.encoder = encoder
        self.rssm = rssm
        self.decoder = decoder
        self.reward_head = reward_head
        self.continue_head = continue_head
        self.expected_picture = expected_picture
        self.kl_balance = kl_balance
        self.kl_target = kl_target
        self.kl_scale_initial = kl_scale_initial
        self.kl_scale_range = tuple(kl_scale_range)
        self.kl_free_nats = kl_free_nats
        self.seed = seed
        low, high = self.kl_scale_range
        self.kl_scale = AdaptiveScale(kl_target, kl_scale_initial, low, high, name="kl_scale")
        self.picture_mean = None
        names = [*decoder.shapes, "reward", "continue", "kl"]
        if expected_picture is None:
            self.picture_mean = PictureMean(encoder.shapes, name="picture_mean")
        else:
            names.append("expected_picture")
        self._epoch_means = EpochMeans([*(f"{name}_loss" for name in names), *_OTHER_METRICS])
        self.build()

    def build(self, input_shape=None):
        """Makes all variables; the sizes are known from the layers."""
        for layer in self._parts():
            if not layer.built:
                with tf.name_scope(layer.name):
                    layer.build(None)
        self.built = True

    def _parts(self):
        heads = (self.reward_head, self.continue_head)
        return (self.encoder, self.rssm, self.decoder, *heads, self.kl_scale, self.centring)

    @property
    def centring(self) -> keras.layers.Layer:
        """The layer that centres pictures before they are encoded."""
        return self.picture_mean if self.expected_picture is None else self.expected_picture

    def observation(self, batch: Batch) -> Dict[str, tf.Tensor]:
        """Picks the model's observations out of a batch; uint8 pictures become [0, 1]."""
        result = {}
        for key in self.encoder.shapes:
            value = batch[key]
            if value.dtype == tf.uint8:
                value = tf.cast(value, tf.float32) * (1.0 / 255.0)
            result[key] = value
        return result

    def embed(self, batch: Batch) -> tf.Tensor:
        """Embeds the observations (..., *shape) of a batch or of a time step: (..., E)."""
        observation = self.observation(batch)
        return self._embedding(observation, self._expected(observation))

    def observe(self, batch: Batch, seed: tf.Tensor) -> Observed:
        """Filters a batch (B, T, ...) with the posterior; see `RSSM.observe`."""
        return self._filtered(self.embed(batch), batch, seed)

    def _filtered(self, embedding, batch, seed):
        return self.rssm.observe(embedding, batch[PREV_ACTION], batch[IS_FIRST], seed)

    def call(self, batch: Batch) -> Observed:
        """`observe` with the model's own seed."""
        return self.observe(batch, make_seed(self.seed))

    def losses_of(
        self, batch: Batch, observed: Observed, expected: Optional[Dict[str, tf.Tensor]] = None
    ) -> Tuple[Dict[str, tf.Tensor], tf.Tensor]:
        """All losses but the KL's scale.

        Args:
          batch: (B, T, ...).
          observed: the batch, filtered.
          expected: logits of `ExpectedPicture`, if at hand.

        Returns:
          Name to loss (B, T), among them the balanced ``kl``, and of fewer sequences that of the
          expected pictures; and the plain KL (B, T) in nats.
        """
        features, observation = observed.state.features(), self.observation(batch)
        if expected is None:
            expected = self._expected(observation)
        losses = self.decoder.losses_of(features, observation, expected)
        if self.expected_picture is not None:
            losses["expected_picture"] = self.expected_picture.loss_of(observation)
        losses["reward"] = self.reward_head.loss_of(features, batch[REWARD])
        goes_on = 1.0 - tf.cast(batch[IS_TERMINAL], tf.float32)
        losses["continue"] = self.continue_head.loss_of(features, goes_on)
        losses["kl"], divergence = balanced_kl(
            observed.posterior, observed.prior, self.kl_balance, self.kl_free_nats
        )
        return losses, divergence

    def update(
        self, batch: Batch, seed: tf.Tensor, optimizer: keras.optimizers.Optimizer
    ) -> Tuple[Observed, Metrics]:
        """One training step.

        Args:
          batch: (B, T, ...).
          seed: (2,) int32.
          optimizer: of this model's trainable variables.

        Returns:
          The filtered batch without gradient, and metrics.
        """
        variables = self.trainable_variables
        observation = self.observation(batch)
        self.centring.update(observation)
        expected = self._expected(observation)  # without a tape: it learns from its own loss only
        with tf.GradientTape() as tape:
            embedding = self._embedding(observation, expected)
            observed = self._filtered(embedding, batch, seed)
            losses, divergence = self.losses_of(batch, observed, expected)
            loss, metrics = self._total(losses, self.kl_scale(divergence))
        metrics["grad_norm"] = minimise(optimizer, tape, loss, variables)
        metrics.update(self._state_metrics(observed, divergence))
        return tf.nest.map_structure(tf.stop_gradient, observed), metrics

    def _total(self, losses, kl_scale):
        means = {name: tf.reduce_mean(value) for name, value in losses.items()}
        total = sum(value * (kl_scale if name == "kl" else 1.0) for name, value in means.items())
        metrics = {f"{name}_loss": value for name, value in means.items()}
        return total, {**metrics, "loss": total, "kl_scale": kl_scale}

    @staticmethod
    def _state_metrics(observed, divergence):
        entropy = lambda p: -tf.reduce_mean(tf.reduce_sum(p * tf.math.log(p), [-2, -1]))
        return {
            "kl": tf.reduce_mean(divergence),
            "posterior_entropy": entropy(observed.posterior),
            "prior_entropy": entropy(observed.prior),
        }

    def open_loop(
        self, batch: Batch, context_steps: int, seed: Optional[tf.Tensor] = None
    ) -> Dict[str, Tuple[tf.Tensor, tf.Tensor]]:
        """Looks at the first steps of sequences, then predicts the rest blindly.

        Args:
          batch: (B, T, ...).
          context_steps: how many steps are seen; those are reconstructions.
          seed: (2,) int32 for the draws of z in the prediction; modes if None.

        Returns:
          Key to truth and prediction, (B, T, *shape) float32.

        Raises:
          ValueError: if no step is left to predict.
        """
        length = batch[PREV_ACTION].shape[1]
        if not 0 < context_steps < length:
            raise ValueError(f"context_steps must be in 1..{length - 1}, got {context_steps}")
        seen = tf.nest.map_structure(lambda x: x[:, :context_steps], dict(batch))
        states = self.observe(seen, make_seed(self.seed)).state
        last = tf.nest.map_structure(lambda x: x[:, -1], states)
        predicted = self.rssm.imagine(last, batch[PREV_ACTION][:, context_steps:], seed)
        joined = tf.nest.map_structure(lambda a, b: tf.concat([a, b], 1), states, predicted)
        means = self.decode(joined.features())
        truth = self.observation(batch)
        return {key: (tf.cast(truth[key], tf.float32), means[key]) for key in means}

    def decode(self, features: tf.Tensor) -> Dict[str, tf.Tensor]:
        """Predicted observations (..., *shape) of features (..., F), pictures in [0, 1]."""
        return self.decoder.mean(features, self.expected_picture)

    def _expected(self, observation) -> Dict[str, tf.Tensor]:
        if self.expected_picture is None:
            return {}
        return tf.nest.map_structure(tf.stop_gradient, self.expected_picture(observation))

    def _embedding(self, observation, expected):
        if self.expected_picture is None:
            return self.encoder(self.picture_mean(observation))
        return self.encoder(self.expected_picture.centred(observation, expected))

    @property
    def metrics(self) -> List[keras.metrics.Metric]:
        """What Keras resets at the start of an epoch."""
        return self._epoch_means.metrics

    def compile_from_config(self, config):
        """Compiles a loaded model; configs of optimizers do not say that only kernels decay."""
        config = keras.saving.deserialize_keras_object(config)
        optimizer = keras.optimizers.get(config["optimizer"])
        decay_only_kernels(optimizer, self.trainable_variables)
        self.compile(**{**config, "optimizer": optimizer})
        self.optimizer.build(self.trainable_variables)

    @tf.autograph.experimental.do_not_convert  # nothing in it needs it, and it takes seconds
    def train_step(self, data: Batch) -> Mapping[str, tf.Tensor]:
        """What `fit` does with a batch (B, T, ...); returns the means of the epoch so far."""
        # At the end of a set of unknown length the optimizer would count a step without data.
        with tf.control_dependencies([data[REWARD]]):
            seed = make_seed(self.seed, self.optimizer.iterations)
            metrics = self.update(data, seed, self.optimizer)[1]
        return self._epoch_means.update(metrics)

    @tf.autograph.experimental.do_not_convert  # nothing in it needs it, and it takes seconds
    def test_step(self, data: Batch) -> Mapping[str, tf.Tensor]:
        """What `evaluate` does with a batch: mean losses so far, at the KL scale in use."""
        observed = self.observe(data, make_seed(self.seed))
        losses, divergence = self.losses_of(data, observed)
        metrics = self._total(losses, tf.identity(self.kl_scale.scale))[1]
        metrics.update(self._state_metrics(observed, divergence))
        return self._epoch_means.update(metrics)

    def get_config(self):
        serialise = keras.saving.serialize_keras_object
        config = {name: serialise(getattr(self, name)) for name in _PARTS}
        names = ("kl_balance", "kl_target", "kl_scale_initial", "kl_scale_range", "kl_free_nats")
        config.update({name: getattr(self, name) for name in (*names, "seed")})
        return {"name": self.name, **config}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """Makes the model of a `get_config`."""
        config = dict(config)
        for name in _PARTS:
            config[name] = keras.saving.deserialize_keras_object(config[name], custom_objects)
        return cls(**config)
