"""The run's folder: whose it is, who uses it, whether it can be written."""
import pytest

from dreamer_tf.errors import UserError
from dreamer_tf.run_folder import RunFolder

RUN = {'robot': 'sphero', 'seed': 3, 'parameters': 10, 'shapes': 'aa',
       'gin_files': ['/x/small.gin']}


def test_another_robot_or_seed_is_refused(tmp_path):
    folder = RunFolder(tmp_path)
    folder.check_same_run(robot='a1', seed=0)  # nothing is there yet
    folder.write_run(RUN)
    folder.check_same_run(robot='sphero', seed=3)
    with pytest.raises(UserError, match='robot=sphero, not a1'):
        folder.check_same_run(robot='a1', seed=3)
    with pytest.raises(UserError, match='seed=3, not 0'):
        folder.check_same_run(robot='sphero', seed=0)


def test_other_sizes_are_refused_with_the_files_that_made_them(tmp_path):
    folder = RunFolder(tmp_path)
    folder.write_run(RUN)
    folder.check_same_sizes(10, 'aa')
    with pytest.raises(UserError, match='10 numbers; now 12.*small'):
        folder.check_same_sizes(12, 'bb')


def test_a_folder_is_used_by_one_run_at_a_time(tmp_path):
    first, second = RunFolder(tmp_path), RunFolder(tmp_path)
    first.lock()
    with pytest.raises(UserError, match='in use by another run'):
        second.lock()
    first.unlock()
    second.lock()


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / 'file').write_text('')
    with pytest.raises(UserError, match='cannot write to --logdir=.*choose another'):
        RunFolder(tmp_path / 'file' / 'run')


def test_a_damaged_run_file_is_told(tmp_path):
    (tmp_path / 'run.json').write_text('{"robot": "sph')
    with pytest.raises(UserError, match='is damaged'):
        RunFolder(tmp_path).check_same_run(robot='sphero')
