"""Training on emulated robots: faults end sequences, or the run, and nothing bad is learnt from."""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
STEPS = 90


def command(robot, logdir, *flags):
    return [sys.executable, '-m', 'dreamer_tf.train', '--robot={}'.format(robot),
            '--logdir={}'.format(logdir), '--gin_file=debug', '--backend=emulated',
            '--gin_bindings=Trainer.prefill_hold_steps = 1',
            '--gin_bindings=Trainer.prefill_steps = 24', *flags]


def read_run(logdir):
    return json.loads((logdir / 'run.json').read_text())


def saved_steps(logdir):
    newest = max(path for path in (logdir / 'checkpoints').iterdir() if path.name[0] != '.')
    return json.loads((newest / 'state.json').read_text())['env_steps']


def children(pid):
    """Numbers of the processes that `pid` has started."""
    found = []
    for status in pathlib.Path('/proc').glob('[0-9]*/stat'):
        try:
            words = status.read_text().rpartition(')')[2].split()
        except OSError:
            continue
        if int(words[1]) == pid and words[0] != 'Z':
            found.append(int(status.parent.name))
    return found


def command_line(pid):
    try:
        return pathlib.Path('/proc/{}/cmdline'.format(pid)).read_text()
    except OSError:
        return ''


@pytest.mark.parametrize('flags,line', [
    (['--robot=sphero', '--backend=sharks'], 'has no backend'),
    (['--robot=ur5', '--backend=nonsense'], 'has no backend'),
    (['--robot=a1', '--backend=hardware', '--role=local', '--actors=2'], '--actors=1')])
def test_wrong_backends_are_one_line(flags, line, tmp_path):
    done = subprocess.run([sys.executable, '-m', 'dreamer_tf.train', *flags,
                           '--logdir={}'.format(tmp_path / 'run')], cwd=ROOT, timeout=120,
                          capture_output=True, text=True)
    assert done.returncode == 1 and line in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.slow
@pytest.mark.parametrize('robot', ['a1', 'sphero'])
def test_the_debug_agent_trains_on_an_emulated_robot(robot, tmp_path):
    if robot == 'sphero':
        pytest.importorskip('spherov2')
    steps = {'a1': STEPS, 'sphero': 32}[robot]
    logdir = tmp_path / robot
    done = subprocess.run(
        command(robot, logdir, '--env_steps={}'.format(steps),
                '--gin_bindings=make_agent.noise_correlation = 0.0'),
        cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert read_run(logdir)['backend'] == 'emulated'
    assert saved_steps(logdir) == steps
    assert 'updates' in done.stdout and not re.search(r' 0 updates', done.stdout)


@pytest.mark.slow
def test_a_killed_guardian_ends_the_run_with_everything_saved(tmp_path):
    logdir = tmp_path / 'a1'
    process = subprocess.Popen(command('a1', logdir, '--env_steps=100000'), cwd=ROOT,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if 'first update' in line:
            break
    time.sleep(1.0)
    guardian, = [pid for pid in children(process.pid)
                 if 'robot_envs.guardian' in command_line(pid)]
    os.kill(guardian, signal.SIGKILL)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert err.strip().splitlines()[-1].startswith('dreamer_tf: error: the guardian')
    assert 'Traceback' not in err and 'saved at step' in err + out
    assert saved_steps(logdir) > 24
