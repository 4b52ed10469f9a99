"""Falls, reports and mistakes of the adaptation experiments; one is run in
test_experiments_program.py."""
import json
import pathlib

import pytest
from PIL import Image

from dreamer_tf.errors import UserError
from dreamer_tf.experiments import adaptation, adaptation_report
from dreamer_tf.experiments.adaptation import CHANGES, Adaptation
from dreamer_tf.experiments.recovery import Recovery
from dreamer_tf.run_folder import RunFolder
from robot_envs import registry, settings
from robot_envs.errors import RobotError
from robot_envs.wrappers.disturbed_environment import Disturbances

STANDS = {'upright': .99, 'hip': .85, 'thigh': .8, 'calf': .8, 'velocity': 5.}
LIES = {'upright': .1, 'hip': 0., 'thigh': 0., 'calf': 0., 'velocity': 5.}
CROUCHES = dict(STANDS, thigh=.4, calf=0.)


def counted(*phases, rate_hz=10.0):
    recovery = Recovery(rate_hz)
    for terms, steps in phases:
        for _ in range(steps):
            recovery.add(terms)
    return recovery


def test_falls_and_get_ups_counted_by_hand():
    recovery = counted((LIES, 15), (STANDS, 30), (LIES, 20), (STANDS, 30), (LIES, 5))
    assert recovery.falls == 2
    assert recovery.first_up_seconds == pytest.approx(2.4)  # 15 steps, then 9 of a second's mean
    assert recovery.seconds_down == [pytest.approx(2.8)]  # the second one it did not get up from


def test_what_is_neither_a_fall_nor_a_get_up():
    assert counted((LIES, 50)).falls == 0  # it never stood
    assert counted((STANDS, 30), (CROUCHES, 30), (STANDS, 30)).falls == 0
    assert counted((CROUCHES, 100)).first_up_seconds is None
    stumbles = counted((STANDS, 30), (LIES, 1), (STANDS, 4))
    assert (stumbles.falls, stumbles.seconds_down) == (1, [])  # not up for a second yet


@pytest.mark.parametrize('robot, change', [('a1', 'pushes'), ('sphero', 'light')])
def test_every_change_is_one_that_gin_knows(robot, change):
    settings.bind(registry.get(robot), 'twin', CHANGES[change].bindings)
    assert Disturbances().is_on
    assert (Disturbances().push_newton_seconds > 0) == (change == 'pushes')


def test_table_and_picture(tmp_path):
    state = {'robot': 'a1', 'change': 'pushes', 'bindings': ['Disturbances.x = 1'],
             'source_steps': 1000, 'adapt_steps': 500, 'trial_steps': 40, 'trials': {
                 'usual': {'mean_reward': 12.0, 'falls': 0, 'got_up': 0,
                           'seconds_to_get_up': None},
                 'before': {'mean_reward': 9.0, 'falls': 4, 'got_up': 3, 'seconds_to_get_up': 2.5},
                 'after': {'mean_reward': 11.0, 'falls': 2, 'got_up': 2,
                           'seconds_to_get_up': 1.0}}}
    (tmp_path / 'curve.csv').write_text('env_steps,value\n250,5\n1000,12\n1250,9\n1500,11\n')
    table, picture = adaptation_report.write(state, tmp_path / 'curve.csv', tmp_path)
    rows = [[cell.strip() for cell in line.split('|')[1:-1]]
            for line in table.read_text().splitlines() if line.startswith('| ')]
    assert rows[1:] == [['usual', '-', '12.000', '0', '0', '-'],
                        ['changed', '0', '9.000', '4', '3 (75%)', '2.5'],
                        ['changed', '500', '11.000', '2', '2 (100%)', '1.0']]
    with Image.open(picture) as drawn:
        assert drawn.size == (700, 400)
    for trial in state['trials'].values():
        del trial['falls']
    assert 'falls' not in adaptation_report.markdown(state)


def make_source(folder, **run):
    state = folder / 'checkpoints' / '000000300'
    state.mkdir(parents=True)
    (state / 'state.json').write_text('{"env_steps": 300}')
    (folder / 'run.json').write_text(json.dumps({'robot': 'a1', 'seed': 0, **run}))
    (folder / 'config.gin').write_text('Trainer.batch_size = 4\n')
    return RunFolder(str(folder))


def experiment(source, out, **changed):
    return Adaptation(source, out, **{'robot': 'a1', 'change': 'pushes', 'bindings': ['A.b = 1'],
                                      'adapt_steps': 10, 'trial_steps': 5, **changed})


def test_the_run_is_copied_and_stays_as_it_was(tmp_path):
    source = make_source(tmp_path / 'source')
    before = {path: path.read_bytes() for path in source.path.rglob('*') if path.is_file()}
    experiment(source, tmp_path / 'out')
    copy = tmp_path / 'out' / 'run'
    assert (copy / 'source.gin').read_text() == 'Trainer.batch_size = 4\n'
    state = copy / 'checkpoints' / '000000300' / 'state.json'
    state.write_text('{}')  # no link to the source's
    (copy / 'run.json').write_text('{}')
    assert {path: path.read_bytes() for path in before} == before
    measured = json.loads((tmp_path / 'out' / adaptation.MEASURED).read_text())
    assert measured['source_steps'] == 300 and measured['trials'] == {}
    experiment(source, tmp_path / 'out')
    assert (copy / 'run.json').read_text() == '{}'  # not copied again


def test_other_plans_in_the_same_folder_are_refused(tmp_path):
    source = make_source(tmp_path / 'source')
    experiment(source, tmp_path / 'out')
    with pytest.raises(UserError, match='experiment with another bindings, trial_steps'):
        experiment(source, tmp_path / 'out', trial_steps=6, bindings=['A.b = 2'])


def test_a_run_that_goes_on_or_has_nothing_yet_is_refused(tmp_path):
    source = make_source(tmp_path / 'source')
    holder = RunFolder(str(source.path))
    holder.lock()
    with pytest.raises(UserError, match='in use by another run'):
        experiment(source, tmp_path / 'out')
    holder.unlock()
    empty = pathlib.Path(tmp_path / 'empty')
    empty.mkdir()
    with pytest.raises(UserError, match='holds no checkpoint yet'):
        experiment(RunFolder(str(empty)), tmp_path / 'out')
    assert not (tmp_path / 'out' / 'run').exists()


@pytest.mark.parametrize('measured, trained', [([], [310]), (['after'], [])])
def test_it_trains_until_the_training_itself_says_that_it_is_finished(
        tmp_path, monkeypatch, measured, trained):
    """The name of the newest checkpoint says little: it may be damaged."""
    started = []

    class Finished:
        def __init__(self, words, logdir):
            started.extend(int(word[12:]) for word in words if word.startswith('--env_steps='))

        def follow(self, stop):
            return 0

    source = make_source(tmp_path / 'source')
    experiment(source, tmp_path / 'out')
    newest = tmp_path / 'out' / 'run' / 'checkpoints' / '000000310'
    newest.mkdir()
    (newest / 'state.json').write_text('{"env_steps": 310}')
    path = tmp_path / 'out' / adaptation.MEASURED
    state = json.loads(path.read_text())
    state['trials'] = {name: {} for name in ['usual', 'before', *measured]}
    path.write_text(json.dumps(state))
    monkeypatch.setattr(adaptation, 'RunProcess', Finished)
    monkeypatch.setattr(adaptation_report, 'write', lambda *words: [])
    monkeypatch.setattr('dreamer_tf.experiments.trial.play', lambda *words, **more: {})
    assert experiment(source, tmp_path / 'out').run() == 0
    assert started == trained


def test_a_wrong_setting_is_told_before_anything_is_copied(tmp_path):
    source = make_source(tmp_path / 'source')
    adaptation.COMMAND.parse(['', '--logdir={}'.format(source.path), '--out={}'.format(
        tmp_path / 'out'), '--gin_bindings=Disturbances.rain = 1'])
    with pytest.raises(RobotError, match="the setting 'Disturbances.rain = 1' cannot be used"):
        adaptation.main()
    adaptation.FLAGS.unparse_flags()
    assert not (tmp_path / 'out').exists()
