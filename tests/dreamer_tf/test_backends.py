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


def command(robot, logdir, *flags):
    return [sys.executable, '-m', 'dreamer_tf.train', '--robot={}'.format(robot),
            '--logdir={}'.format(logdir), '--gin_file=debug', '--backend=emulated',
            '--role=inline',
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
    (['--robot=a1', '--backend=hardware', '--role=local', '--actors=2'], '--actors=1'),
    (['--robot=a1', '--backend=hardware', '--actors=2'], '--role=local')])  # its default
def test_wrong_backends_are_one_line(call, flags, line, tmp_path):
    code, _, err = call('dreamer_tf.train', *flags, '--logdir={}'.format(tmp_path / 'run'))
    assert code == 1 and line in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize('role', [None, 'local', 'replay', 'learner', 'actor', 'evaluator'])
def test_roles_of_a_robot_without_twin_are_one_line(call, role, tmp_path):
    flags = ['--robot=no_twin_robot:ROBOT', '--backend=hardware',
             '--logdir={}'.format(tmp_path / 'run'), '--replay_address=127.0.0.1:1',
             '--weights_address=127.0.0.1:2', *([] if role is None else ['--role=' + role])]
    code, _, err = call('dreamer_tf.train', *flags)
    assert code == 1 and "'no_twin' has no twin" in err and '--role=inline' in err
    assert len(err.splitlines()) == 1 and not (tmp_path / 'run').exists()


@pytest.mark.slow
def test_a_robot_without_twin_trains_inline(call, tmp_path):
    code, out, err = call(
        'dreamer_tf.train', '--robot=no_twin_robot:ROBOT', '--backend=hardware', '--role=inline',
        '--logdir={}'.format(tmp_path / 'run'), '--gin_file=debug', '--env_steps=110')
    assert code == 0, err
    assert 'finished: 110 steps' in out


def wait_for(stream, words):
    """Reads lines until one has `words`; returns them all."""
    text = ''
    for line in stream:
        text += line
        if words in line:
            return text
    raise AssertionError('{!r} does not come in: {}'.format(words, text))


def child(parent, module):
    found, = [pid for pid in children(parent) if module in command_line(pid)]
    return found


@pytest.mark.long
def test_the_debug_agent_trains_on_an_emulated_sphero(tmp_path):
    pytest.importorskip('spherov2')
    logdir = tmp_path / 'sphero'
    done = subprocess.run(command('sphero', logdir, '--env_steps=28'), cwd=ROOT,
                          capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert read_run(logdir)['backend'] == 'emulated' and saved_steps(logdir) == 28
    assert 'updates' in done.stdout and not re.search(r' 0 updates', done.stdout)


@pytest.mark.slow
def test_an_emulated_a1_goes_on_after_a_fault_and_saves_before_it_ends(tmp_path):
    logdir = tmp_path / 'a1'
    # The machine of the tests may stand still for a while.
    flags = ['--env_steps=100000', '--gin_bindings=A1Limits.stale_seconds = 1.0']
    process = subprocess.Popen(command('a1', logdir, *flags), cwd=ROOT,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    err = wait_for(process.stderr, 'first update')
    emulator = child(process.pid, 'robot_envs.emulators')
    os.kill(emulator, signal.SIGSTOP)  # No state comes: stale.
    time.sleep(2.0)
    os.kill(emulator, signal.SIGCONT)
    err += wait_for(process.stderr, 'the episode ends after')
    assert process.poll() is None
    err += wait_for(process.stderr, ' | update ')  # It goes on.
    os.kill(child(process.pid, 'robot_envs.guardian'), signal.SIGKILL)
    out, rest = process.communicate(timeout=120)
    err += rest
    assert process.returncode == 1
    assert err.strip().splitlines()[-1].startswith('dreamer_tf: error: the guardian')
    assert 'Traceback' not in err and 'saved at step' in err
    assert saved_steps(logdir) > 24
