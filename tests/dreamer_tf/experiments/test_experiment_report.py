"""Tables and pictures from small curves."""
import csv
import io

import numpy as np
import pytest
from PIL import Image

from dreamer_tf.errors import UserError
from dreamer_tf.experiments import picture, report, skill_table, table
from dreamer_tf.experiments.results_folder import ResultsFolder

DOCS = ('# Before\n\n<!-- suite paper: what follows is made by dreamer_tf.experiments.report -->\n'
        'old\n<!-- suite paper: end -->\nafter\n')


@pytest.fixture
def results(tmp_path):
    """A1 and Sphero by Dreamer, the Sphero with two seeds, and a curve that is no part of it."""
    for name, values in (('a1/dreamer/seed0', [5, 5, 12]), ('sphero/dreamer/seed0', [-.6, -.2]),
                         ('sphero/dreamer/seed1', [-.6, -.3, -.1]), ('sphero/other/seed0', [0])):
        path = tmp_path / 'results' / (name + '.csv')
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('env_steps,value\n' + ''.join(
            '{},{}\n'.format(1000 * (k + 1), value) for k, value in enumerate(values)))
    return ResultsFolder(str(tmp_path / 'results'))


def test_the_table_compares_with_what_is_published(results):
    lines = table.compared(table.of_suite(results.all(), 'paper'), 'paper')
    cells = {(row[1].split(',')[0], row[2]): row[3:-1]
             for row in ([cell.strip() for cell in line.split('|')] for line in lines[2:])}
    assert len(cells) == 9  # what was not run has a row too
    assert cells['a1', 'dreamer'][:3] == ['0', '3,000 (of 72,000)', '**12.00**']
    assert cells['a1', 'dreamer'][-2:] == ['10.8 at 70,000', '+1.20']
    assert cells['sphero', 'dreamer'] == [
        '0, 1', '2,000, 3,000 (of 10,000)', '**-0.15**', '-0.20, -0.10', '2,000, 3,000 (2,300)',
        '-0.24 at 10,000', '+0.09']
    assert cells['ur5', 'ppo'] == ['none', 'not run (of 40,000)', '-', '-', '-', '3.5', '-']


def test_the_csv_has_a_row_a_run(results):
    rows = list(csv.DictReader(io.StringIO(table.to_csv(
        table.of_suite(results.all(), 'paper')))))
    assert [(row['robot'], row['agent'], row['seed']) for row in rows] == [
        ('a1', 'dreamer', '0'), ('sphero', 'dreamer', '0'), ('sphero', 'dreamer', '1')]
    assert (rows[0]['final'], rows[0]['published_final']) == ('12.0', '10.8')
    assert float(rows[2]['final']) == -0.1 and rows[2]['value'] == 'mean_reward'
    assert table.to_csv([]) == ''


def test_a_band_covers_the_seeds_and_ends_where_they_end(results):
    mine = [item for item in results.all() if (item.robot, item.label) == ('sphero', 'dreamer')]
    steps, values = picture.band(mine)
    assert values.shape == (2, len(steps)) and steps[-1] == 3000
    assert np.isnan(values[0, -1]) and not np.isnan(values[1, -1])
    at = np.abs(steps - 2000).argmin()
    assert values[0, at] == pytest.approx(-.4, abs=.01)  # the mean of its two episodes


def test_files_beside_the_results(results):
    written = report.write(results, 'paper')
    assert sorted(path.name for path in written) == ['a1_curve.png', 'sphero_curve.png',
                                                     'table.csv', 'table.md']
    for path in written:
        assert path.parent == results.path and path.stat().st_size > 100
    with Image.open(results.path / 'a1_curve.png') as drawn:
        assert drawn.size == (700, 400)
        assert len(set(drawn.convert('RGB').getdata())) > 20
    text = (results.path / 'table.md').read_text()
    assert '![Learning curves of a1](a1_curve.png)' in text
    assert 'Not run: a1/sac, sphero/drqv2, ur5/dreamer' in text
    assert not list(results.path.glob('*.tmp'))


def test_a_picture_of_more_runs_is_another_one(results, tmp_path):
    found = results.all()
    picture.draw('sphero', 'paper', found, tmp_path / 'both.png')
    picture.draw('sphero', 'paper', found[:-2], tmp_path / 'one.png')
    assert (tmp_path / 'both.png').read_bytes() != (tmp_path / 'one.png').read_bytes()


def test_the_documentation_keeps_what_stands_around(results, tmp_path):
    docs = tmp_path / 'docs' / 'results.md'
    docs.parent.mkdir()
    docs.write_text(DOCS)
    report.write(results, 'paper', docs)
    text = docs.read_text()
    assert text.startswith('# Before\n\n<!-- suite paper') and text.endswith('end -->\nafter\n')
    assert 'old' not in text and '![Learning curves of a1](images/a1_curve.png)' in text
    assert (docs.parent / 'images' / 'a1_curve.png').is_file()
    report.write(results, 'paper', docs)
    assert docs.read_text() == text


def test_mistakes_are_named(results, tmp_path):
    docs = tmp_path / 'results.md'
    with pytest.raises(UserError, match='cannot write .*results.md'):
        report.write(results, 'paper', docs)
    docs.write_text('no markers')
    with pytest.raises(UserError, match='must have the lines'):
        report.write(results, 'paper', docs)
    with pytest.raises(UserError, match='holds no run of --suite=gradients'):
        report.write(ResultsFolder(str(tmp_path / 'empty')), 'gradients')


def test_when_the_suite_asks_the_time_to_the_skill_is_told(results):
    for name, values in (('half', [-.6] * 10 + [-.2] * 20), ('all_starts_ratio256', [-.6] * 30)):
        path = results.path / 'sphero' / ('dreamer_' + name) / 'seed3.csv'
        path.parent.mkdir()
        path.write_text('env_steps,value\n' + ''.join(
            '{},{}\n'.format(100 * (k + 1), value) for k, value in enumerate(values)))
    lines = skill_table.lines(results.all(), 'time_to_skill')
    # -0.35 is the mean of 6.25 episodes of -0.2 and 3.75 of -0.6: at the seventh one.
    assert lines[-2:] == [
        '| sphero/dreamer_half/seed3 | -0.35 | 1,700 (1,700) | - (-) | -0.20 | 3,000 |',
        '| sphero/dreamer_all_starts_ratio256/seed3 | -0.35 | - (-) | - (-) | -0.60 | 3,000 |']
    assert len(lines) == 6 and skill_table.lines(results.all(), 'paper') == []
    report.write(results, 'time_to_skill')
    assert lines[-1] in (results.path / 'table_time_to_skill.md').read_text()
    assert not (results.path / 'table.csv').exists()


def test_a_robot_of_which_no_variant_was_run_has_no_picture(results):
    path = results.path / 'a1' / 'dreamer_reinforce' / 'seed0.csv'
    path.parent.mkdir()
    path.write_text('env_steps,value\n1000,5\n2000,9\n')
    written = report.write(results, 'gradients')
    assert [item.name for item in written] == [
        'table_gradients.csv', 'a1_gradients.png', 'table_gradients.md']
    assert '| sphero, mean reward a step | dreamer | 0, 1 |' in written[-1].read_text()
