"""Scalars and pictures: averaged, readable, cut at a resume."""
import glob
import io
import json

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from tensorflow.python.summary.summary_iterator import summary_iterator

from dreamer_tf import metrics_log
from dreamer_tf.metrics_log import MetricsLog
from dreamer_tf.summaries import Summaries


def events(folder):
    """Returns tag -> (step, value) of everything in the event files of a folder."""
    found = {}
    for path in glob.glob(str(folder / 'events*')):
        for event in summary_iterator(path):
            for value in event.summary.value:
                found[value.tag] = (event.step, value)
    return found


def test_means_go_to_both_files_and_start_anew(tmp_path):
    writer = tf.summary.create_file_writer(str(tmp_path / 'tensorboard'))
    log = MetricsLog(tmp_path / 'metrics.jsonl', writer, start_seconds=100.0)
    log.add({'return': 1.0})
    log.add({'return': 4.0})
    log.add_vector(['kl', 'loss'], tf.constant([1.0, 10.0]))
    log.add_vector(['kl', 'loss'], tf.constant([3.0, float('nan')]))
    means = log.write(env_steps=20, updates=5)
    assert means['return'] == 2.5 and means['kl'] == 2.0
    log.add({'return': 7.0})
    log.write(env_steps=30, updates=6)
    log.close()
    first, second = map(json.loads, (tmp_path / 'metrics.jsonl').read_text().splitlines())
    assert (first['env_steps'], first['updates'], first['return'], first['kl']) == (20, 5, 2.5, 2)
    assert first['loss'] is None and first['seconds'] >= 100
    assert second['return'] == 7.0 and 'kl' not in second
    step, value = events(tmp_path / 'tensorboard')['return']
    assert step == 30 and tf.make_ndarray(value.tensor) == pytest.approx(7.0)


def test_cut_after_drops_later_and_broken_lines(tmp_path):
    path = tmp_path / 'metrics.jsonl'
    path.write_text('{"env_steps": 10}\n{"env_steps": 20}\n{"env_steps": 30}\n{"env_st')
    metrics_log.cut_after(path, 20)
    assert path.read_text() == '{"env_steps": 10}\n{"env_steps": 20}\n'
    metrics_log.cut_after(tmp_path / 'not_there.jsonl', 20)


def test_predictions_become_videos_and_curves(tmp_path):
    writer = tf.summary.create_file_writer(str(tmp_path / 'tensorboard'))
    summaries = Summaries(tmp_path / 'videos', writer, fps=10)
    random = np.random.default_rng(0)
    image = random.uniform(0, 1, (2, 6, 8, 8, 3)).astype(np.float32)
    joints = random.normal(size=(2, 6, 5)).astype(np.float32)
    summaries.open_loop({'image': (image, image), 'joints': (joints, joints)}, 2, env_steps=400)
    writer.close()
    names = sorted(path.name for path in (tmp_path / 'videos').iterdir())
    assert names == ['open_loop_image_00000400.gif', 'open_loop_joints_00000400.png']
    step, value = events(tmp_path / 'tensorboard')['open_loop_image']
    assert step == 400
    with Image.open(io.BytesIO(value.image.encoded_image_string)) as gif:
        assert gif.n_frames == 6 and gif.size == (value.image.width, value.image.height)
