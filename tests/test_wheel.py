"""The wheel: every module and data file is in it, and its commands work away from the tree."""
import configparser
import os
import pathlib
import shutil
import subprocess
import sys
import zipfile

import pytest

ROOT = pathlib.Path(__file__).absolute().parents[1]
SOURCES = ('dreamer_tf', 'robot_envs', 'benchmarks', 'gin', 'pyproject.toml', 'README.md',
           'LICENSE')


@pytest.fixture(scope='module')
def wheel(tmp_path_factory):
    """The wheel, built without a network from a copy of the tree."""
    folder = tmp_path_factory.mktemp('wheel')
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    subprocess.run(
        [sys.executable, '-m', 'pip', 'wheel', '--quiet', '--no-deps', '--no-build-isolation',
         '--no-index', '--disable-pip-version-check', '--wheel-dir', 'dist', '.'],
        cwd=folder, check=True, timeout=240)
    built, = (folder / 'dist').glob('dreamer_tf-*.whl')
    return built


@pytest.fixture(scope='module')
def installed(wheel):
    """A folder with the unpacked wheel, as pip would lay it into site-packages."""
    folder = wheel.parent / 'site'
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def _expected():
    """The files that a wheel of this tree must carry."""
    sources = [path.relative_to(ROOT).as_posix() for package in ('dreamer_tf', 'robot_envs')
               for suffix in ('py', 'xml', 'typed')
               for path in (ROOT / package).rglob('*.' + suffix)]
    gin_files = ['dreamer_tf/configs/' + path.name for path in (ROOT / 'gin').glob('*.gin')]
    assert len(gin_files) >= 5
    return set(sources + gin_files)


def test_carries_every_module_and_data_file_and_no_more(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if '.dist-info/' not in name}
    assert names == _expected()


def test_commands_exist(installed):
    commands = configparser.ConfigParser()
    file, = installed.glob('*.dist-info/entry_points.txt')
    commands.read(file)
    assert set(commands['console_scripts']) >= {'dreamer-train', 'dreamer-export'}
    for name, target in commands['console_scripts'].items():
        module, _, function = target.partition(':')
        source = (installed / (module.replace('.', '/') + '.py')).read_text()
        assert '\ndef %s(' % function in source, '%s = %s' % (name, target)


def test_help_knows_robots_and_gin_files_away_from_the_tree(installed, tmp_path):
    command = 'from dreamer_tf.train import cli; cli(["dreamer-train", "--help"])'
    done = subprocess.run(
        [sys.executable, '-c', command],
        cwd=tmp_path, env=dict(os.environ, PYTHONPATH=str(installed)), timeout=120,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout
    for word in ('sphero', 'a1', 'debug', 'paper'):
        assert word in done.stdout
