"""That the tasks can be done, and stay doable whatever a policy has done before."""

import numpy as np
import pytest

from arms_under_test import NAMES, make
from robot_envs.arms import constants as c
from robot_envs.arms.scripted import PickAndPlace
from robot_envs.randomisation import Randomisation

PLACEMENTS = 15


def _play(arm, steps=100):
    """Returns the placements of the scripted policy in an episode, and its return."""
    policy = PickAndPlace(arm.workspace)
    arm.env.reset()
    rewards = [float(arm.env.step(np.int32(policy.action(arm.env.get_info()))).reward)
               for _ in range(steps)]
    return rewards.count(c.REWARD_OTHER_BIN), sum(rewards)


def _play_at_random(arm, steps, seed):
    random = np.random.default_rng(seed)
    rewards = []
    for step in range(steps):
        if step % c.EPISODE_STEPS == 0:
            arm.env.reset()
        rewards.append(float(arm.env.step(np.int32(random.integers(c.NUM_ACTIONS))).reward))
    return rewards


@pytest.mark.parametrize('name', NAMES)
def test_scripted_policy_solves_the_task(name):
    arm = make(name, 1)
    scores = [_play(arm) for _ in range(2)]
    assert np.mean([placements for placements, _ in scores]) >= PLACEMENTS
    assert all(total >= 10 * placements for placements, total in scores)
    arm.env.close()


@pytest.mark.long
@pytest.mark.parametrize('name', NAMES)
def test_nothing_gets_stuck_where_no_action_reaches(name):
    """After 2,000 random steps every object can still be fetched; the first episode finds it."""
    arm = make(name, 5)
    rewards = _play_at_random(arm, 2000, 5)
    assert 0 < rewards.count(c.REWARD_GRASP) < 100  # Random grasps are rare.
    _play(arm)
    assert np.mean([_play(arm)[0] for _ in range(2)]) >= PLACEMENTS
    arm.env.close()


@pytest.mark.parametrize('name', [
    pytest.param(name, marks=[pytest.mark.long] * (name == 'xarm')) for name in NAMES])
def test_a_slightly_different_arm_can_do_it_too(name):
    """Each episode draws masses, friction, gains and latency anew."""
    differences = Randomisation(mass=0.2, friction=0.2, gain=0.1, latency_seconds=0.05)
    arm = make(name, 1, randomisation=differences)
    assert np.mean([_play(arm)[0] for _ in range(2)]) >= PLACEMENTS
    arm.env.close()


@pytest.mark.parametrize('name', NAMES)
def test_same_seed_same_episode(name):
    totals = [_play(make(name, seed), 40) for seed in (3, 3)]
    assert totals[0] == totals[1]
