"""n-step returns, stacks, shifts and noise against slow loops."""
import numpy as np
import pytest
import tensorflow as tf

from dreamer_tf.baselines.frame_stack import push_frame, stack_frames
from dreamer_tf.baselines.n_step import n_step_return
from dreamer_tf.baselines.noise_schedule import linear_schedule
from dreamer_tf.baselines.random_shift import random_shift, shift

GAMMA = 0.9


def slow_n_step(reward, first, last, terminal):
    total, steps, bootstrap = 0.0, 0, 1.0
    for k in range(1, len(reward)):
        if last[k - 1] or first[k]:
            break
        total += GAMMA ** (k - 1) * reward[k]
        steps += 1
        if terminal[k]:
            bootstrap = 0.0
    return total, bootstrap * GAMMA ** steps, steps


@pytest.mark.parametrize('n', [1, 3, 5])
def test_n_step_returns_are_those_of_a_loop(n):
    random = np.random.default_rng(n)
    reward = random.normal(size=(200, n + 1)).astype(np.float32)
    last = random.random((200, n + 1)) < 0.2
    first = np.zeros_like(last)
    first[:, 1:] = last[:, :-1]
    terminal = last & (random.random(last.shape) < 0.5)
    got = n_step_return(reward, first, last, terminal, GAMMA)
    wanted = zip(*(slow_n_step(*row) for row in zip(reward, first, last, terminal)))
    for ours, theirs in zip(got, wanted):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_n_step_returns_by_hand():
    no = np.zeros((1, 4), bool)
    end = np.array([[False, False, True, False]])
    behind = np.array([[False, False, False, True]])
    reward = np.array([[100.0, 1.0, 2.0, 4.0]], np.float32)
    whole = n_step_return(reward, no, no, no, 0.5)
    assert [float(x[0]) for x in whole] == [1 + 1 + 1, 0.125, 3]
    cut = n_step_return(reward, behind, end, no, 0.5)
    assert [float(x[0]) for x in cut] == [1 + 1, 0.25, 2]
    assert float(n_step_return(reward, behind, end, end, 0.5).discount[0]) == 0.0


def test_shifts_are_those_of_a_loop_and_repeat_the_edge():
    pictures = np.random.default_rng(0).integers(0, 256, (6, 8, 10, 3)).astype(np.uint8)
    shifts = np.array([[0, 0], [2, -3], [-4, 4], [4, 4], [1, 0], [0, -4]], np.int32)
    wanted = np.empty_like(pictures)
    for b, (up, left) in enumerate(shifts):
        for row in range(8):
            for column in range(10):
                wanted[b, row, column] = pictures[
                    b, min(max(row + up, 0), 7), min(max(column + left, 0), 9)]
    np.testing.assert_array_equal(shift(pictures, shifts), wanted)


def test_every_shift_of_up_to_four_pixels_is_drawn():
    position = np.tile(np.arange(16)[None, None, :, None], (500, 16, 1, 1))
    moved = random_shift(tf.constant(position), 4, tf.constant([1, 2])).numpy()
    assert set(moved[:, 0, 8, 0] - 8) == set(range(-4, 5))


def test_stacks_are_those_of_a_loop_and_of_the_policy():
    random = np.random.default_rng(0)
    pictures = random.integers(0, 256, (20, 7, 2, 2, 3)).astype(np.uint8)
    first = random.random((20, 7)) < 0.3
    frames = tf.zeros((20, 2, 2, 9), tf.uint8)
    for index in range(7):
        got = stack_frames(pictures, first, tf.fill([20], index), 3)
        for b in range(20):
            begin = max([t for t in range(index + 1) if first[b, t]], default=0)
            wanted = [pictures[b, max(t, begin)] for t in (index - 2, index - 1, index)]
            np.testing.assert_array_equal(got[b], np.concatenate(wanted, -1))
        frames = push_frame(frames, pictures[:, index], tf.constant(first[:, index] | (index == 0)))
        np.testing.assert_array_equal(frames, got)


def test_noise_goes_down_in_a_straight_line_and_stays():
    scales = [float(linear_schedule(step, (1.0, 0.2), 100)) for step in (0, 25, 100, 500)]
    np.testing.assert_allclose(scales, [1.0, 0.8, 0.2, 0.2], rtol=1e-6)
