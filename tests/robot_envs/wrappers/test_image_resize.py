"""Pictures of any size become those of the encoder, as bright as before."""

import numpy as np
import pytest
from tf_agents.environments import py_environment
from tf_agents.specs import array_spec
from tf_agents.trajectories import time_step as ts

from robot_envs.area_mean import area_mean, area_weights
from robot_envs.wrappers.image_resize import ImageResize


class Camera(py_environment.PyEnvironment):
    """Gives the same picture and a vector for ever."""

    def __init__(self, picture):
        super().__init__()
        self._picture = picture

    def observation_spec(self):
        return {
            "image": array_spec.BoundedArraySpec(self._picture.shape, np.uint8, 0, 255, "image"),
            "angle": array_spec.ArraySpec((2,), np.float32, "angle"),
        }

    def action_spec(self):
        return array_spec.BoundedArraySpec((1,), np.float32, -1, 1)

    def _observation(self):
        return {"image": self._picture, "angle": np.array([1, 2], np.float32)}

    def _reset(self):
        return ts.restart(self._observation())

    def _step(self, action):
        return ts.transition(self._observation(), 0.5)


def _mean_by_loop(picture, height, width):
    """The mean of each area, from fine copies of each pixel."""
    fine = np.repeat(np.repeat(picture.astype(float), height, 0), width, 1)
    rows = fine.reshape(height, -1, *fine.shape[1:]).mean(1)
    return rows.reshape(height, width, -1, picture.shape[2]).mean(2)


@pytest.mark.parametrize("size", [(6, 9), (5, 7), (2, 3), (4, 4)])
def test_each_pixel_is_the_mean_of_its_area(size):
    picture = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    small = area_mean(picture, area_weights(size[0], 4), area_weights(size[1], 5))
    assert small.shape == (4, 5, 3) and small.dtype == np.uint8
    assert np.abs(small - _mean_by_loop(picture, 4, 5)).max() <= 0.51


def test_every_step_has_the_new_size_and_everything_else_as_it_was():
    picture = np.full((96, 120, 1), 200, np.uint8)
    env = ImageResize(Camera(picture))
    for step in (env.reset(), env.step(np.zeros(1, np.float32))):
        assert array_spec.check_arrays_nest(step, env.time_step_spec())
        assert step.observation["image"].shape == (64, 64, 1)
        assert np.all(step.observation["image"] == 200)
        assert step.observation["angle"].tolist() == [1, 2]
    assert step.reward == 0.5


def test_a_picture_of_that_size_is_not_touched():
    picture = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    assert ImageResize(Camera(picture)).reset().observation["image"] is picture
