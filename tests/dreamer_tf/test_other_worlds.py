"""The training binary on worlds of other projects, from start to finish."""
import csv
import json
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.parametrize('robot, package, agent', [
    ('dmc:cartpole_swingup', 'dm_control', 'dreamer'),
    ('gym:CartPole-v1', 'gymnasium', 'random'),  # PPO learns in it in test_baseline_runs.py
    pytest.param('gym:CartPole-v1', 'gymnasium', 'dreamer', marks=pytest.mark.long)])
def test_trains_to_the_end(robot, package, agent, tmp_path):
    pytest.importorskip(package)
    logdir = tmp_path / robot
    done = subprocess.run(
        [sys.executable, '-m', 'dreamer_tf.train', '--robot=' + robot, '--agent=' + agent,
         '--logdir={}'.format(logdir), '--gin_file=debug', '--env_steps=120'],
        cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert 'finished: 120 steps' in done.stdout
    run = json.loads((logdir / 'run.json').read_text())
    assert run['robot'] == robot
    assert [pathlib.Path(name).name for name in run['gin_files']] == [
        'dreamer.gin', robot.partition(':')[0] + '.gin',
        *(['random.gin'] if agent == 'random' else []), 'debug.gin']
    if agent == 'dreamer':
        assert 'Behavior.discount = 0.997' in (logdir / 'config.gin').read_text()
    if package == 'gymnasium':  # a random policy lets the pole fall every 20 steps or so
        rows = list(csv.DictReader((logdir / 'curve.csv').open()))
        ends = [0, *(int(row['env_steps']) for row in rows)]
        lengths = [end - begin for begin, end in zip(ends, ends[1:])]
        assert len(rows) >= 2 and [float(row['value']) for row in rows] == lengths
