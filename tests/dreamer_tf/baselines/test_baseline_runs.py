"""Every baseline through the training binary: to the middle, and from there to the end."""
import csv
import json
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
SMALL = {
    'random': (), 'scripted': (), 'sac': ('make_sac.units = (16,)',),
    'drqv2': ('make_drqv2.channels = 2', 'make_drqv2.units = 16'),
    'ppo': ('make_ppo.cnn_depth = 2', 'make_ppo.units = 16', 'make_ppo.minibatch_size = 16',
            'make_ppo.epochs = 1', 'Trainer.batch_size = 1', 'Trainer.sequence_length = 17',
            'Trainer.log_every = 2'),
    'rainbow': ('make_rainbow.cnn_depth = 2', 'make_rainbow.units = 16'),
    'planner': ('make_planner.candidates = 8', 'make_planner.elites = 2',
                'make_planner.horizon = 3'),
}
UPDATES = {'ppo': 7}  # 16 steps each, in 115 steps; of the others more than 20


def run(logdir, *flags):
    return subprocess.run(
        [sys.executable, '-m', 'dreamer_tf.train', '--logdir={}'.format(logdir), *flags], cwd=ROOT,
        capture_output=True, text=True, timeout=600)


def state(logdir):
    newest = max(path for path in (logdir / 'checkpoints').iterdir() if path.name[0] != '.')
    return json.loads((newest / 'state.json').read_text())


def long(agent, robot):
    return pytest.param(agent, robot, marks=pytest.mark.long)


@pytest.mark.slow
@pytest.mark.parametrize('agent, robot', [
    ('ppo', 'gym:CartPole-v1'), long('ppo', 'ur5'), long('random', 'sphero'),
    long('scripted', 'sphero'), long('sac', 'a1'), long('drqv2', 'sphero'),
    long('rainbow', 'xarm'), long('planner', 'sphero')])
def test_a_run_ends_goes_on_and_leaves_what_dreamer_leaves(tmp_path, agent, robot):
    flags = ['--agent=' + agent, '--robot=' + robot, '--gin_file=debug',
             '--gin_bindings=Trainer.eval_every_steps = 110',
             '--gin_bindings=Trainer.video_every_steps = 110',
             *('--gin_bindings=' + binding for binding in SMALL[agent])]
    first = run(tmp_path, *flags, '--env_steps=105')
    assert first.returncode == 0, first.stderr
    before = state(tmp_path)
    second = run(tmp_path, *flags, '--env_steps=220')
    assert second.returncode == 0, second.stderr
    after = state(tmp_path)
    assert 'going on from step 105, update {}'.format(before['updates']) in second.stdout
    assert after['env_steps'] == 220 and after['updates'] >= before['updates'] + UPDATES.get(
        agent, 20)
    assert 'Traceback' not in first.stderr + second.stderr
    assert 'is used by nothing' not in first.stderr + second.stderr
    assert 'evaluation with the mode' in second.stderr
    assert {'config.gin', 'run.json', 'metrics.jsonl', 'curve.csv', 'curve.png', 'checkpoints',
            'tensorboard'} <= set(os.listdir(tmp_path))
    metrics = [json.loads(line) for line in (tmp_path / 'metrics.jsonl').read_text().splitlines()]
    assert {'loss', 'replay/items', 'rate/updates'} <= set(metrics[-1])
    assert [record['updates'] for record in metrics] == sorted(
        {record['updates'] for record in metrics})
    if robot == 'sphero':
        with open(tmp_path / 'curve.csv', encoding='utf-8') as file:
            assert [int(row['env_steps']) for row in csv.DictReader(file)][:1] == [100]
    assert json.loads((tmp_path / 'run.json').read_text())['agent'] == agent


@pytest.mark.parametrize('flags, expected', [
    (['--agent=dqn'], "unknown agent 'dqn'; choose one of: dreamer, random, scripted, sac, drqv2"),
    (['--agent=sac', '--role=learner'], '--agent=sac runs in one process'),
    (['--agent=rainbow', '--logdir={}/new'], "rainbow has discrete actions only, those of 'a1'"),
    (['--agent=ppo', '--logdir={}/new'], "ppo has discrete actions only, those of 'a1' are"),
    (['--agent=ppo', '--logdir={}/new', '--replay_address=localhost:1'],
     'the agent ppo needs a replay of its own'),
    (['--agent=ppo', '--logdir={}/new', '--gin_bindings=Trainer.sequence_length = 1'],
     'the agent ppo needs Trainer.sequence_length of 2 or more'),
    (['--agent=planner', '--role=learner'], '--agent=planner runs in one process'),
    ([], 'holds a run with agent=sac, not dreamer'),
])
def test_a_mistake_is_one_line(call, tmp_path, flags, expected):
    (tmp_path / 'run.json').write_text('{"robot": "a1", "agent": "sac", "seed": 0}')
    code, _, err = call('dreamer_tf.train', '--logdir={}'.format(tmp_path), '--robot=a1',
                        *(flag.format(tmp_path) for flag in flags))
    assert code == 1 and 'Traceback' not in err
    assert expected in err.strip().splitlines()[-1]


def test_only_dreamer_is_exported(tmp_path):
    from dreamer_tf.errors import UserError
    from dreamer_tf.export import rebuild_agent
    from dreamer_tf.run_folder import RunFolder
    (tmp_path / 'run.json').write_text('{"robot": "a1", "agent": "sac", "seed": 0}')
    with pytest.raises(UserError, match='a run of the agent sac: only runs of dreamer'):
        rebuild_agent(RunFolder(str(tmp_path)))
