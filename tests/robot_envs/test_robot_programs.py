"""Every program of the robots tells a mistake in one line, and all its flags when asked."""

import re
import runpy
import sys
from pathlib import Path

import pytest

from robot_envs.command_line import CommandLine

ROOT = Path(__file__).parents[2]
PROGRAMS = sorted(
    path.relative_to(ROOT).with_suffix('').as_posix().replace('/', '.')
    for path in (*ROOT.glob('robot_envs/**/*.py'), ROOT / 'examples' / 'serve_robots.py')
    if re.search('^if __name__ ==', path.read_text(), re.MULTILINE))
CHILD = ['--module=robot_envs.a1.guarded_a1', '--settings={}', '--fd=999']
# Each with words that the line must have.
WRONG = [
    ('robot_envs.check', ['--robot=a1', '--steps=many'], "--steps: invalid int value: 'many'"),
    ('robot_envs.check', ['--robot=a1', '--steps=3'], '--steps must be at least 20'),
    ('robot_envs.emulators.__main__', [], 'are required: --robot'),
    ('robot_envs.emulators.__main__', ['--robot=foo'],
     "unknown robot 'foo'; choose one of: a1, sphero, ur5, xarm"),
    ('robot_envs.cameras.__main__', ['--kind=foo'], "--kind: invalid choice: 'foo'"),
    ('robot_envs.guardian.__main__', [], 'are required: --module, --fd, --settings'),
    ('robot_envs.guardian.__main__', ['--module=no.such', *CHILD[1:]],
     "there is no module 'no.such'"),
    ('robot_envs.guardian.__main__', ['--settings=[]'], "'[]' is not a JSON object"),
    ('robot_envs.arms.driver_process', CHILD,
     "'999' is not the number of an open socket"),
    ('examples.serve_robots', ['--url=x', '--robot=a1', '--robots=few'], "value: 'few'"),
]


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs a program as `python -m` does; returns exit code, standard output and error."""
    def run(program, *flags):
        monkeypatch.setattr(sys, 'argv', [program, *flags])
        monkeypatch.delitem(sys.modules, program, raising=False)
        with pytest.raises(SystemExit) as ended:
            runpy.run_module(program, run_name='__main__')
        captured = capsys.readouterr()
        return ended.value.code, captured.out, captured.err
    return run


def _name(program):
    return program.replace('.__main__', '').rpartition('.')[2]


def test_every_program_is_tried_with_something_wrong():
    assert {program for program, _, _ in WRONG} == set(PROGRAMS)


@pytest.mark.parametrize('program, flags, words', WRONG)
def test_a_wrong_value_is_one_line(run, program, flags, words):
    code, out, err = run(program, *flags)
    line, = err.splitlines()
    assert (code, out) == (2, '')
    assert line.startswith(f'{_name(program)}: error: ') and words in line


@pytest.mark.parametrize('program', PROGRAMS)
def test_help_is_full(run, program):
    code, out, err = run(program, '--help')
    assert (code, err) == (0, '')
    assert out.startswith('usage: ') and '--help' in out
    path = ROOT / (program.replace('.', '/') + '.py')
    for flag in re.findall(r"add_argument\(\s*['\"](--\w+)", path.read_text()):
        assert flag in out


def test_a_failure_is_one_line_too(capsys):
    assert CommandLine('robot').fail('it is off\n  In call to configurable') == 1
    assert capsys.readouterr().err == 'robot: error: it is off\n'


def test_a_server_that_is_not_there_is_one_line(run):
    code, out, err = run('examples.serve_robots', '--url=http://127.0.0.1:9/v1', '--robot=a1')
    line, = err.splitlines()
    assert (code, out) == (1, '') and line.startswith('serve_robots: error: ')
