"""The curve file and its picture."""
import math

import pytest
from PIL import Image

from dreamer_tf import learning_curve
from dreamer_tf.learning_curve import LearningCurve


def test_writes_one_line_an_episode(tmp_path):
    curve = LearningCurve(tmp_path / 'curve.csv')
    curve.add(100, -0.5)
    curve.add(200, -0.25)
    assert (tmp_path / 'curve.csv').read_text() == (
        'env_steps,value\n100,-0.500000\n200,-0.250000\n')


def test_a_resumed_run_drops_what_its_checkpoint_does_not_know(tmp_path):
    path = tmp_path / 'curve.csv'
    path.write_text('env_steps,value\n100,-0.5\n200,-0.4\n300,-0.3\n4')
    curve = LearningCurve(path, resume_at=200)
    curve.add(300, -0.2)
    assert learning_curve.read(path) == [(100, -0.5), (200, -0.4), (300, -0.2)]


def test_the_mean_of_the_last_steps(tmp_path):
    curve = LearningCurve(tmp_path / 'curve.csv')
    assert math.isnan(curve.last_mean(1000))
    for steps, value in ((1000, -9.0), (1500, -1.0), (2000, -2.0), (2500, -3.0)):
        curve.add(steps, value)
    assert curve.last_mean(1000) == pytest.approx(-2.5)
    assert curve.last_mean(1001) == pytest.approx(-2.0)


@pytest.mark.parametrize('episodes', [0, 1, 30])
def test_draws_a_picture(tmp_path, episodes):
    curve = LearningCurve(tmp_path / 'curve.csv')
    for index in range(episodes):
        curve.add(100 * (index + 1), -1.0 / (index + 1))
    curve.draw('sphero (seed 0)')
    with Image.open(tmp_path / 'curve.png') as picture:
        assert picture.size[0] > 400
    assert sorted(path.name for path in tmp_path.iterdir()) == ['curve.csv', 'curve.png']
