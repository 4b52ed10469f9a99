"""Plain distributions for the compiled step; the tests hold them equal to TFP's.

TFP's own objects are slow in the hot path and end up in SavedModels, so layers show
them to the outside only (``distribution(...)``).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import tensorflow as tf

_HALF_LOG_TWO_PI = 0.5 * math.log(2.0 * math.pi)
_TINY = 1e-6


def unimix(logits: tf.Tensor, share: float) -> tf.Tensor:
    """Class probabilities with a share of the uniform distribution mixed in.

    Args:
      logits: (..., K).
      share: of the uniform distribution, in [0, 1].

    Returns:
      (..., K) float32, at least share / K each.
    """
    probs = tf.nn.softmax(tf.cast(logits, tf.float32))
    return (1.0 - share) * probs + share / logits.shape[-1]


def one_hot_mode(probs: tf.Tensor) -> tf.Tensor:
    """Returns (..., K) one-hot of the likeliest class (the first of equals)."""
    return tf.one_hot(tf.argmax(probs, -1), probs.shape[-1], dtype=probs.dtype)


def one_hot_sample(probs: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
    """Draws one-hot classes with straight-through gradients to the probabilities.

    Args:
      probs: (..., K) class probabilities.
      noise: (..., K) from `race_noise`.

    Returns:
      (..., K) one-hot; its gradient is that of ``probs`` (Bengio et al., arXiv 1308.3432).
    """

    @tf.custom_gradient
    def draw(probs):
        race = probs * noise
        winner = race >= tf.reduce_max(race, -1, keepdims=True)
        return tf.cast(winner, probs.dtype), lambda upstream: upstream

    return draw(probs)


def clip_straight_through(x: tf.Tensor) -> tf.Tensor:
    """Clips to [-1, 1]; the gradient passes as if it did not."""
    return x + tf.stop_gradient(tf.clip_by_value(x, -1.0, 1.0) - x)


class OneHot(NamedTuple):
    """Discrete actions as one-hot vectors.

    Attributes:
      probs: (..., A) float32 class probabilities, all positive.
    """

    probs: tf.Tensor

    def sample(self, noise: tf.Tensor) -> tf.Tensor:
        """Draws (..., A) with straight-through gradients; noise from `race_noise`."""
        return one_hot_sample(self.probs, noise)

    def executed(self, sample: tf.Tensor) -> tf.Tensor:
        """Returns what the robot does of a sample: all of it."""
        return sample

    def mode(self) -> tf.Tensor:
        """Returns (..., A) the likeliest action."""
        return one_hot_mode(self.probs)

    def log_prob(self, sample: tf.Tensor) -> tf.Tensor:
        """Returns (...) ln p(sample) of one-hot samples."""
        return tf.reduce_sum(sample * tf.math.log(self.probs), -1)

    def entropy(self) -> tf.Tensor:
        """Returns (...) nats."""
        return -tf.reduce_sum(self.probs * tf.math.log(self.probs), -1)

    def normalised_entropy(self) -> tf.Tensor:
        """Returns (...) the entropy as a share of its maximum, ln A."""
        return self.entropy() / math.log(self.probs.shape[-1])


class ClippedNormal(NamedTuple):
    """A diagonal normal; the robot clips its samples to [-1, 1].

    Attributes:
      mean: (..., A) float32.
      std: (..., A) float32.
      min_std: smallest ``std`` that the actor can give.
      max_std: largest.
    """

    mean: tf.Tensor
    std: tf.Tensor
    min_std: float
    max_std: float

    def sample(self, noise: tf.Tensor) -> tf.Tensor:
        """Reparameterised draw (..., A), not clipped; noise is standard normal."""
        return self.mean + self.std * noise

    def executed(self, sample: tf.Tensor) -> tf.Tensor:
        """Clips to [-1, 1], with straight-through gradients."""
        return clip_straight_through(sample)

    def mode(self) -> tf.Tensor:
        """Returns (..., A) the mean, which lies inside [-1, 1]."""
        return self.mean

    def log_prob(self, sample: tf.Tensor) -> tf.Tensor:
        """Returns (...) ln p of samples before they are clipped."""
        standard = (sample - self.mean) / self.std
        each = -0.5 * tf.square(standard) - tf.math.log(self.std) - _HALF_LOG_TWO_PI
        return tf.reduce_sum(each, -1)

    def entropy(self) -> tf.Tensor:
        """Returns (...) nats, of the normal before it is clipped."""
        return tf.reduce_sum(tf.math.log(self.std) + 0.5 + _HALF_LOG_TWO_PI, -1)

    def normalised_entropy(self) -> tf.Tensor:
        """Returns (...) 0 at the smallest standard deviation, 1 at the largest."""
        low, high = math.log(self.min_std), math.log(self.max_std)
        return tf.reduce_mean((tf.math.log(self.std) - low) / (high - low), -1)


class TruncatedNormal(NamedTuple):
    """A diagonal normal truncated to [-1, 1].

    Attributes:
      mean: (..., A) float32 of the normal before truncation, in [-1, 1].
      std: (..., A) float32 of the normal before truncation.
      min_std: smallest ``std`` that the actor can give.
      max_std: largest.
    """

    mean: tf.Tensor
    std: tf.Tensor
    min_std: float
    max_std: float

    def _bounds(self):
        low, high = (-1.0 - self.mean) / self.std, (1.0 - self.mean) / self.std
        return low, high, _normal_cdf(low), _normal_cdf(high)

    def sample(self, noise: tf.Tensor) -> tf.Tensor:
        """Reparameterised draw (..., A) by the inverse distribution function.

        Args:
          noise: (..., A) standard normal; its quantile is the draw's quantile.
        """
        _, _, cdf_low, cdf_high = self._bounds()
        quantile = cdf_low + _normal_cdf(noise) * (cdf_high - cdf_low)
        quantile = tf.clip_by_value(quantile, _TINY, 1.0 - _TINY)
        return tf.clip_by_value(
            self.mean + self.std * tf.math.ndtri(quantile), -1.0 + _TINY, 1.0 - _TINY
        )

    def executed(self, sample: tf.Tensor) -> tf.Tensor:
        """Returns what the robot does of a sample: all of it."""
        return sample

    def mode(self) -> tf.Tensor:
        """Returns (..., A) the mean before truncation, which lies inside [-1, 1]."""
        return self.mean

    def log_prob(self, sample: tf.Tensor) -> tf.Tensor:
        """Returns (...) ln p of samples inside [-1, 1]."""
        _, _, cdf_low, cdf_high = self._bounds()
        standard = (sample - self.mean) / self.std
        each = -0.5 * tf.square(standard) - tf.math.log(self.std) - _HALF_LOG_TWO_PI
        return tf.reduce_sum(each - tf.math.log(cdf_high - cdf_low), -1)

    def entropy(self) -> tf.Tensor:
        """Returns (...) nats."""
        low, high, cdf_low, cdf_high = self._bounds()
        mass = cdf_high - cdf_low
        edge = (low * _normal_pdf(low) - high * _normal_pdf(high)) / (2.0 * mass)
        return tf.reduce_sum(tf.math.log(self.std * mass) + 0.5 + _HALF_LOG_TWO_PI + edge, -1)

    def normalised_entropy(self) -> tf.Tensor:
        """Returns (...) 0 at the smallest and 1 at the largest standard deviation, mean 0."""
        zero = tf.zeros([1])
        low = TruncatedNormal(zero, zero + self.min_std, self.min_std, self.max_std).entropy()
        high = TruncatedNormal(zero, zero + self.max_std, self.min_std, self.max_std).entropy()
        return (self.entropy() / self.mean.shape[-1] - low) / (high - low)


def _normal_cdf(x):
    return 0.5 * (1.0 + tf.math.erf(x / math.sqrt(2.0)))


def _normal_pdf(x):
    return tf.exp(-0.5 * tf.square(x) - _HALF_LOG_TWO_PI)
