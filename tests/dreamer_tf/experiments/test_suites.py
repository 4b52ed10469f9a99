"""The suites are data that the training program understands."""
import pathlib

import pytest

from dreamer_tf import train
from dreamer_tf.baselines import catalog
from dreamer_tf.errors import UserError
from dreamer_tf.experiments import gin_values, published, suites
from dreamer_tf.experiments.part import Part
from dreamer_tf.experiments.results_folder import ResultsFolder
from dreamer_tf.experiments.run import Run
from dreamer_tf.experiments.suites import SUITES
from robot_envs import registry

PARTS = [(name, part) for name, parts in SUITES.items() for part in parts]


@pytest.mark.parametrize('suite, part', PARTS, ids=lambda value: getattr(value, 'label', value))
def test_every_part_is_a_command_that_the_training_program_takes(suite, part, tmp_path):
    flags = Run(part, 3).flags(tmp_path)
    train.COMMAND.parse(['train', *flags])
    assert train.FLAGS.robot == part.robot and train.FLAGS.seed == 3
    assert train.FLAGS.env_steps == part.env_steps > registry.get(part.robot).episode_steps
    assert train.FLAGS.gin_bindings == list(part.bindings)
    if part.agent in catalog.names():
        assert Run(part, 3).gin_names()[0] == 'dreamer.gin'
    train.FLAGS.unparse_flags()


def test_no_two_parts_of_a_suite_share_a_folder():
    for suite, parts in SUITES.items():
        names = [Run(part, 0).name for part in parts]
        assert len(set(names)) == len(names), suite


def test_the_paper_s_comparisons_are_there_and_have_their_published_levels():
    curves = {(part.robot, part.label): part for part in SUITES['paper']}
    told = {(robot, agent) for robot, levels in published.LEVELS.items() for agent in levels}
    assert set(curves) == told
    assert {robot: part.env_steps for (robot, _), part in curves.items()} == {
        'a1': 72_000, 'sphero': 10_000, 'ur5': 40_000, 'xarm': 40_000}
    for robot, levels in published.LEVELS.items():
        assert max(levels, key=lambda agent: levels[agent].value) == 'dreamer'


def test_a_selection_takes_the_first_seed_of_everything_first():
    runs = suites.select('paper', robots=['sphero', 'a1'], agents=['dreamer'], seeds=[4, 1])
    assert [run.name for run in runs] == ['a1/dreamer/seed4', 'sphero/dreamer/seed4',
                                          'a1/dreamer/seed1', 'sphero/dreamer/seed1']
    assert [run.seed for run in suites.select('smoke')] == [0, 0, 0]


def test_variants_have_folders_of_their_own():
    part = Part('a1', 'dreamer', ('small',), 10, variant='ratio64')
    assert Run(part, 0).name == 'a1/dreamer_ratio64/seed0'
    ratios = [line for part in SUITES['replay_ratio'] for line in part.bindings]
    assert 'Trainer.replay_ratio = 64' in ratios


@pytest.mark.parametrize('chosen, expected', [
    ({'robots': ['b1']}, "no robot 'b1' in --suite=smoke; it has: sphero, a1"),
    ({'agents': ['nobody']}, "no agent 'nobody' in --suite=smoke; it has: random, dreamer, sac"),
    ({'robots': ['sphero'], 'agents': ['sac']}, 'no such agent on such a robot'),
])
def test_what_is_not_in_the_suite_is_named(chosen, expected):
    with pytest.raises(UserError, match=expected):
        suites.select('smoke', **chosen)


def test_agents_that_are_not_written_are_named(monkeypatch):
    lines = [Part('a1', 'dreamer', (), 10), Part('a1', 'unwritten', (), 10)]
    monkeypatch.setitem(SUITES, 'smoke', lines)
    with pytest.raises(UserError, match='agents unwritten, which are not there; run the others '
                                        'with --agents=dreamer'):
        suites.select('smoke')
    assert len(suites.select('smoke', agents=['dreamer'])) == 1


def about(run, **changes):
    return {'robot': run.part.robot, 'agent': run.part.agent, 'seed': run.seed,
            'gin_files': run.gin_names(), 'gin_bindings': list(run.part.bindings), **changes}


@pytest.mark.parametrize('suite, part', PARTS, ids=lambda value: getattr(value, 'label', value))
def test_a_run_is_known_by_its_settings(suite, part):
    run = Run(part, 5)
    more = [line.replace("'", '"').replace(' = ', '=') for line in part.bindings]
    given = about(run, gin_bindings=[*more, 'Trainer.video_every_steps=7'])
    assert suites.run_of(suite, given, {}) == run
    # What it noted tells the same as its bindings, and another value that it is not the same.
    noted = gin_values.of_text('\n'.join(part.bindings))
    assert run.made(about(run, gin_bindings=[]), noted)
    assert not run.made(about(run), {**noted, 'WorldModel.kl_target': 77.0})


@pytest.mark.parametrize('changes', [
    {'gin_bindings': ['Behavior.discount = 0.5']}, {'gin_files': ['dreamer.gin']},
    {'robot': 'a1', 'gin_files': []}, {'agent': 'drqv2'}, {'gin_bindings': ['Behavior.new = 1']}])
def test_a_run_with_other_settings_is_none_of_the_suite(changes):
    given = about(Run(SUITES['time_to_skill'][0], 0), **changes)
    with pytest.raises(UserError, match='no part of --suite=time_to_skill is'):
        suites.run_of('time_to_skill', given, {})


def test_a_run_from_before_a_preset_changed_is_another_one():
    run = Run(SUITES['paper'][0], 0)
    assert run.made(about(run), {'Trainer.replay_ratio': 128, 'Trainer.log_every': 3})
    with pytest.raises(UserError, match=r'the nearest differs in: Trainer.replay_ratio = 77 in '
                                        r'the place of \d+\)'):
        suites.run_of('paper', about(run), {'Trainer.replay_ratio': 77})


@pytest.mark.parametrize('suite', [name for name in SUITES if name != 'smoke'])
def test_kept_curves_have_the_settings_of_today(suite):
    results = ResultsFolder(str(pathlib.Path(__file__).parents[3] / 'results'))
    found = [results.find(Run(part, seed)) for part in SUITES[suite] for seed in (0, 1, 2)]
    assert any(found)
