"""The curve file and its picture."""
import math

import pytest
from PIL import Image

from dreamer_tf import learning_curve
from dreamer_tf.learning_curve import LearningCurve
from robot_envs import registry


def test_writes_one_line_an_episode(tmp_path):
    curve = LearningCurve(tmp_path / 'curve.csv')
    curve.add(100, total_reward=-50.0, length=100)
    curve.add(200, total_reward=-25.0, length=100)
    assert (tmp_path / 'curve.csv').read_text() == (
        'env_steps,value\n100,-0.500000\n200,-0.250000\n')


def test_holds_the_value_that_the_robot_plots(tmp_path):
    for kind, value, label in (('mean_reward', 0.25, 'mean reward a step'),
                               ('return', 10.0, 'return an episode')):
        curve = LearningCurve(tmp_path / 'curve.csv', kind=kind)
        curve.add(40, total_reward=10.0, length=40)
        assert curve.label == label
        assert learning_curve.read(tmp_path / 'curve.csv') == [(40, value)]


def test_every_robot_plots_a_value_that_is_known():
    kinds = {name: registry.get(name).curve_value for name in registry.names()}
    assert set(kinds.values()) <= set(learning_curve.LABELS)
    assert (kinds['sphero'], kinds['a1']) == ('mean_reward', 'mean_reward')
    assert (kinds['ur5'], kinds['xarm']) == ('return', 'return')


def test_a_resumed_run_drops_what_its_checkpoint_does_not_know(tmp_path):
    path = tmp_path / 'curve.csv'
    path.write_text('env_steps,value\n100,-0.5\n200,-0.4\n300,-0.3\n4')
    curve = LearningCurve(path, resume_at=200)
    curve.add(300, total_reward=-0.2, length=1)
    assert learning_curve.read(path) == [(100, -0.5), (200, -0.4), (300, -0.2)]


def test_the_mean_of_the_last_steps(tmp_path):
    curve = LearningCurve(tmp_path / 'curve.csv')
    assert math.isnan(curve.last_mean(1000))
    for steps, value in ((1000, -9.0), (1500, -1.0), (2000, -2.0), (2500, -3.0)):
        curve.add(steps, total_reward=value, length=1)
    assert curve.last_mean(1000) == pytest.approx(-2.5)
    assert curve.last_mean(1001) == pytest.approx(-2.0)


@pytest.mark.parametrize('episodes', [0, 1, 30])
def test_draws_a_picture(tmp_path, episodes):
    curve = LearningCurve(tmp_path / 'curve.csv')
    for index in range(episodes):
        curve.add(100 * (index + 1), total_reward=-1.0 / (index + 1), length=1)
    curve.draw('sphero (seed 0)')
    with Image.open(tmp_path / 'curve.png') as picture:
        assert picture.size[0] > 400
    assert sorted(path.name for path in tmp_path.iterdir()) == ['curve.csv', 'curve.png']
