"""Alignment of actions and rewards with the observations they led to, on numbers by hand."""

import numpy as np
import pytest
from tf_agents.trajectories import time_step as ts
from tf_agents.trajectories import trajectory as tj

from dreamer_tf.replay.alignment import action_vector, step_from_time_step, steps_from_trajectory

FIRST, MID, LAST = (int(kind) for kind in (ts.StepType.FIRST, ts.StepType.MID, ts.StepType.LAST))

# Two episodes: 10 -> 11 -> 12 (terminal), 20 -> 21 -> 22 (cut off by the time limit), 30 ...
# Environment side: (step type, observation, reward that arrived, discount), action taken there.
TIME_STEPS = [
    (FIRST, 10.0, 0.0, 1.0),
    (MID, 11.0, 1.1, 1.0),
    (LAST, 12.0, 1.2, 0.0),
    (FIRST, 20.0, 0.0, 1.0),
    (MID, 21.0, 2.1, 1.0),
    (LAST, 22.0, 2.2, 1.0),
    (FIRST, 30.0, 0.0, 1.0),
]
ACTIONS = [[0.1, -0.1], [0.2, -0.2], [9.0, 9.0], [0.4, -0.4], [0.5, -0.5], [9.0, 9.0], [0.7, -0.7]]

# The same as replay should hold it.
EXPECTED = {
    "position": np.array([10, 11, 12, 20, 21, 22, 30], np.float32),
    "prev_action": np.array(
        [[0, 0], [0.1, -0.1], [0.2, -0.2], [0, 0], [0.4, -0.4], [0.5, -0.5], [0, 0]], np.float32
    ),
    "reward": np.array([0, 1.1, 1.2, 0, 2.1, 2.2, 0], np.float32),
    "is_first": np.array([1, 0, 0, 1, 0, 0, 1], bool),
    "is_last": np.array([0, 0, 1, 0, 0, 1, 0], bool),
    "is_terminal": np.array([0, 0, 1, 0, 0, 0, 0], bool),
}


def time_step(index):
    kind, observation, reward, discount = TIME_STEPS[index]
    return ts.TimeStep(
        np.int32(kind),
        np.float32(reward),
        np.float32(discount),
        {"position": np.float32(observation)},
    )


def trajectory(actions):
    """Seven entries as TF-Agents writes them: entry t has what comes AFTER observation t."""
    following = TIME_STEPS[1:] + [(MID, 31.0, 3.1, 1.0)]
    return tj.Trajectory(
        step_type=np.array([s[0] for s in TIME_STEPS], np.int32),
        observation={"position": np.array([s[1] for s in TIME_STEPS], np.float32)},
        action=np.asarray(actions),
        policy_info=(),
        next_step_type=np.array([s[0] for s in following], np.int32),
        reward=np.array([s[2] for s in following], np.float32),
        discount=np.array([s[3] for s in following], np.float32),
    )


def entry(actions, index):
    whole = trajectory(actions)
    return whole._replace(
        step_type=whole.step_type[index],
        observation={"position": whole.observation["position"][index]},
        action=whole.action[index],
        next_step_type=whole.next_step_type[index],
        reward=whole.reward[index],
        discount=whole.discount[index],
    )


def assert_same(steps, expected):
    assert steps.keys() == expected.keys()
    for key, value in expected.items():
        assert steps[key].dtype == value.dtype, key
        np.testing.assert_array_equal(steps[key], value, err_msg=key)


def part(expected, index):
    return {key: value[index] for key, value in expected.items()}


@pytest.mark.parametrize("index", range(7))
def test_time_step_gives_the_step_written_by_hand(index):
    prev_action = np.array(ACTIONS[index - 1] if index else [5.0, 5.0], np.float32)
    assert_same(step_from_time_step(time_step(index), prev_action), part(EXPECTED, index))


def test_trajectory_gives_the_steps_written_by_hand():
    assert_same(steps_from_trajectory(trajectory(np.array(ACTIONS, np.float32))), EXPECTED)


@pytest.mark.parametrize("cut", range(1, 7))
def test_trajectory_in_two_parts_gives_the_same_steps(cut):
    actions = np.array(ACTIONS, np.float32)
    second = steps_from_trajectory(
        entry(actions, slice(cut, None)), previous=entry(actions, cut - 1)
    )
    assert_same(second, part(EXPECTED, slice(cut, None)))


def test_trajectory_from_the_middle_needs_the_entry_before():
    with pytest.raises(ValueError, match="pass the entry before"):
        steps_from_trajectory(entry(np.array(ACTIONS, np.float32), slice(1, None)))


def test_discrete_actions_become_one_hot_and_vanish_at_first():
    chosen = np.array([2, 1, 7, 0, 2, -3, 1], np.int32)  # those at LAST are meaningless
    expected = np.zeros((7, 3), np.float32)
    expected[[1, 2, 4, 5], [2, 1, 0, 2]] = 1
    steps = steps_from_trajectory(trajectory(chosen), num_actions=3)
    np.testing.assert_array_equal(steps["prev_action"], expected)
    assert steps["prev_action"].dtype == np.float32
    for index in (1, 2, 4, 5):
        step = step_from_time_step(time_step(index), chosen[index - 1], num_actions=3)
        np.testing.assert_array_equal(step["prev_action"], expected[index])
    first = step_from_time_step(time_step(3), np.int32(2), num_actions=3)
    np.testing.assert_array_equal(first["prev_action"], np.zeros(3, np.float32))


def test_meaningless_values_before_a_first_are_not_read():
    actions = np.array(ACTIONS, np.float32)
    actions[[2, 5]] = np.nan
    assert_same(steps_from_trajectory(trajectory(actions)), EXPECTED)


@pytest.mark.parametrize("action", [-1, 3])
def test_discrete_action_out_of_range_is_refused(action):
    with pytest.raises(ValueError, match="outside 0 .. 2"):
        action_vector(action, 3)


def test_uint8_images_stay_uint8():
    image = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    step = step_from_time_step(ts.restart({"image": image}), np.zeros(2))
    assert step["image"].dtype == np.uint8
    np.testing.assert_array_equal(step["image"], image)
