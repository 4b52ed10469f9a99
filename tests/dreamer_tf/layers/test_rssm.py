"""The RSSM: its loop, its steps, its resets, and the plain formulation it must equal."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from dreamer_tf.layers.rssm import RSSM
from dreamer_tf.math.norm_act import EPSILON
from dreamer_tf.math.random import race_noise
from dreamer_tf.types import Observed, State

B, T, A, E, D, S, K = 3, 5, 2, 4, 6, 3, 4
SEED = tf.constant([1, 2])
UNIMIX = 0.05


def _make_rssm(unroll=False):
    keras.utils.set_random_seed(0)
    rssm = RSSM(A, E, deter=D, units=7, stoch=S, classes=K, unimix=UNIMIX, unroll=unroll)
    rssm.build()
    random = np.random.RandomState(1)
    for weight in rssm.weights:
        weight.assign_add(random.normal(0.0, 0.3, weight.shape))
    return rssm


def _sequence():
    is_first = np.zeros((B, T), bool)
    is_first[1, 0] = is_first[0, 2] = is_first[2, 2] = is_first[2, 4] = True
    return (
        tf.random.stateless_normal((B, T, E), (2, 1)),
        tf.random.stateless_normal((B, T, A), (2, 2)),
        tf.constant(is_first),
    )


def _state():
    stoch = tf.one_hot(tf.random.stateless_uniform((B, S), (3, 1), 0, K, tf.int32), K)
    return State(tf.random.stateless_normal((B, D), (3, 2)), stoch)


class PlainRSSM:
    """The textbook formulation: whole inputs, Keras' LayerNorm, one step after the other.

    Computes with the weights of an `RSSM`.
    """

    def __init__(self, rssm):
        self.rssm = rssm
        self.norm = keras.layers.LayerNormalization(epsilon=EPSILON, center=False, scale=False)

    def normed(self, layer, x):
        return self.norm(x @ layer.kernel) * layer.scale + layer.offset

    def gru(self, x, h):
        gates = self.normed(self.rssm.gru.gates, tf.concat([x, h], -1))
        reset, candidate, update = tf.split(gates, 3, -1)
        update = tf.sigmoid(update - 1.0)
        return update * tf.tanh(tf.sigmoid(reset) * candidate) + (1.0 - update) * h

    def probs(self, hidden, logits, x):
        x = logits(tf.nn.elu(self.normed(hidden, x)))
        probs = tf.nn.softmax(tf.reshape(x, [-1, S, K]))
        return (1.0 - UNIMIX) * probs + UNIMIX / K

    def prior(self, h):
        return self.probs(self.rssm.prior_layer, self.rssm.prior_logits, h)

    def posterior(self, h, e):
        x = tf.concat([h, e], -1)
        return self.probs(self.rssm.posterior_layer, self.rssm.posterior_logits, x)

    def draw(self, probs, noise):
        drawn = tf.one_hot(tf.argmax(probs if noise is None else probs * noise, -1), K)
        return drawn if noise is None else drawn + probs - tf.stop_gradient(probs)

    def next_deter(self, state, action):
        x = tf.concat([tf.reshape(state.stoch, [-1, S * K]), action], -1)
        return self.gru(tf.nn.elu(self.normed(self.rssm.input_layer, x)), state.deter)

    def initial(self):
        h = tf.repeat(tf.tanh(self.rssm.initial_deter)[None], B, 0)
        return State(h, tf.stop_gradient(self.draw(self.prior(h), None)))

    def observe(self, embedding, prev_action, is_first, noise, state=None):
        state = state or self.initial()
        deters, stochs, posteriors, priors = [], [], [], []
        for t in range(T):
            starts = tf.cast(is_first[:, t], tf.float32)[:, None]
            initial, keep = self.initial(), 1.0 - starts
            state = State(
                keep * state.deter + starts * initial.deter,
                keep[:, None] * state.stoch + starts[:, None] * initial.stoch,
            )
            h = self.next_deter(state, keep * prev_action[:, t])
            prior, posterior = self.prior(h), self.posterior(h, embedding[:, t])
            state = State(h, self.draw(posterior, noise[t]))
            for values, value in zip(
                (deters, stochs, posteriors, priors), (*state, posterior, prior)
            ):
                values.append(value)
        stack = lambda values: tf.stack(values, 1)
        return Observed(State(stack(deters), stack(stochs)), stack(posteriors), stack(priors))


def _with_gradients(observe, sources):
    """What `observe` returns, flat, and gradients of a random projection to the sources."""
    with tf.GradientTape() as tape:
        tape.watch(sources)
        values = tf.nest.flatten(observe())
        loss = sum(
            tf.reduce_sum(x * tf.random.stateless_normal(x.shape, (i, 4)))
            for i, x in enumerate(values)
        )
    return values, tape.gradient(loss, sources)


@pytest.mark.parametrize("state", [None, _state()], ids=["initial state", "given state"])
def test_observe_equals_the_plain_formulation_in_values_and_gradients(state):
    rssm = _make_rssm()
    plain = PlainRSSM(rssm)
    embedding, action, is_first = _sequence()
    noise = race_noise([T, B, S, K], SEED)
    sources = [*rssm.trainable_weights, embedding, action]
    ours = _with_gradients(
        lambda: rssm.observe(embedding, action, is_first, SEED, state), sources
    )
    theirs = _with_gradients(
        lambda: plain.observe(embedding, action, is_first, noise, state), sources
    )
    for mine, expected in zip(ours[0], theirs[0]):
        np.testing.assert_allclose(mine, expected, rtol=1e-4, atol=1e-5)
    for source, mine, expected in zip(sources, ours[1], theirs[1]):
        name = getattr(source, "name", "input")
        scale = np.max(np.abs(expected))
        np.testing.assert_allclose(mine, expected, rtol=1e-3, atol=1e-4 * scale, err_msg=name)


@pytest.mark.parametrize("noisy", [True, False])
def test_imagine_step_equals_the_plain_formulation_in_values_and_gradients(noisy):
    rssm = _make_rssm()
    plain = PlainRSSM(rssm)
    state, action = _state(), tf.random.stateless_normal((B, A), (5, 1))
    noise = race_noise([B, S, K], SEED) if noisy else None
    prior_weights = {id(w) for w in (*rssm.prior_layer.weights, *rssm.prior_logits.weights)}
    reached = [*rssm.input_layer.weights, *rssm.gru.weights]
    reached += [w for w in rssm.trainable_weights if noisy and id(w) in prior_weights]
    sources = [*reached, *state, action]

    def expected():
        deter = plain.next_deter(state, action)
        return State(deter, plain.draw(plain.prior(deter), noise))

    ours = _with_gradients(lambda: rssm.imagine_step(state, action, noise), sources)
    theirs = _with_gradients(expected, sources)
    for mine, value in zip(tf.nest.flatten(ours), tf.nest.flatten(theirs)):
        scale = max(1.0, np.max(np.abs(value)))
        np.testing.assert_allclose(mine, value, rtol=1e-3, atol=1e-4 * scale)


def test_observe_equals_repeated_observe_step():
    rssm = _make_rssm()
    embedding, action, is_first = _sequence()
    noise = race_noise([T, B, S, K], SEED)
    whole = rssm.observe(embedding, action, is_first, SEED).state
    state = rssm.initial_state(B)
    for t in range(T):
        state = rssm.observe_step(state, embedding[:, t], action[:, t], is_first[:, t], noise[t])
        np.testing.assert_allclose(whole.deter[:, t], state.deter, rtol=1e-4, atol=1e-6)
        np.testing.assert_array_equal(whole.stoch[:, t], state.stoch)


def test_imagine_equals_repeated_imagine_step():
    rssm = _make_rssm()
    state, action = _state(), tf.random.stateless_normal((B, T, A), (5, 2))
    for seed in (SEED, None):
        whole, step = rssm.imagine(state, action, seed), state
        for t in range(T):
            noise = None
            if seed is not None:
                fold = tf.random.experimental.stateless_fold_in
                noise = race_noise([B, S, K], fold(seed, t))
            step = rssm.imagine_step(step, action[:, t], noise)
            np.testing.assert_allclose(whole.deter[:, t], step.deter, rtol=1e-4, atol=1e-6)
            np.testing.assert_array_equal(whole.stoch[:, t], step.stoch)


def test_unrolled_equals_loop():
    embedding, action, is_first = _sequence()
    unrolled, looped = _make_rssm(unroll=True), _make_rssm()
    observe = lambda rssm: _with_gradients(
        lambda: rssm.observe(embedding, action, is_first, SEED), rssm.trainable_weights
    )
    imagine = lambda rssm: rssm.imagine(_state(), action, SEED)
    # Only a compiled loop is one; eagerly TensorFlow unrolls it too.
    in_graph = tf.function(lambda: (observe(looped), imagine(looped)))()
    for loop, steps in zip(
        tf.nest.flatten(in_graph), tf.nest.flatten((observe(unrolled), imagine(unrolled)))
    ):
        np.testing.assert_allclose(loop, steps, rtol=1e-4, atol=1e-5)


def test_is_first_erases_all_history():
    """Nothing from before, and not the action that led there, is in the states from there on."""
    rssm = _make_rssm()
    embedding, action, _ = _sequence()
    is_first = tf.constant([[False, False, True, False, False]] * B)
    past = tf.constant([1.0, 1.0, 0.0, 0.0, 0.0])[None, :, None]
    up_to_now = tf.constant([1.0, 1.0, 1.0, 0.0, 0.0])[None, :, None]

    def states(change, is_first):
        observed = rssm.observe(
            embedding + change * past,
            action + change * up_to_now,
            is_first,
            SEED,
            State(_state().deter + change, _state().stoch),
        )
        return [x[:, 2:].numpy() for x in tf.nest.flatten(observed)]

    for before, after in zip(states(0.0, is_first), states(1.0, is_first)):
        np.testing.assert_array_equal(before, after)
    never = tf.zeros_like(is_first)
    assert np.any(states(0.0, never)[0] != states(1.0, never)[0])


def test_gradients_stop_at_is_first():
    rssm = _make_rssm()
    embedding, action, _ = _sequence()
    is_first = tf.constant([[False, False, True, False, False]] * B)
    with tf.GradientTape() as tape:
        tape.watch([embedding, action])
        loss = tf.reduce_sum(rssm.observe(embedding, action, is_first, SEED).state.deter[:, 2:])
    to_embedding, to_action = tape.gradient(loss, [embedding, action])
    np.testing.assert_array_equal(to_embedding[:, :2], np.zeros((B, 2, E)))
    np.testing.assert_array_equal(to_action[:, :3], np.zeros((B, 3, A)))
    assert np.any(to_embedding[:, 2:4] != 0) and np.any(to_action[:, 3:] != 0)


def test_draws_differ_between_steps_sequences_and_seeds():
    rssm = _make_rssm()
    rssm.posterior_logits.kernel.assign(tf.zeros_like(rssm.posterior_logits.kernel))
    rssm.posterior_logits.bias.assign(tf.zeros_like(rssm.posterior_logits.bias))
    same = tf.zeros([8, T, E]), tf.zeros([8, T, A]), tf.zeros([8, T], tf.bool)
    stoch = rssm.observe(*same, SEED).state.stoch.numpy()
    assert np.any(stoch[0] != stoch[1]) and np.any(stoch[:, 0] != stoch[:, 1])
    assert np.any(stoch != rssm.observe(*same, SEED + 1).state.stoch)
    np.testing.assert_array_equal(stoch, rssm.observe(*same, SEED).state.stoch)


def test_initial_state_is_learned_and_the_mode_of_its_prior():
    rssm = _make_rssm()
    with tf.GradientTape() as tape:
        state = rssm.initial_state(2)
        loss = tf.reduce_sum(state.deter)
    assert np.any(tape.gradient(loss, rssm.initial_deter) != 0)
    np.testing.assert_allclose(state.deter[1], np.tanh(rssm.initial_deter), rtol=1e-6)
    prior = PlainRSSM(rssm).prior(state.deter)
    np.testing.assert_array_equal(np.argmax(state.stoch, -1), np.argmax(prior, -1))
