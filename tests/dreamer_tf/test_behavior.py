"""The behaviour's shortcuts against a plain formulation, and what its update may touch."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tiny_core import make_batch, make_behavior, make_world_model, shake

from dreamer_tf.math.product import products_in
from dreamer_tf.math.random import make_seed, race_noise
from dreamer_tf.math.symlog import symlog
from dreamer_tf.types import State

SEED = tf.constant([3, 4])
HORIZON, DISCOUNT, LAMBDA = 3, 0.9, 0.8
KINDS = ["clipped_normal", "truncated_normal", "one_hot"]


def _make(gradient="dynamics", kind="clipped_normal", **keywords):
    """World model and behaviour with weights away from zero, and start states of a batch."""
    discrete = kind == "one_hot"
    if not discrete:
        keywords["continuous_kind"] = kind
    model = make_world_model()
    behavior = make_behavior(
        model.rssm.feature_size,
        discrete=discrete,
        gradient=gradient,
        horizon=HORIZON,
        discount=DISCOUNT,
        lambda_=LAMBDA,
        entropy_scale_initial=0.01,
        **keywords,
    )
    shake(model, behavior.actor, behavior.slow_critic, scale=0.3)
    shake(behavior.critic, scale=0.2)
    batch = make_batch(discrete=discrete)
    states = model.observe(batch, make_seed(0)).state
    start = State(*(tf.reshape(x, [-1, *x.shape[2:]]) for x in states))
    return model, behavior, start, tf.reshape(batch["is_terminal"], [-1])


def _update(model, behavior, start, is_terminal, *, count=1, actor=1.0, critic=1.0):
    """One update by plain gradient descent with these learning rates."""
    return behavior.update(
        model,
        start,
        is_terminal,
        SEED,
        keras.optimizers.SGD(actor),
        keras.optimizers.SGD(critic),
        tf.constant(count, tf.int64),
    )


def _plain_rollout(model, actor, start, noise, seed):
    """The actor on the tape at every step: features (H + 1, N, F), samples (H, N, A), policies."""
    state, features, samples, policies = start, [start.features()], [], []
    for t in range(HORIZON):
        policy = actor(tf.stop_gradient(features[-1]))
        sample = policy.sample(noise[t])
        fold = tf.random.experimental.stateless_fold_in(seed, t)
        z_noise = race_noise([len(start.deter), model.rssm.stoch, model.rssm.classes], fold)
        state = model.rssm.imagine_step(state, policy.executed(sample), z_noise)
        features.append(state.features())
        samples.append(sample)
        policies.append(policy)
    return features, samples, policies


def _plain_error(output, target):
    return (output - symlog(target)) ** 2


def _plain_two_hot(logits, target):
    """Cross entropy with a share for each of the two bins beside the target."""
    place = (symlog(target).numpy() + 20.0) / 40.0 * 254.0
    below = np.floor(place).astype(int)
    log_probs = logits - tf.reduce_logsumexp(logits, -1, keepdims=True)
    pick = lambda index: tf.gather(log_probs, index, batch_dims=1)
    share = tf.constant(place - below, tf.float32)
    return -(1.0 - share) * pick(below) - share * pick(below + 1)


def _plain_losses(model, behavior, start, is_terminal):
    """Actor and critic loss as the paper has them, one step after the other."""
    seeds = tf.random.experimental.stateless_split(SEED, 3)
    noise = behavior.actor.noise([HORIZON, len(start.deter), 2], seeds[1])
    features, samples, policies = _plain_rollout(model, behavior.actor, start, noise, seeds[2])
    reward = [model.reward_head.mean(f) for f in features]
    discount = [DISCOUNT * model.continue_head.mean(f) for f in features]
    value = [behavior.slow_critic.mean(f) for f in features]
    following, returns = value[HORIZON], [None] * HORIZON
    for t in reversed(range(HORIZON)):
        mixed = (1 - LAMBDA) * value[t + 1] + LAMBDA * following
        returns[t] = following = reward[t + 1] + discount[t + 1] * mixed
    gain = tf.stack([returns[t] - tf.stop_gradient(value[t]) for t in range(HORIZON)])
    if behavior.return_range is not None:
        low, high = np.percentile(tf.stack(returns), [5, 95])
        gain = gain / max(1.0, high - low)
    else:
        deviation = tf.stop_gradient(tf.math.reduce_std(gain))
        gain = (gain - tf.stop_gradient(tf.reduce_mean(gain))) / deviation
    weight = [1.0 - tf.cast(is_terminal, tf.float32)]
    for t in range(1, HORIZON):
        weight.append(tf.stop_gradient(weight[-1] * discount[t]))
    actor_loss = critic_loss = 0.0
    for t in range(HORIZON):
        objective = gain[t]
        if behavior.gradient == "reinforce":
            log_prob = policies[t].log_prob(tf.stop_gradient(samples[t]))
            objective = log_prob * tf.stop_gradient(gain[t])
        nats = behavior.entropy_in_nats
        bonus = policies[t].entropy() if nats else policies[t].normalised_entropy()
        bonus = 0.01 * bonus
        actor_loss -= tf.reduce_mean(weight[t] * (objective + bonus)) / HORIZON
        output = behavior.critic(tf.stop_gradient(features[t]))
        target = tf.stop_gradient(returns[t])
        error = _plain_two_hot if behavior.critic.kind == "two_hot" else _plain_error
        critic_loss += tf.reduce_mean(weight[t] * error(output, target)) / HORIZON
    return actor_loss, critic_loss


V3 = {"advantage_scale": "return_range", "entropy_in_nats": True, "critic_kind": "two_hot"}


@pytest.mark.parametrize("choices", [{}, V3], ids=["default", "v3"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("gradient", ["dynamics", "reinforce"])
def test_gradients_of_actor_and_critic_equal_the_plain_formulation(gradient, kind, choices):
    model, behavior, start, is_terminal = _make(gradient, kind, **choices)
    parts = behavior.actor, behavior.critic
    with tf.GradientTape(persistent=True) as tape:
        losses = _plain_losses(model, behavior, start, is_terminal)
    expected = [tape.gradient(loss, part.trainable_weights) for loss, part in zip(losses, parts)]
    before = [part.get_weights() for part in parts]
    metrics = _update(model, behavior, start, is_terminal)
    np.testing.assert_allclose(metrics["critic_loss"], losses[1], rtol=1e-4)
    for part, old, gradients in zip(parts, before, expected):
        largest = max(np.max(np.abs(g)) for g in gradients)
        assert largest > 1e-3
        for weight, value, g in zip(part.trainable_weights, old, gradients):
            np.testing.assert_allclose(
                value - weight, g, rtol=2e-3, atol=1e-3 * largest, err_msg=weight.name
            )


@pytest.mark.parametrize("gradient", ["dynamics", "reinforce"])
def test_each_optimizer_moves_its_own_weights_and_nothing_moves_the_world_model(gradient):
    model, behavior, *start = _make(gradient)
    parts = {
        "world model": model.variables,
        "actor": behavior.actor.variables,
        "critic": behavior.critic.variables,
        "slow critic": behavior.slow_critic.variables,
    }

    def moved(**learning_rates):
        before = {name: [w.numpy() for w in weights] for name, weights in parts.items()}
        _update(model, behavior, *start, **learning_rates)
        return {
            name: [np.any(old != w.numpy()) for old, w in zip(before[name], weights)]
            for name, weights in parts.items()
        }

    for actor, critic in ((1e-2, 0.0), (0.0, 1e-2)):
        changed = moved(actor=actor, critic=critic)
        assert all(changed["actor"]) if actor else not any(changed["actor"])
        assert all(changed["critic"]) if critic else not any(changed["critic"])
        assert not any(changed["world model"]) and not any(changed["slow critic"])


def test_slow_critic_is_copied_on_schedule_only():
    model, behavior, *start = _make(slow_every=3)
    copied = []
    for count in range(7):
        critic, slow = behavior.critic.get_weights(), behavior.slow_critic.get_weights()
        _update(model, behavior, *start, count=count, critic=1e-2)
        after = behavior.slow_critic.get_weights()
        same = [all(np.array_equal(a, b) for a, b in zip(after, old)) for old in (critic, slow)]
        copied.append(same[0])
        assert same[0] != same[1]
    assert copied == [True, False, False, True, False, False, True]


def test_ends_of_episodes_teach_nothing():
    """Beyond a terminal state nothing is worth imagining: its weight is 0."""
    model, behavior, start, is_terminal = _make()
    metrics = _update(model, behavior, start, tf.ones_like(is_terminal))
    np.testing.assert_array_equal(metrics["critic_loss"], 0.0)
    np.testing.assert_array_equal(metrics["critic_grad_norm"], 0.0)
    np.testing.assert_array_equal(metrics["actor_grad_norm"], 0.0)


def test_entropy_scale_rises_when_the_policy_is_too_sure():
    scales = {}
    for bias in (3.0, -6.0):
        model, behavior, *start = _make(entropy_target=0.5)
        behavior.actor.output_layer.bias.assign([0.0, 0.0, bias, bias])  # means, deviations
        _update(model, behavior, *start)
        scales[bias] = float(behavior.entropy_scale.scale)
    np.testing.assert_allclose([scales[3.0], scales[-6.0]], [0.01 / 1.1, 0.011], rtol=1e-5)


def test_equal_bounds_fix_the_entropy_scale():
    model, behavior, *start = _make(entropy_scale_range=(0.01, 0.01), entropy_in_nats=True)
    for bias in (3.0, -6.0):
        behavior.actor.output_layer.bias.assign([0.0, 0.0, bias, bias])
        _update(model, behavior, *start)
        np.testing.assert_allclose(behavior.entropy_scale.scale, 0.01, rtol=1e-6)


def test_a_constant_in_the_reward_changes_nothing_when_it_is_centred():
    weights = {}
    for constant in (0.0, 50.0):
        model, behavior, *start = _make(centre_reward=True)
        head = model.reward_head
        model.reward_head.mean = lambda x, c=constant, h=head: type(h).mean(h, x) + c
        metrics = _update(model, behavior, *start, actor=1e-2, critic=1e-2)
        np.testing.assert_allclose(behavior.reward_moments(constant)[0], constant, atol=3.0)
        weights[constant] = [*behavior.actor.get_weights(), *behavior.critic.get_weights()]
        assert abs(metrics["imagined_reward"] - constant) < 3.0
    for one, other in zip(*weights.values()):
        np.testing.assert_allclose(one, other, atol=1e-3)


def test_fewer_starts_are_a_draw_without_return():
    _, behavior, start, is_terminal = _make(start_fraction=0.5)
    numbered = tf.range(tf.shape(is_terminal)[0])
    chosen = [
        behavior._choose_starts(start, numbered, tf.constant([1, seed])) for seed in range(2)
    ]
    for states, index in chosen:
        assert len(set(index.numpy())) == 6
        np.testing.assert_array_equal(states.deter, start.deter.numpy()[index])
    assert set(chosen[0][1].numpy()) != set(chosen[1][1].numpy())


def test_metrics_are_finite_numbers_of_the_whole_imagination():
    model, behavior, *start = _make()
    metrics = _update(model, behavior, *start)
    assert all(value.shape == () and np.isfinite(value) for value in metrics.values())


@pytest.mark.parametrize(
    "keywords, words",
    [({"gradient": "magic"}, "dynamics"), ({"start_fraction": 0.0}, "start_fraction"),
     ({"advantage_scale": "ranks"}, "return_range")],
)
def test_wrong_settings_are_refused(keywords, words):
    with pytest.raises(ValueError, match=words):
        make_behavior(8, **keywords)


def test_half_precision_loses_no_gradient_on_its_way_through_the_model():
    """Averaged over thousands of states a gradient is smaller than float16 can tell from zero."""
    gradients = {}
    for precision in ("float32", "mixed_float16", "products"):
        rounded = tf.bfloat16 if precision == "products" else None
        policy = "float32" if rounded else precision
        model = make_world_model(precision=policy)
        behavior = make_behavior(model.rssm.feature_size, precision=policy, horizon=15)
        shake(model, behavior.actor, behavior.critic, scale=0.3)
        count = 500
        deter = tf.random.stateless_normal((count, 12), (1, 1))
        stoch = tf.one_hot(tf.random.stateless_uniform((count, 3), (1, 2), 0, 4, tf.int32), 4)
        start = State(*(tf.cast(x, model.rssm.compute_dtype) for x in (deter, stoch)))
        noise = tf.random.stateless_normal((15, count, 2), (1, 3))
        with products_in(rounded):
            _, _, gradients[precision] = behavior._imagine_and_assess(
                model, start, tf.zeros([count], tf.bool), noise, SEED
            )
    exact = gradients.pop("float32").numpy()
    for precision, bound in (("mixed_float16", 0.02), ("products", 0.05)):
        rough = gradients[precision].numpy()
        assert np.mean(rough == 0.0) < 0.005
        # Draws of z differ here and there, so medians are compared.
        error = np.median(np.abs(rough - exact)) / np.median(np.abs(exact))
        assert 0 < error < bound, precision
