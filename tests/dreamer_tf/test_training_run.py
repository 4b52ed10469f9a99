"""The training binary as people start it: real robot twin, real replay, real signals."""
import csv
import json
import os
import pathlib
import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow
ROOT = pathlib.Path(__file__).resolve().parents[2]
STEPS = 240


def command(logdir, *flags):
    return [sys.executable, '-m', 'dreamer_tf.train', '--robot=sphero',
            '--logdir={}'.format(logdir), '--gin_file=debug', *flags]


def start(arguments):
    return subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True)


def run(arguments):
    process = start(arguments)
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def read_curve(logdir):
    with open(logdir / 'curve.csv', encoding='utf-8') as file:
        return [int(row['env_steps']) for row in csv.DictReader(file)]


def read_metrics(logdir):
    return [json.loads(line) for line in (logdir / 'metrics.jsonl').read_text().splitlines()]


def checkpoint_state(logdir):
    newest = max(path for path in (logdir / 'checkpoints').iterdir() if path.name[0] != '.')
    return json.loads((newest / 'state.json').read_text())


@pytest.fixture(scope='module')
def stopped(tmp_path_factory):
    """A run that SIGTERM has stopped after its first update; gives (folder, code, text)."""
    logdir = tmp_path_factory.mktemp('run') / 'sphero'
    process = start(command(logdir, '--env_steps={}'.format(STEPS)))
    text = ''
    for line in process.stderr:
        text += line
        if 'first update' in line:
            process.send_signal(signal.SIGTERM)
            break
    out, err = process.communicate(timeout=120)
    return logdir, process.returncode, out + text + err


@pytest.fixture(scope='module')
def finished(stopped):
    """The same command again, to the end; gives (folder, state of before, code, out, err)."""
    logdir, _, _ = stopped
    before = checkpoint_state(logdir)
    return (logdir, before, *run(command(logdir, '--env_steps={}'.format(STEPS))))


def test_sigterm_saves_and_says_how_to_go_on(stopped):
    logdir, code, text = stopped
    assert code == 143, text
    assert 'stopped and saved' in text and 'the same command goes on' in text
    assert 'Traceback' not in text
    state = checkpoint_state(logdir)
    assert 0 < state['env_steps'] < STEPS and state['updates'] >= 1


def test_the_same_command_goes_on_to_the_end(finished):
    logdir, before, code, out, err = finished
    assert code == 0, err
    assert 'going on from step {}, update {}'.format(before['env_steps'], before['updates']) in out
    after = checkpoint_state(logdir)
    assert after['env_steps'] == STEPS
    # One update for each B T / R = 4 x 8 / 8 = 4 sequences; an unfinished stream of T - 1 = 7
    # steps and one chunk of 8 at each of the two ends, and batches drawn ahead, are not trained on.
    assert before['updates'] + 20 <= after['updates'] <= STEPS / 4
    assert 'finished: 240 steps' in out and 'mean reward a step' in out


def test_replay_survives_the_stop(finished):
    logdir, before, _, _, _ = finished
    first = next(record for record in read_metrics(logdir)
                 if record['env_steps'] > before['env_steps'])
    # T - 1 steps open a stream; the resumed process alone could not have written so many.
    assert first['replay/items'] > first['env_steps'] - before['env_steps']


def test_everything_that_the_readme_names_is_there(finished):
    logdir, _, _, _, err = finished
    assert {'config.gin', 'run.json', 'metrics.jsonl', 'curve.csv', 'curve.png', 'checkpoints',
            'replay', 'tensorboard', 'videos'} <= set(os.listdir(logdir))
    videos = os.listdir(logdir / 'videos')
    assert any(name.startswith('open_loop_image') for name in videos)
    assert any(name.startswith('episode') for name in videos)
    records = read_metrics(logdir)
    steps = [record['env_steps'] for record in records]
    assert steps == sorted(steps)
    assert len({record['updates'] for record in records}) == len(records)
    needed = {'loss', 'model/kl', 'model/image_loss', 'behavior/actor_entropy',
              'behavior/value_error', 'replay/items', 'time/update_ms', 'time/replay_wait_ms',
              'rate/env_steps', 'rate/updates'}
    assert needed <= set(records[-1])
    assert read_curve(logdir) and read_curve(logdir)[-1] <= STEPS
    assert 'evaluation with the mode' in err


def test_a_finished_run_says_so_and_a_wrong_setting_is_refused(finished):
    logdir = finished[0]
    code, out, _ = run(command(logdir, '--env_steps={}'.format(STEPS)))
    assert code == 0 and 'this run is finished (240 steps)' in out
    code, _, err = run(command(logdir, '--env_steps=1000', '--gin_bindings=RSSM.deter = 24'))
    assert code == 1
    last = err.strip().splitlines()[-1]
    assert 'holds a model of other sizes' in last and 'debug' in last
    assert 'Traceback' not in err
    assert checkpoint_state(logdir)['env_steps'] == STEPS  # nothing lost


def test_the_policy_of_the_run_can_be_exported(finished, tmp_path):
    from dreamer_tf import export
    from dreamer_tf.errors import UserError
    logdir = finished[0]
    assert export.export(str(logdir), str(tmp_path / 'policy')) == STEPS
    assert os.listdir(tmp_path) == ['policy']
    load_and_act = (
        'import sys, tensorflow as tf\n'
        'policy = tf.saved_model.load(sys.argv[1])\n'
        'state = policy.get_initial_state(batch_size=1)\n'
        'inputs = {"0/step_type": tf.zeros(1, tf.int32), "0/reward": tf.zeros(1),\n'
        '          "0/discount": tf.ones(1), "0/observation/image": tf.zeros((1, 64, 64, 3), '
        'tf.uint8), **{"1/" + key: value for key, value in state.items()}}\n'
        'action = policy.signatures["action"](**inputs)["action"].numpy()\n'
        'assert action.shape == (1, 2) and abs(action).max() <= 1\n'
        'assert "tf_agents" not in sys.modules and "tensorflow_probability" not in sys.modules\n')
    subprocess.run([sys.executable, '-c', load_and_act, str(tmp_path / 'policy')], check=True,
                   capture_output=True, timeout=120)
    with pytest.raises(UserError, match='exists: choose another'):
        export.export(str(logdir), str(tmp_path / 'policy'))
    with pytest.raises(UserError, match='holds no run'):
        export.export(str(tmp_path), str(tmp_path / 'other'))
