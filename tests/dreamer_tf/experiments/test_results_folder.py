"""What is kept of a run, and whether it is finished."""
import json

import numpy as np
import pytest

from dreamer_tf.errors import UserError
from dreamer_tf.experiments import result
from dreamer_tf.experiments.results_folder import ResultsFolder
from dreamer_tf.experiments.part import Part
from dreamer_tf.experiments.run import Run

RUN = Run(Part('sphero', 'dreamer', ('small',), 1000), 2)


def make_run(folder, *, steps=1000, episodes=10, updates=7, **run):
    """A run's folder as the training program leaves it, but for weights and replay."""
    state = folder / 'checkpoints' / '{:09d}'.format(steps)
    state.mkdir(parents=True)
    (state / 'state.json').write_text(json.dumps(
        {'env_steps': steps, 'updates': updates, 'seconds': 61.5, 'episodes': episodes}))
    (folder / 'curve.csv').write_text('env_steps,value\n' + ''.join(
        '{},{:.6f}\n'.format(100 * (k + 1), -1 + k / 10) for k in range(episodes)))
    (folder / 'config.gin').write_text('Trainer.batch_size = 16\n')
    (folder / 'metrics.jsonl').write_text('{"env_steps": 900, "updates": 6, "seconds": 50.1}\n{"e')
    about = {'robot': 'sphero', 'agent': 'dreamer', 'seed': 2, 'parameters': 5,
             'gin_files': ['/x/gin/' + name for name in RUN.gin_names()], 'gin_bindings': []}
    (folder / 'run.json').write_text(json.dumps({**about, **run}))
    return folder


def test_curve_settings_cost_and_machine_are_kept(tmp_path):
    results = ResultsFolder(str(tmp_path / 'results'))
    taken = results.take(str(make_run(tmp_path / 'run')))
    kept = tmp_path / 'results' / 'sphero' / 'dreamer'
    assert sorted(path.name for path in kept.iterdir()) == ['seed2.csv', 'seed2.gin', 'seed2.json']
    assert (kept / 'seed2.csv').read_bytes() == (tmp_path / 'run' / 'curve.csv').read_bytes()
    assert taken.env_steps == 1000 and taken.about['updates'] == 7
    assert taken.about['seconds'] == 61.5
    assert taken.about['gin_files'] == ['dreamer.gin', 'sphero.gin', 'small.gin',
                                        'small_sphero.gin']
    assert taken.about['machine']['cores'] >= 1
    assert taken.about['machine']['packages']['numpy'] == np.__version__
    again, = results.all()
    assert (again.robot, again.label, again.seed) == ('sphero', 'dreamer', 2)
    assert again.about == taken.about


def test_the_log_counts_when_it_is_further_than_the_checkpoint(tmp_path):
    taken = ResultsFolder(str(tmp_path)).take(str(make_run(tmp_path / 'run', steps=500)))
    assert (taken.about['env_steps'], taken.about['updates']) == (900, 6)


def test_finished_is_what_has_all_steps(tmp_path):
    results = ResultsFolder(str(tmp_path / 'results'))
    assert not results.is_finished(RUN)
    results.take(str(make_run(tmp_path / 'most', steps=900, episodes=9)))
    assert not results.is_finished(RUN)
    results.take(str(make_run(tmp_path / 'whole', steps=1000)))
    assert results.is_finished(RUN)


@pytest.mark.parametrize('episodes, finished', [(10, True), (8, False)])
def test_a_curve_alone_is_finished_up_to_an_episode(tmp_path, episodes, finished):
    curve = tmp_path / (RUN.name + '.csv')
    curve.parent.mkdir(parents=True)
    curve.write_text(''.join('{},0\n'.format(100 * (k + 1)) for k in range(episodes)))
    assert ResultsFolder(str(tmp_path)).is_finished(RUN) is finished


@pytest.mark.parametrize('difference', [{'gin_files': ['dreamer.gin']},
                                        {'gin_bindings': ['A.b=1']}])
def test_a_run_with_other_settings_is_refused(tmp_path, difference):
    results = ResultsFolder(str(tmp_path))
    results.take(str(make_run(tmp_path / 'run', **difference)))
    part = RUN.part if 'gin_files' in difference else RUN.part._replace(bindings=('A.b=2',))
    with pytest.raises(UserError, match='seed2 was made with .* choose another --results'):
        results.is_finished(Run(part, 2))


def test_mistakes_are_named(tmp_path):
    results = ResultsFolder(str(tmp_path / 'results'))
    with pytest.raises(UserError, match='holds no run'):
        results.take(str(tmp_path))
    assert not (tmp_path / 'results').exists()
    with pytest.raises(UserError, match='no episode has ended yet'):
        results.take(str(make_run(tmp_path / 'run', episodes=0)))
    results.take(str(make_run(tmp_path / 'other')))
    (tmp_path / 'results' / 'sphero' / 'dreamer' / 'seed2.json').write_text('{')
    with pytest.raises(UserError, match='seed2.json is damaged'):
        results.all()


def a_result(steps, values):
    return result.Result('sphero', 'dreamer', 0, np.array(steps), np.array(values, float), {})


def test_figures_of_a_curve_made_by_hand():
    # 40 episodes: 20 at 0, 20 at 1. The mean of ten is .5 or more from episode 25 on.
    curve = a_result([100 * (k + 1) for k in range(40)], [0] * 20 + [1] * 20)
    assert (curve.start, curve.final, curve.half_gain_at()) == (0, 1, 2500)
    steps, means = curve.smooth()
    assert len(steps) == 31 and steps[0] == 1000 and means[11] == pytest.approx(0.1)


def test_where_nothing_is_gained_there_is_no_half_of_it():
    assert a_result([100, 200, 300], [1, 0, 0]).half_gain_at() is None
    assert a_result([100], [1]).half_gain_at() is None


@pytest.mark.parametrize('values, reached', [
    ([0] * 20 + [1] * 20, (3000, 3000)),  # ten ones in a row: episodes 21 to 30
    ([0] * 5 + [1] * 15 + [0] * 20, (1500, None)),
    ([0] * 5 + [1] * 15 + [0] + [1] * 14, (1500, 3100)),
    ([1] * 12, (1000, 1000)),
    ([0] * 40, (None, None))])
def test_when_a_skill_is_reached_and_kept(values, reached):
    curve = a_result([100 * (k + 1) for k in range(len(values))], values)
    assert curve.reaches(0.99) == reached
    # The slow way: every mean of ten by itself.
    means = [(100 * (k + 1), sum(values[k - 9:k + 1]) / 10) for k in range(9, len(values))]
    first = next((step for step, mean in means if mean >= 0.99), None)
    stays = next((step for step, _ in means
                  if all(mean >= 0.99 for at, mean in means if at >= step)), None)
    assert curve.reaches(0.99) == (first, stays)


def test_updates_come_evenly():
    curve = a_result([500, 1000], [0, 1])
    assert curve.updates_at(500) is None
    assert curve._replace(about={'updates': 700, 'env_steps': 1000}).updates_at(500) == 350
