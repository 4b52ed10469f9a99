"""A policy that acts otherwise must not leave."""
import numpy as np
import pytest

from dreamer_tf.errors import UserError
from dreamer_tf.serving import parity, policy_signatures
from dreamer_tf.serving.recording import Recording
from tiny_core import make_agent, shake


@pytest.mark.parametrize("change", [
    lambda x: x + 0.3,
    lambda x: 1.4 * x,
    lambda x: np.stack([x[:, 0], x[:, 0]], 1) + np.array([0.0, 0.3]),
])
def test_other_distributions_are_refused(change):
    random = np.random.RandomState(0)
    live, again = (random.normal(size=(2048, 2)) for _ in range(2))
    assert parity.compare_draws(live, again).distance < 0.06
    with pytest.raises(UserError, match="does not act as the live one"):
        parity.compare_draws(live, change(again))


def test_other_discrete_distributions_are_refused():
    random = np.random.RandomState(0)
    draw = lambda p: random.choice(3, 2048, p=p)
    parity.compare_draws(draw([0.2, 0.3, 0.5]), draw([0.2, 0.3, 0.5]))
    with pytest.raises(UserError):
        parity.compare_draws(draw([0.2, 0.3, 0.5]), draw([0.2, 0.5, 0.3]))


@pytest.mark.slow
def test_a_policy_whose_weights_have_changed_is_refused(tmp_path):
    agent = make_agent()
    shake(agent.world_model, agent.behavior.actor)
    random = np.random.RandomState(1)
    seen = Recording(
        {"imu": random.normal(size=(6, 4)).astype(np.float32),
         "speed": random.normal(size=(6,)).astype(np.float32)},
        np.array([True, False, False, True, False, False]),
    )
    policy_signatures.save_policy(agent.policy, agent.train_step_counter, tmp_path / "policy")
    assert parity.check_greedy(agent.policy, tmp_path / "policy", seen) <= parity.TOLERANCE
    weight = agent.behavior.actor.trainable_variables[-1]
    weight.assign_add(np.full(weight.shape, 1e-3, np.float32))
    with pytest.raises(UserError, match=r"actions differ by 0\.00\d+ at step \d of 6"):
        parity.check_greedy(agent.policy, tmp_path / "policy", seen)


def test_an_observation_named_like_a_state_is_refused():
    agent = make_agent(shapes={"deter": (4,), "speed": ()})
    with pytest.raises(UserError, match="'deter'.*rename"):
        policy_signatures.flat_specs(agent.policy, None)
