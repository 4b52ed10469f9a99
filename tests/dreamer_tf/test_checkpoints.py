"""Checkpoints: complete or not there, never with bad weights."""
import resource

import numpy as np
import pytest
import tensorflow as tf

from dreamer_tf import checkpoint_folders, checkpoints
from dreamer_tf.checkpoints import Checkpoints
from dreamer_tf.errors import UserError


def make(tmp_path, shape=(3,), **kwargs):
    variable = tf.Variable(tf.zeros(shape))
    return variable, Checkpoints(tmp_path / 'checkpoints', {'weights': variable}, **kwargs)


def reverb_checkpoint(tmp_path, name, content):
    folder = tmp_path / 'reverb' / name
    folder.mkdir(parents=True)
    (folder / 'items').write_text(content)
    return folder


def test_restores_the_newest_and_keeps_the_last(tmp_path):
    variable, saved = make(tmp_path, keep=2)
    for steps in (10, 20, 100):
        variable.assign(tf.fill((3,), float(steps)))
        saved.save(steps, {'env_steps': steps})
    assert [path.name for path in saved.complete()] == ['000000020', '000000100']
    other, again = make(tmp_path)
    restored = again.restore()
    assert restored.state == {'env_steps': 100}
    np.testing.assert_array_equal(other, [100, 100, 100])


def test_nothing_to_restore_is_none(tmp_path):
    assert make(tmp_path)[1].restore() is None
    assert checkpoint_folders.newest_steps(tmp_path / 'checkpoints') == 0


@pytest.mark.parametrize('keep', [1, 2])
def test_the_same_step_again_and_again_keeps_the_later_ones(tmp_path, keep):
    variable, saved = make(tmp_path, keep=keep)
    for count in range(1, 14):  # over 10, where the names sort unlike the numbers in them
        variable.assign(tf.fill((3,), float(count)))
        written = saved.save(10, {'count': count})
        assert written == saved.complete()[-1]
        assert saved.restore().state == {'count': count}
        np.testing.assert_array_equal(variable, [count] * 3)
        assert len(saved.complete()) == min(count, keep)
    assert checkpoint_folders.newest_steps(tmp_path / 'checkpoints') == 10
    assert [saved.save(20, {}).name, saved.save(20, {}).name] == ['000000020', '000000020.1']


def test_what_was_just_written_stays_beside_a_damaged_one_of_later_steps(tmp_path):
    _, saved = make(tmp_path, keep=1)
    damaged = saved.save(30, {'env_steps': 30})
    (damaged / 'weights.data-00000-of-00001').write_bytes(b'')
    saved.save(20, {'env_steps': 20})
    assert saved.restore(warn=lambda line: None).state == {'env_steps': 20}


def test_weights_that_are_not_finite_never_replace_good_ones(tmp_path):
    variable, saved = make(tmp_path)
    saved.save(10, {})
    variable.assign([1.0, np.nan, 3.0])
    with pytest.raises(UserError, match='not finite.*checkpoint of step 10 is kept'):
        saved.save(20, {})
    assert checkpoint_folders.newest_steps(tmp_path / 'checkpoints') == 10
    saved.restore()
    np.testing.assert_array_equal(variable, [0, 0, 0])


def test_a_full_disk_keeps_the_checkpoint_before(tmp_path):
    variable, saved = make(tmp_path, shape=(100_000,))
    saved.save(10, {})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        with pytest.raises(UserError, match='could not save.*checkpoint of step 10 is kept'):
            saved.save(20, {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in (tmp_path / 'checkpoints').iterdir()] == ['000000010']
    assert saved.restore().path.name == '000000010'


def test_a_damaged_checkpoint_is_left_out(tmp_path):
    variable, saved = make(tmp_path)
    saved.save(10, {'env_steps': 10})
    newest = saved.save(20, {'env_steps': 20})
    data = newest / 'weights.data-00000-of-00001'
    data.write_bytes(b'\x01' * len(data.read_bytes()))
    lines = []
    assert saved.restore(warn=lines.append).state['env_steps'] == 10
    assert len(lines) == 1 and '000000020 is damaged' in lines[0]


def _cut(path):
    path.write_bytes(path.read_bytes()[:-1])  # of the weights, what tells whose they are lies there


@pytest.mark.parametrize('name, damage', [
    ('weights.data-00000-of-00001', _cut), ('weights.index', _cut),
    ('weights.index', lambda path: path.unlink()), ('state.json', _cut)])
def test_a_file_that_lacks_its_end_or_all_is_damage(tmp_path, name, damage):
    _, saved = make(tmp_path)
    saved.save(10, {'env_steps': 10})
    damage(saved.save(20, {'env_steps': 20}) / name)
    assert saved.restore(warn=lambda line: None).state == {'env_steps': 10}


def test_what_can_be_restored_is_known_without_a_model(tmp_path):
    _, saved = make(tmp_path)
    folder, lines = tmp_path / 'checkpoints', []
    assert checkpoints.newest_readable(folder) is None
    for steps in (10, 20):
        saved.save(steps, {'env_steps': steps})
    _cut(folder / '000000020' / 'weights.index')
    assert checkpoint_folders.newest_steps(folder) == 20
    assert checkpoints.newest_readable(folder, lines.append) == saved.restore(lines.append)
    assert checkpoints.newest_readable(folder, lines.append).state == {'env_steps': 10}
    assert len(lines) == 3 and all('000000020 is damaged' in line for line in lines)
    _cut(folder / '000000010' / 'state.json')
    assert checkpoints.newest_readable(folder, lines.append) is None
    with pytest.raises(UserError, match='every checkpoint in .* is damaged'):
        saved.restore(lines.append)


def test_a_half_written_checkpoint_does_not_count(tmp_path):
    _, saved = make(tmp_path)
    saved.save(10, {'env_steps': 10})
    (tmp_path / 'checkpoints' / '.saving').mkdir()
    (tmp_path / 'checkpoints' / '000000030').mkdir()
    assert saved.restore().state['env_steps'] == 10
    saved.save(20, {'env_steps': 20})
    assert saved.restore().state['env_steps'] == 20


@pytest.mark.parametrize('items', [
    {'weights': lambda: tf.Variable(tf.zeros((4,)))},
    {'weights': lambda: tf.Variable(tf.zeros((3,))), 'more': lambda: tf.Variable(1.0)},
])
def test_weights_of_another_model_are_refused(tmp_path, items):
    make(tmp_path)[1].save(10, {})
    other = Checkpoints(tmp_path / 'checkpoints', {key: new() for key, new in items.items()})
    with pytest.raises(UserError, match='weights of another model'):
        other.restore()


def test_the_replay_of_the_newest_checkpoint_comes_back(tmp_path):
    _, saved = make(tmp_path)
    saved.save(10, {}, reverb_checkpoint(tmp_path, 'a', 'old'))
    newest = saved.save(20, {}, reverb_checkpoint(tmp_path, 'b', 'new'))
    assert [path for path in saved.complete() if (path / 'replay').is_dir()] == [newest]
    target = tmp_path / 'replay'
    target.mkdir()
    (target / 'later').write_text('of steps that the weights do not know')
    assert saved.bring_back_replay(target)
    assert [path.name for path in target.iterdir()] == ['b']
    assert (target / 'b' / 'items').read_text() == 'new'


def test_sizes_tell_shapes_apart():
    def sizes(*shapes):
        return checkpoints.sizes([tf.Variable(tf.zeros(shape)) for shape in shapes])
    assert sizes((2, 3), ())['parameters'] == 7
    assert sizes((2, 3), (4,)) == sizes((4,), (2, 3))
    assert sizes((2, 3))['shapes'] != sizes((3, 2))['shapes']
