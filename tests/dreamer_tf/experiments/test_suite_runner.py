"""Which runs are started, and what is said about those that fail; see also
test_experiments_program.py."""
import io
import json
import shutil

import pytest

from dreamer_tf.experiments.results_folder import ResultsFolder
from dreamer_tf.experiments.suite_runner import SuiteRunner
from dreamer_tf.experiments.part import Part
from dreamer_tf.experiments.run import Run

# Both fail before TensorFlow is imported: their folders hold runs of others.
RUNS = [Run(Part('a1', 'random', (), 300), seed) for seed in (0, 1)]


@pytest.fixture
def out(tmp_path):
    for run in RUNS:
        (tmp_path / run.name).mkdir(parents=True)
        (tmp_path / run.name / 'run.json').write_text(json.dumps(
            {'robot': 'a1', 'agent': 'random', 'seed': 77}))
    return tmp_path


def test_a_run_that_fails_is_one_line_and_the_others_go_on(out):
    said = io.StringIO()
    runner = SuiteRunner(RUNS, out=out, results=ResultsFolder(str(out / 'results')), stream=said)
    assert runner.run() == 1
    assert runner.failed == RUNS
    lines = said.getvalue().splitlines()
    assert lines[0] == 'dreamer_tf: 2 runs, 0 of them finished already'
    assert lines[1:4:2] == ['dreamer_tf: {} started'.format(run.name) for run in RUNS]
    for line, run in zip(lines[2::2], RUNS):
        assert line.startswith('dreamer_tf: {} failed: --logdir='.format(run.name))
        assert 'holds a run with seed=77, not {}'.format(run.seed) in line
        assert line.endswith('output.txt)')


def test_what_is_finished_is_not_started(out):
    results = ResultsFolder(str(out / 'results'))
    for run in RUNS:
        path = results.path / (run.name + '.csv')
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('env_steps,value\n300,5.0\n')
    for run in RUNS:
        shutil.rmtree(out / run.name)
    said = io.StringIO()
    assert SuiteRunner(RUNS, out=out, results=results, stream=said).run() == 0
    assert said.getvalue() == ('dreamer_tf: 2 runs, 2 of them finished already: '
                               'a1/random/seed0, a1/random/seed1\n')
    assert not any((out / run.name).exists() for run in RUNS)
