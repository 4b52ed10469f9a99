"""Recurrent State-Space Model."""

from __future__ import annotations

from typing import NamedTuple, Optional, Tuple

import gin
import keras
import tensorflow as tf

from dreamer_tf.layers.norm_dense import NormDense, NormDenseWeights
from dreamer_tf.layers.norm_gru_cell import NormGRUCell
from dreamer_tf.math.distributions import one_hot_mode, one_hot_sample, unimix
from dreamer_tf.math.product import product, products_in, rounded
from dreamer_tf.math.random import race_noise
from dreamer_tf.math.scan import scan, time_length
from dreamer_tf.types import Observed, State


class RSSMWeights(NamedTuple):
    """The RSSM's weights in the compute dtype, centred and taken apart once for a whole loop.

    ``inputs`` is of z alone and ``posterior`` of h alone: what actions and embeddings bring in
    is known before the loop. A slice inside it would cost a padded gradient in every step.
    """

    inputs: NormDenseWeights
    action_kernel: tf.Tensor
    gru: NormDenseWeights
    prior: NormDenseWeights
    prior_logits: Tuple[tf.Tensor, tf.Tensor]
    posterior: NormDenseWeights
    embedding_kernel: tf.Tensor
    posterior_logits: Tuple[tf.Tensor, tf.Tensor]


@gin.configurable
@keras.saving.register_keras_serializable("dreamer_tf")
class RSSM(keras.layers.Layer):
    """h_t = GRU(h_{t-1}, [z_{t-1}, a_{t-1}]), prior p(z_t | h_t), posterior q(z_t | h_t, e_t).

    z is S one-hot categoricals of K classes (DreamerV2, arXiv 2010.02193, eq. 1) with
    straight-through gradients and a share of the uniform distribution. The initial
    state is learned: h_0 = tanh(w), z_0 the mode of the prior there.

    Only h_t and the draw of z_t depend on the step before, so only they are in the
    loop over time; the embedding's and the action's products and the prior of all
    steps are computed at once.

    Args:
      action_size: A.
      embedding_size: E.
      deter: D.
      units: of the layers before the GRU, prior and posterior.
      stoch: S.
      classes: K.
      unimix: share of the uniform distribution in prior and posterior.
      posterior_init_scale: of the first logits of the posterior, in units of Glorot's. Above 1,
        z tells states apart from the first update on, and the decoder has something to learn
        from: the Sphero's autoencoder finds the robot 100 updates sooner with 5 than with 1.
      unroll: see `scan`.
      **kwargs: of `keras.layers.Layer`.
    """

    def __init__(
        self,
        action_size: int,
        embedding_size: int,
        deter: int = 512,
        units: int = 512,
        stoch: int = 32,
        classes: int = 32,
        unimix: float = 0.01,
        posterior_init_scale: float = 5.0,
        unroll: bool = False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.action_size = action_size
        self.embedding_size = embedding_size
        self.deter = deter
        self.units = units
        self.stoch = stoch
        self.classes = classes
        self.unimix = unimix
        self.posterior_init_scale = posterior_init_scale
        self.unroll = unroll
        policy = self.dtype_policy
        logits = stoch * classes
        self.input_layer = NormDense(units, name="input", dtype=policy)
        self.gru = NormGRUCell(deter, name="gru", dtype=policy)
        self.prior_layer = NormDense(units, name="prior", dtype=policy)
        self.prior_logits = keras.layers.Dense(logits, name="prior_logits", dtype=policy)
        self.posterior_layer = NormDense(units, name="posterior", dtype=policy)
        initializer = keras.initializers.VarianceScaling(
            posterior_init_scale**2, "fan_avg", "uniform"
        )
        self.posterior_logits = keras.layers.Dense(
            logits, kernel_initializer=initializer, name="posterior_logits", dtype=policy
        )

    @property
    def feature_size(self) -> int:
        """F = D + S * K."""
        return self.deter + self.stoch * self.classes

    def build(self, input_shape=None):
        self.initial_deter = self.add_weight("initial_deter", (self.deter,), initializer="zeros")
        self.input_layer.build((None, self.stoch * self.classes + self.action_size))
        self.gru.build((None, self.units))
        self.prior_layer.build((None, self.deter))
        self.prior_logits.build((None, self.units))
        self.posterior_layer.build((None, self.deter + self.embedding_size))
        self.posterior_logits.build((None, self.units))
        super().build(input_shape)

    def prepare(self) -> RSSMWeights:
        """Returns the weights, made ready for a loop."""
        cast = lambda x: tf.cast(x, self.compute_dtype)
        dense = lambda layer: (rounded(cast(layer.kernel)), cast(layer.bias))
        inputs, posterior = self.input_layer.prepare(), self.posterior_layer.prepare()
        stoch_kernel, action_kernel = tf.split(
            inputs.kernel, [self._stoch_size(), self.action_size]
        )
        deter_kernel, embedding_kernel = tf.split(
            posterior.kernel, [self.deter, self.embedding_size]
        )
        return RSSMWeights(
            inputs=inputs._replace(kernel=stoch_kernel),
            action_kernel=action_kernel,
            gru=self.gru.prepare(),
            prior=self.prior_layer.prepare(),
            prior_logits=dense(self.prior_logits),
            posterior=posterior._replace(kernel=deter_kernel),
            embedding_kernel=embedding_kernel,
            posterior_logits=dense(self.posterior_logits),
        )

    def initial_state(self, batch_size, weights: Optional[RSSMWeights] = None) -> State:
        """Returns the learned state before the first step, deter (B, D) and stoch (B, S, K)."""
        weights = weights or self.prepare()
        deter = tf.tanh(tf.cast(self.initial_deter, self.compute_dtype))[None]
        stoch = tf.stop_gradient(one_hot_mode(self._prior(deter, weights)))
        stoch = tf.cast(stoch, self.compute_dtype)
        return State(
            tf.broadcast_to(deter, [batch_size, self.deter]),
            tf.broadcast_to(stoch, [batch_size, self.stoch, self.classes]),
        )

    def observe(
        self,
        embedding: tf.Tensor,
        prev_action: tf.Tensor,
        is_first: tf.Tensor,
        seed: Optional[tf.Tensor],
        state: Optional[State] = None,
    ) -> Observed:
        """Filters whole sequences.

        Args:
          embedding: (B, T, E).
          prev_action: (B, T, A) the action that led to each step.
          is_first: (B, T) bool; there the state starts anew and the action is ignored.
          seed: (2,) int32 for the draws of z; None takes modes.
          state: before the first step; the learned initial state if None.

        Returns:
          States and distributions of all steps.
        """
        batch, length = tf.shape(embedding)[0], time_length(embedding)
        # The loop's products are small, and their kernels' gradients sums over T steps, for which
        # a rounded kernel's dtype would be too coarse.
        with products_in(None):
            weights = self.prepare()
            initial = self.initial_state(batch, weights)
        start = initial if state is None else state
        inputs = {
            "action": self._action_product(prev_action, is_first, weights),
            "embedding": self._embedding_product(embedding, weights),
            "is_first": tf.transpose(is_first),
        }
        if seed is not None:
            inputs["noise"] = race_noise([length, batch, self.stoch, self.classes], seed)

        def step(t, carry, at_t):
            del t
            prev = _where(at_t["is_first"], initial, State(carry[0], carry[1]))
            deter = self._next_deter(prev, at_t["action"], weights)
            probs = self._posterior(deter, at_t["embedding"], weights)
            return deter, self._draw(probs, at_t.get("noise")), probs

        blank = tf.zeros([batch, self.stoch, self.classes])
        carry = (
            tf.ensure_shape(start.deter, [None, self.deter]),
            tf.ensure_shape(start.stoch, [None, self.stoch, self.classes]),
            blank,
        )
        with products_in(None):
            states = scan(step, carry, inputs, length, self.unroll)
        deter, stoch, posterior = tf.nest.map_structure(_batch_first, states)
        return Observed(State(deter, stoch), posterior, self._prior(deter, weights))

    call = observe

    def observe_step(
        self,
        state: State,
        embedding: tf.Tensor,
        prev_action: tf.Tensor,
        is_first: tf.Tensor,
        noise: Optional[tf.Tensor],
    ) -> State:
        """Filters one step: `observe` for T = 1, with noise (B, S, K) from `race_noise`.

        None takes the mode of z.
        """
        weights = self.prepare()
        prev = _where(is_first, self.initial_state(tf.shape(is_first)[0], weights), state)
        action = self._action_product(prev_action[:, None], is_first[:, None], weights)[0]
        embedded = self._embedding_product(embedding[:, None], weights)[0]
        deter = self._next_deter(prev, action, weights)
        return State(deter, self._draw(self._posterior(deter, embedded, weights), noise))

    def imagine_step(
        self,
        state: State,
        action: tf.Tensor,
        noise: Optional[tf.Tensor],
        weights: Optional[RSSMWeights] = None,
    ) -> State:
        """Predicts one step without looking.

        Args:
          state: deter (N, D), stoch (N, S, K).
          action: (N, A) taken from it.
          noise: (N, S, K) from `race_noise`; None takes the mode of z.
          weights: from `prepare`, if at hand.

        Returns:
          The next state.
        """
        weights = weights or self.prepare()
        action_product = product(tf.cast(action, self.compute_dtype), weights.action_kernel)
        deter = self._next_deter(state, action_product, weights)
        return State(deter, self._draw(self._prior(deter, weights), noise))

    def imagine(self, state: State, action: tf.Tensor, seed: Optional[tf.Tensor]) -> State:
        """Predicts sequences from a state and given actions.

        Args:
          state: deter (B, D), stoch (B, S, K).
          action: (B, T, A) action t leads to returned state t.
          seed: (2,) int32 for the draws of z; None takes modes.

        Returns:
          States, deter (B, T, D) and stoch (B, T, S, K).
        """
        weights = self.prepare()
        batch, length = tf.shape(action)[0], time_length(action)

        def step(t, carry, action_t):
            noise = None
            if seed is not None:
                noise_seed = tf.random.experimental.stateless_fold_in(seed, t)
                noise = race_noise([batch, self.stoch, self.classes], noise_seed)
            return self.imagine_step(carry, action_t, noise, weights)

        states = scan(step, State(*state), _batch_first(action), length, self.unroll)
        return tf.nest.map_structure(_batch_first, states)

    def _stoch_size(self):
        return self.stoch * self.classes

    def _action_product(self, prev_action, is_first, weights):
        """(B, T, A) -> (T, B, units): the action's part of the layer before the GRU."""
        action = tf.where(is_first[..., None], tf.zeros_like(prev_action), prev_action)
        action = tf.cast(_batch_first(action), self.compute_dtype)
        return product(action, weights.action_kernel)

    def _embedding_product(self, embedding, weights):
        """(B, T, E) -> (T, B, units): the embedding's part of the posterior's layer."""
        embedding = tf.cast(_batch_first(embedding), self.compute_dtype)
        return product(embedding, weights.embedding_kernel)

    def _next_deter(self, state, action_product, weights):
        stoch = tf.reshape(state.stoch, [-1, self._stoch_size()])
        products = product(stoch, weights.inputs.kernel) + action_product
        x = self.input_layer.finish(products, weights.inputs)
        return self.gru(x, state.deter, weights.gru)

    def _prior(self, deter, weights):
        x = self.prior_layer(deter, weights.prior)
        return self._probs(x, weights.prior_logits)

    def _posterior(self, deter, embedding_product, weights):
        products = product(deter, weights.posterior.kernel) + embedding_product
        x = self.posterior_layer.finish(products, weights.posterior)
        return self._probs(x, weights.posterior_logits)

    def _probs(self, x, dense):
        kernel, bias = dense
        logits = tf.cast(product(x, kernel) + bias, tf.float32)
        shape = tf.concat([tf.shape(logits)[:-1], [self.stoch, self.classes]], 0)
        return unimix(tf.reshape(logits, shape), self.unimix)

    def _draw(self, probs, noise):
        stoch = one_hot_mode(probs) if noise is None else one_hot_sample(probs, noise)
        return tf.cast(stoch, self.compute_dtype)

    def get_config(self):
        names = ["action_size", "embedding_size", "deter", "units", "stoch", "classes"]
        names += ["unimix", "posterior_init_scale", "unroll"]
        config = {name: getattr(self, name) for name in names}
        return {**super().get_config(), **config}


def _batch_first(x):
    """Swaps batch and time."""
    return tf.transpose(x, [1, 0, *range(2, x.shape.rank)])


def _where(condition, yes: State, no: State) -> State:
    """Chooses whole states by a condition (B,)."""
    return State(
        tf.where(condition[:, None], yes.deter, no.deter),
        tf.where(condition[:, None, None], yes.stoch, no.stoch),
    )
