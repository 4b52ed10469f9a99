"""The pins: one per package and Python, one TensorFlow, in agreement with pyproject.toml."""
import collections
import pathlib
import re

import pytest
from packaging.requirements import Requirement

ROOT = pathlib.Path(__file__).absolute().parents[1]
PYTHONS = ('3.9', '3.10', '3.11')


def _pins(file_name, python):
    """{package: [versions]} of a requirements file on this Python."""
    pins = collections.defaultdict(list)
    for line in (ROOT / file_name).read_text().splitlines():
        line = line.partition('#')[0].strip()
        if not line:
            continue
        requirement = Requirement(line)
        environment = {'python_version': python, 'python_full_version': python + '.9'}
        if requirement.marker is None or requirement.marker.evaluate(environment):
            specifier, = requirement.specifier
            assert specifier.operator == '==' and '*' not in specifier.version, line
            pins[requirement.name.lower()].append(specifier.version)
    return pins


def _lists(*names):
    """Requirements of these lists in pyproject.toml (no TOML reader before Python 3.11)."""
    text = (ROOT / 'pyproject.toml').read_text()
    lists = re.findall(r'^(?:%s) = \[(.*?)\](?:  #[^\n]*)?$' % '|'.join(names), text,
                       re.MULTILINE | re.DOTALL)
    assert len(lists) == len(names)
    return [Requirement(quoted) for block in lists for quoted in re.findall(r'"([^"]+)"', block)]


@pytest.mark.parametrize('python', PYTHONS)
def test_exactly_one_version_per_package(python):
    pins = _pins('requirements.txt', python)
    development = _pins('requirements-dev.txt', python)
    twice = [name for name, versions in list(pins.items()) + list(development.items())
             if len(versions) > 1]
    assert not twice
    assert not set(pins) & set(development), 'pinned in both files'


@pytest.mark.parametrize('python', PYTHONS)
def test_exactly_one_tensorflow(python):
    names = {'tensorflow', 'tensorflow-cpu', 'tensorflow-gpu', 'tf-nightly'}
    assert names & set(_pins('requirements.txt', python)) == {'tensorflow-cpu'}


@pytest.mark.parametrize('python', PYTHONS)
def test_the_wheel_asks_for_what_is_pinned(python):
    pins = _pins('requirements.txt', python)
    dependencies = _lists('dependencies', 'cpu')
    assert len(dependencies) > 10
    for dependency in dependencies:
        version, = pins[dependency.name.lower()]
        assert dependency.specifier.contains(version), '%s, but pinned %s' % (dependency, version)


@pytest.mark.parametrize('python', PYTHONS)
def test_the_extras_are_tested_as_pinned(python):
    pins = _pins('requirements-dev.txt', python)
    for dependency in _lists('dmc', 'gym', 'camera', 'realsense', 'sphero', 'ur5', 'xarm'):
        version, = pins[dependency.name.lower()]
        assert dependency.specifier.contains(version), '%s, but pinned %s' % (dependency, version)


def test_cuda_build_of_the_same_tensorflow():
    text = (ROOT / 'pyproject.toml').read_text()
    cuda, = re.findall(r'^cuda = \["tensorflow\[and-cuda\]==(.*)"\]$', text, re.MULTILINE)
    assert _pins('requirements.txt', '3.11')['tensorflow-cpu'] == [cuda]
