"""Advantages, weights, dueling, noise and projection of PPO and Rainbow against slow loops."""
import numpy as np
import pytest
import tensorflow as tf
from tf_agents.agents.categorical_dqn import categorical_dqn_agent

from dreamer_tf.baselines.double_c51_agent import kl_divergence
from dreamer_tf.baselines.dueling import combine
from dreamer_tf.baselines.gae import advantages
from dreamer_tf.baselines.importance_weights import importance_weights
from dreamer_tf.baselines.noisy_dense import NoisyDense, factor_noise
from dreamer_tf.baselines.normalised_observation import NormalisedObservation

GAMMA, LAMBDA = 0.9, 0.8


def slow_advantage(reward, value, first, last, terminal):
    """The sum of eq. 16, from every step on, up to where its episode ends."""
    wanted = np.zeros(len(reward) - 1)
    for start in range(len(reward) - 1):
        factor = 1.0
        for t in range(start, len(reward) - 1):
            if last[t] or first[t + 1]:
                break
            there = 0.0 if terminal[t + 1] else value[t + 1]
            wanted[start] += factor * (reward[t + 1] + GAMMA * there - value[t])
            factor *= GAMMA * LAMBDA
    return wanted


def test_advantages_are_those_of_a_loop():
    random = np.random.default_rng(0)
    shape = (50, 12)
    reward, value = random.normal(size=(2, *shape)).astype(np.float32)
    last = random.random(shape) < 0.2
    first = random.random(shape) < 0.05  # a restart in the middle, too
    first[:, 1:] |= last[:, :-1]
    terminal = last & (random.random(shape) < 0.5)
    got = advantages(reward, value, first, last, terminal, GAMMA, LAMBDA)
    wanted = [slow_advantage(*row) for row in zip(reward, value, first, last, terminal)]
    np.testing.assert_allclose(got.advantage, wanted, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(got.returns, wanted + value[:, :-1], rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(got.made, ~(last[:, :-1] | first[:, 1:]))


def test_an_episode_that_time_ends_is_bootstrapped_and_a_fall_is_not():
    no = np.zeros((1, 2), bool)
    end = np.array([[False, True]])
    reward, value = np.float32([[7.0, 1.0]]), np.float32([[0.25, 10.0]])
    cut = advantages(reward, value, no, end, no, 0.5, 1.0)
    fall = advantages(reward, value, no, end, end, 0.5, 1.0)
    assert float(cut.advantage[0, 0]) == 1 + 5 - 0.25
    assert float(fall.advantage[0, 0]) == 1 - 0.25


def test_importance_weights_are_those_of_a_loop():
    probability = np.array([0.5, 0.1, 0.01, 0.1])
    size = np.array([10, 10, 12, 11])
    got = importance_weights(tf.constant(probability), tf.constant(size), 0.7)
    raw = [(1.0 / (n * p)) ** 0.7 for p, n in zip(probability, size)]
    np.testing.assert_allclose(got, np.array(raw) / max(raw), rtol=1e-5)
    np.testing.assert_array_equal(importance_weights(probability, size, 0.0), np.ones(4))


def test_dueling_is_that_of_a_loop():
    random = np.random.default_rng(0)
    value, advantage = random.normal(size=(3, 5)), random.normal(size=(3, 4, 5))
    got = combine(tf.constant(value), tf.constant(advantage)).numpy()
    for b in range(3):
        for atom in range(5):
            mean = sum(advantage[b, a, atom] for a in range(4)) / 4
            for a in range(4):
                wanted = value[b, atom] + advantage[b, a, atom] - mean
                assert got[b, a, atom] == pytest.approx(wanted)


def test_a_noisy_layer_is_that_of_a_loop():
    layer, seed = NoisyDense(3, noise_scale=0.4), tf.constant([5, 6])
    x = np.random.default_rng(0).normal(size=(2, 4)).astype(np.float32)
    quiet = layer(x).numpy()
    noisy = layer(x, seed=seed).numpy()
    noise = factor_noise(4 + 3, seed).numpy()
    kernel, bias, kernel_noise, bias_noise = (v.numpy() for v in (
        layer.kernel, layer.bias, layer.kernel_noise, layer.bias_noise))
    np.testing.assert_allclose(kernel_noise, 0.4 / 2, rtol=1e-6)  # sigma_0 / sqrt(4)
    assert np.abs(kernel).max() <= 0.5
    for b in range(2):
        for j in range(3):
            mean = sum(kernel[i, j] * x[b, i] for i in range(4)) + bias[j]
            extra = sum(kernel_noise[i, j] * noise[i] * noise[4 + j] * x[b, i] for i in range(4))
            assert quiet[b, j] == pytest.approx(mean, abs=1e-5)
            assert noisy[b, j] == pytest.approx(
                mean + extra + bias_noise[j] * noise[4 + j], abs=1e-5)
    np.testing.assert_array_equal(noisy, layer(x, seed=seed))
    assert np.any(noisy != layer(x, seed=seed + 1).numpy())


def test_noise_is_the_signed_root_of_normal_numbers():
    noise = factor_noise(20000, tf.constant([1, 2])).numpy()
    squares = np.sign(noise) * noise ** 2
    assert abs(squares.mean()) < 0.03 and abs(squares.std() - 1) < 0.03


def test_gradients_reach_all_of_a_noisy_layer():
    layer = NoisyDense(3)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(tf.ones((2, 4)), seed=tf.constant([1, 2])) ** 2)
    assert all(np.any(g) for g in tape.gradient(loss, layer.trainable_variables))
    copy = NoisyDense.from_config(layer.get_config())
    assert (copy.units, copy.noise_scale) == (3, 0.5)


def slow_projection(support, there, targets):
    """Bellemare et al., arXiv 1707.06887, algorithm 1."""
    low, high = support[0], support[-1]
    width = support[1] - support[0]
    result = np.zeros(len(support))
    for value, probability in zip(targets, there):
        place = (min(max(value, low), high) - low) / width
        below = int(np.floor(place + 1e-9))
        share = place - below
        result[below] += probability * (1 - share)
        if share > 1e-9:
            result[below + 1] += probability * share
    return result


def test_the_n_step_target_is_projected_as_by_a_loop():
    random = np.random.default_rng(0)
    support = np.linspace(-2, 3, 11).astype(np.float32)
    there = random.dirichlet(np.ones(11), size=20).astype(np.float32)
    returns, discount = random.normal(size=20), random.choice([0.0, 0.9 ** 3], size=20)
    targets = (returns[:, None] + discount[:, None] * support).astype(np.float32)
    got = categorical_dqn_agent.project_distribution(
        tf.constant(targets), tf.constant(there), tf.constant(support))
    for row in zip(got.numpy(), there, targets):
        np.testing.assert_allclose(row[0], slow_projection(support, *row[1:]), atol=1e-5)


def test_the_divergence_is_that_of_a_loop_and_nought_where_nothing_is_to_learn():
    random = np.random.default_rng(0)
    target = random.dirichlet(np.ones(4), size=5).astype(np.float32)
    target[0] = [0, 1, 0, 0]
    logits = random.normal(size=(5, 4)).astype(np.float32)
    got = kl_divergence(tf.constant(target), tf.constant(logits)).numpy()
    for b in range(5):
        chances = np.exp(logits[b]) / np.exp(logits[b]).sum()
        wanted = sum(p * np.log(p / q) for p, q in zip(target[b], chances) if p > 0)
        assert got[b] == pytest.approx(wanted, abs=1e-5)
    np.testing.assert_allclose(kl_divergence(target[1:], np.log(target[1:])), 0, atol=1e-6)


@pytest.mark.parametrize('keys', [('image',), ('state',), ('image', 'state', 'mode')])
def test_observations_are_centred_whatever_there_is_of_them(keys):
    random = np.random.default_rng(0)
    batch = {'image': random.integers(90, 110, (200, 64, 64, 1)).astype(np.uint8),
             'state': random.normal(7, 3, (200, 4)).astype(np.float32),
             'mode': random.normal(-5, 1, (200,)).astype(np.float32)}
    batch = {key: tf.constant(batch[key]) for key in keys}
    spec = {key: tf.TensorSpec(value.shape[1:], value.dtype) for key, value in batch.items()}
    observations = NormalisedObservation(spec, 'ppo', 'toy')
    for _ in range(3):
        observations.update(batch)
    result = observations(batch)
    assert set(result) == set(keys)
    for key, value in result.items():
        assert value.shape == batch[key].shape and value.dtype == tf.float32
        assert np.all(np.abs(np.mean(value, 0)) < 0.1)
        if key != 'image':
            np.testing.assert_allclose(np.std(value, 0), 1, atol=0.1)
