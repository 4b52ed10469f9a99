"""Settings: files in order, strict names, one line for every mistake."""
import os

import gin
import pytest

from dreamer_tf import config, trainer  # noqa: F401  trainer registers every configurable
from dreamer_tf.baselines import catalog
from dreamer_tf.errors import UserError


@gin.configurable
class ConfigProbe:
    def __init__(self, first=1, second=2):
        self.values = (first, second)


def write(path, text):
    path.write_text(text, encoding='utf-8')
    return path


def test_every_own_file_parses_strictly():
    names = config.known_names()
    assert {'dreamer', 'debug', 'small', 'paper', 'sphero', 'a1'} <= set(names)
    for agent in catalog.descriptions():
        catalog.factory(agent)  # gin learns its names
    for name in names:
        config.load([config.gin_folder() / 'dreamer.gin', config.find_file(name)])


def test_a_preset_is_followed_by_what_it_means_for_the_robot():
    names = lambda robot, preset: [p.stem for p in config.files_of_run(robot, [preset])][-2:]
    assert names('a1', 'paper') == ['paper', 'paper_a1']
    assert names('sphero', 'small') == ['small', 'small_sphero']
    assert names('sphero', 'paper') == ['sphero', 'paper']


def test_an_include_says_nothing(caplog):
    config.load([config.find_file('small_sphero')])
    assert gin.query_parameter('RSSM.deter') == 128  # of the included small.gin
    assert caplog.records == []


def test_files_come_in_the_order_base_robot_flags():
    files = config.files_of_run('sphero', ['debug'])
    assert [path.name for path in files] == ['dreamer.gin', 'sphero.gin', 'debug.gin']
    assert all(path.is_absolute() for path in files)


def test_the_file_of_a_baseline_comes_before_the_flags():
    files = config.files_of_run('sphero', ['debug'], 'random')
    assert [path.stem for path in files] == ['dreamer', 'sphero', 'random', 'debug']


def test_later_files_and_bindings_win(tmp_path):
    one = write(tmp_path / 'one.gin', 'ConfigProbe.first = 10\nConfigProbe.second = 20\n')
    two = write(tmp_path / 'two.gin', 'ConfigProbe.second = 30\n')
    config.load([one, two], ['ConfigProbe.first = 40'])
    assert ConfigProbe().values == (40, 30)


def test_include_finds_our_files_from_any_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    own = write(tmp_path / 'own.gin', "include 'debug.gin'\nTrainer.env_steps = 7\n")
    config.load([own])
    assert gin.query_parameter('RSSM.deter') == 16
    assert gin.query_parameter('Trainer.env_steps') == 7


@pytest.mark.parametrize('text, expected', [
    ('ConfigProbe.third = 3', "no parameter|doesn't have a parameter named 'third'"),
    ('NoSuchThing.x = 3', "No configurable matching 'NoSuchThing'"),
    ('ConfigProbe.first = = 3', 'Unable to parse'),
    ("include 'missing.gin'", 'missing.gin'),
])
def test_a_wrong_line_names_what_is_wrong_and_where(tmp_path, text, expected):
    own = write(tmp_path / 'own.gin', '\n' + text + '\n')
    with pytest.raises(UserError, match=expected) as caught:
        config.load([own])
    assert 'own.gin' in str(caught.value)
    assert '\n' not in str(caught.value)


def test_a_wrong_binding_is_shown():
    with pytest.raises(UserError, match=r"'third' \(in --gin_bindings='ConfigProbe.third=3'\)"):
        config.load([], ['ConfigProbe.third=3'])


def test_a_missing_file_lists_the_known_names():
    with pytest.raises(UserError, match="no gin file 'huge'.*debug.*paper.*small"):
        config.files_of_run('sphero', ['huge'])


def test_only_own_settings_that_nothing_used_are_told(tmp_path):
    own = write(tmp_path / 'own.gin', 'ConfigProbe.first = 3\nRSSM.deter = 8\n')
    settings = config.load([config.find_file('debug'), own],
                           ['test_config.ConfigProbe.second = 4'])
    assert settings.own_names == ('test_config.ConfigProbe.second', 'ConfigProbe.first',
                                  'RSSM.deter')
    ConfigProbe(first=5)  # given explicitly: the setting in the file has no effect
    assert config.unused_bindings(settings.own_names) == ['ConfigProbe.first', 'RSSM.deter']


def test_saved_settings_read_back(tmp_path):
    config.load([], ['ConfigProbe.first = 3'])
    ConfigProbe()
    config.save_operative(tmp_path / 'config.gin')
    config.load([tmp_path / 'config.gin'])
    assert ConfigProbe().values == (3, 2)
    assert os.listdir(tmp_path) == ['config.gin']


def test_a_folder_in_place_of_gin_config_is_told(monkeypatch):
    monkeypatch.delattr(gin, 'parse_config_file')
    with pytest.raises(UserError, match='pip install gin-config'):
        config.load([])


def test_a_value_of_the_wrong_kind_names_the_configurable():
    config.load([], ['ConfigProbe.first = 3'])
    with pytest.raises(TypeError) as caught:
        ConfigProbe(third=1)
    assert config.is_gin_error(caught.value)
    assert "in call to configurable 'ConfigProbe'" in config.explain(caught.value)
