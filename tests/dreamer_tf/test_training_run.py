"""The training binary as people start it: real robot twin, real replay, real signals."""
import csv
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys

import pytest

from dreamer_tf import checkpoints, export, export_process
from dreamer_tf.errors import UserError
from dreamer_tf.export_process import ExportProcess
from dreamer_tf.serving.exported_policy import ExportedPolicy

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


def test_a_finished_run_says_so_and_a_wrong_setting_is_refused(finished, call):
    logdir = finished[0]
    code, out, _ = call(*command(logdir, '--env_steps={}'.format(STEPS))[2:])
    assert code == 0 and 'this run is finished (240 steps)' in out
    code, _, err = call(*command(logdir, '--env_steps=1000', '--gin_bindings=RSSM.deter = 24')[2:])
    assert code == 1
    last = err.strip().splitlines()[-1]
    assert 'holds a model of other sizes' in last and 'debug' in last
    assert 'Traceback' not in err
    assert checkpoint_state(logdir)['env_steps'] == STEPS  # nothing lost


def test_a_run_whose_last_checkpoint_is_damaged_is_not_finished(finished, call, tmp_path):
    logdir = shutil.copytree(finished[0], tmp_path / 'sphero')
    before = finished[1]['env_steps']
    weights = logdir / 'checkpoints' / '{:09d}'.format(STEPS) / 'weights.data-00000-of-00001'
    weights.write_bytes(weights.read_bytes()[:-1])
    (logdir / 'policies' / 'greedy' / str(STEPS)).mkdir(parents=True)
    words = command(logdir, '--env_steps={}'.format(STEPS),
                    '--gin_bindings=Trainer.export_at_checkpoints = True')[2:]
    code, out, err = call(*words)
    assert code == 0, err
    assert '{:09d} is damaged and is left out'.format(STEPS) in out
    assert 'going on from step {}'.format(before) in out and 'finished: 240 steps' in out
    assert 'policies/ has version {}, of a checkpoint that is damaged'.format(STEPS) in out
    assert checkpoints.newest_readable(logdir / 'checkpoints').path.name == '000000240.1'
    code, out, _ = call(*words)
    assert code == 0 and 'this run is finished (240 steps)' in out


def test_what_a_run_has_learnt_drives_its_robot(finished, call, tmp_path):
    code, out, err = call('dreamer_tf.run', '--logdir={}'.format(finished[0]),
                          '--video={}'.format(tmp_path / 'episode.gif'))
    assert code == 0, err
    assert 'learnt by step {} drives'.format(STEPS) in out and 'episode 0: return -' in out
    assert (tmp_path / 'episode.gif').stat().st_size > 10000


@pytest.fixture(scope='module')
def exported(finished):
    """The run's checkpoint, exported beside it by a process; gives (folder, what was said)."""
    logdir, said = finished[0], []
    process = ExportProcess(logdir, said.append)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export_process, 'GENTLER', 0)  # the other tests are no robot
        process.start(STEPS)
    process.start(STEPS)  # the first is not done yet
    process.finish()
    return logdir / 'policies', said


def test_the_policy_of_the_run_can_be_exported(finished, exported, tmp_path):
    (out, said), logdir = exported, finished[0]
    assert said == []
    assert sorted(os.listdir(out)) == ['greedy', 'sampling', 'tflite', 'world_model']
    assert os.listdir(out / 'greedy') == [str(STEPS)]
    about = ExportedPolicy(out).description
    assert about['robot']['name'] == 'sphero' and about['env_steps'] == STEPS
    assert about['run']['gin_files'] and about['updates'] == checkpoint_state(logdir)['updates']
    settings = out / 'greedy' / str(STEPS) / 'assets.extra' / 'settings.gin'
    assert settings.read_text() == (logdir / 'config.gin').read_text()
    with pytest.raises(UserError, match='has version 240 already'):
        export.export(str(logdir), str(out))
    with pytest.raises(UserError, match='holds no run'):
        export.export(str(tmp_path), str(tmp_path / 'other'))


def test_a_checkpoint_that_cannot_be_exported_is_told(finished, exported):
    logdir, said = finished[0], []
    for kind in exported[0].iterdir():
        (kind / str(STEPS)).rename(kind / '999')
    with pytest.raises(UserError, match='of another run'):
        export.export(str(logdir), str(exported[0]))
    about = (logdir / 'run.json').rename(logdir / 'run.away')  # so that the process ends at once
    process = ExportProcess(logdir, said.append)
    process.start(STEPS)
    process.finish()
    about.rename(logdir / 'run.json')
    assert len(said) == 1 and 'not exported' in said[0] and 'holds no run' in said[0]
