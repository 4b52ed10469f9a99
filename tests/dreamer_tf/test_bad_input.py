"""Every mistake of a user: one clear line, exit code 1, no traceback, nothing lost."""
import json
import pathlib
import re
import subprocess
import sys

import pytest

from dreamer_tf.command_line import CommandLine
from dreamer_tf.errors import UserError

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(*flags, program=('-m', 'dreamer_tf.train')):
    return subprocess.run([sys.executable, *program, *flags], cwd=ROOT, capture_output=True,
                          text=True, timeout=300)


def one_line(code, err):
    """Returns the error line after checking that it is what the user sees."""
    assert code == 1, err
    assert 'Traceback' not in err
    lines = [line for line in err.splitlines() if line.startswith('dreamer_tf: error: ')]
    assert len(lines) == 1
    assert err.strip().endswith(lines[0])
    return lines[0]


@pytest.fixture
def error_of(call):
    """Calls the program in this process; returns its error line."""
    def error(*flags):
        code, _, err = call('dreamer_tf.train', *flags)
        return one_line(code, err)
    return error


def test_help_is_short_complete_and_fast():
    code = ('import sys\nfrom dreamer_tf import train\n'
            'try:\n    train.cli(["dreamer-train", "--help"])\n'
            'except SystemExit as end:\n    assert end.code == 0\n'
            'assert "tensorflow" not in sys.modules')
    result = run(program=('-c', code))
    assert result.returncode == 0, result.stderr
    for word in ('--robot', '--logdir', '--gin_file', '--gin_bindings', '--seed', '--env_steps',
                 '--replay_address', 'Examples:', 'Sphero Ollie', 'a1', 'small'):
        assert word in result.stdout
    assert len(result.stdout.splitlines()) < 72
    assert 'logtostderr' not in result.stdout  # flags of absl itself


@pytest.mark.parametrize('flags, expected', [
    (['--robot=roomba', '--logdir={}'], "unknown robot 'roomba'.*sphero"),
    (['--robot=sphero'], '--logdir is missing'),
    (['--logdir={}'], '--robot is missing'),
    (['--robot=sphero', '--logdir={}', '--gin_file=huge'], "no gin file 'huge'"),
    (['--robot=sphero', '--logdir={}', '--sed=1'], "Unknown command line flag 'sed'"),
    (['--robot=sphero', '--logdir={}', '--seed=x'], 'seed'),
    (['--robot=sphero', '--logdir={}', '--env_steps=0'], 'env_steps'),
    (['--robot=sphero', '--logdir={}', 'small'], "unexpected 'small'"),
    (['--robot=sphero', '--logdir=/proc/run'], 'cannot write to --logdir=/proc/run'),
])
def test_a_mistake_on_the_command_line(tmp_path, error_of, flags, expected):
    logdir = str(tmp_path / 'run')
    assert re.search(expected, error_of(*(flag.format(logdir) for flag in flags)))
    assert not (tmp_path / 'run').exists()


def test_the_folder_of_another_robot_is_refused_and_untouched(tmp_path):
    """As a process of its own, as people start it."""
    text = json.dumps({'robot': 'a1', 'seed': 0})
    (tmp_path / 'run.json').write_text(text)
    result = run('--robot=sphero', '--logdir={}'.format(tmp_path))
    line = one_line(result.returncode, result.stderr)
    assert 'holds a run with robot=a1, not sphero' in line
    assert (tmp_path / 'run.json').read_text() == text


@pytest.mark.parametrize('binding, expected', [
    ('RSSM.dter = 3', "no parameter named 'dter' (in call to configurable 'RSSM')"),
    ('NoSuchThing.x = 1', "No configurable matching 'NoSuchThing'"),
    ('Trainer.batch_size = "many"', 'Trainer.batch_size must be a whole number'),
])
def test_a_wrong_setting(tmp_path, error_of, binding, expected):
    assert expected in error_of(
        '--robot=sphero', '--logdir={}'.format(tmp_path), '--gin_bindings=' + binding)


def test_a_sensor_that_breaks_ends_the_run_with_everything_saved(tmp_path):
    code = '''
import sys
import numpy as np
from robot_envs.sphero.environment import SpheroEnvironment
observe, calls = SpheroEnvironment._step, []
def step(self, action):
    calls.append(1)
    time_step = observe(self, action)
    return time_step._replace(reward=np.float32(np.nan)) if len(calls) == 40 else time_step
SpheroEnvironment._step = step
from dreamer_tf import train
train.cli(["dreamer-train", *sys.argv[1:]])
'''
    result = run('--robot=sphero', '--logdir={}'.format(tmp_path), '--gin_file=debug',
                 program=('-c', code))
    line = one_line(result.returncode, result.stderr)
    assert 'sphero: reward: expected finite numbers' in line
    states = list((tmp_path / 'checkpoints').glob('*/state.json'))
    assert len(states) == 1
    assert json.loads(states[0].read_text())['env_steps'] == 39
    assert (tmp_path / 'curve.png').exists()


def test_where_gin_called_from_is_not_shown(capsys):
    command = CommandLine(name='program', usage='', examples=[])

    def main():
        raise UserError("x is wrong\n  In call to configurable 'f' (<function f at 0x7ff>)")
    assert command._guarded(main) == 1
    assert capsys.readouterr().err == 'program: error: x is wrong\n'
