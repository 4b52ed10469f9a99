"""Gin files are read without the classes that they are about."""
import gin
import pytest

from dreamer_tf import config, trainer  # noqa: F401  trainer registers every configurable
from dreamer_tf.errors import UserError
from dreamer_tf.experiments import gin_values


@pytest.mark.parametrize('robot', ['a1', 'sphero', 'ur5', 'xarm'])
def test_files_say_what_gin_reads_in_them(robot):
    files = config.files_of_run(robot, ['small', 'v3'])
    config.load(files)
    read = gin_values.of_files(files)
    assert read == gin_values.of_text(gin.config_str()) and len(read) > 20
    assert read['RSSM.deter'] == 128  # of the included small.gin


def test_later_lines_win_and_modules_do_not_count():
    text = """
A.b = 1
some.module.A.b = {'x': [(2e-3, 'c')]}
scope/A.b = 3
A.c = @some.B()
A.d = %GAMMA
GAMMA = 4
"""
    assert gin_values.of_text(text) == {
        'A.b': {'x': [(0.002, 'c')]}, 'scope/A.b': 3, 'A.c': '@some.B()', 'A.d': '%GAMMA',
        'GAMMA': 4}


@pytest.mark.parametrize('text', ['A.b = ', "include 'nobody.gin'"])
def test_what_cannot_be_read_is_named(tmp_path, text):
    path = tmp_path / 'mine.gin'
    path.write_text(text)
    with pytest.raises(UserError, match='mine.gin|nobody.gin'):
        gin_values.of_files([path])
    with pytest.raises(UserError, match='cannot read .*other.gin'):
        gin_values.of_files([tmp_path / 'other.gin'])
