"""The programs as people start them: the small suite is stopped and goes on, and what it has
trained is then disturbed."""
import csv
import json
import pathlib
import signal
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
RUN = 'a1/dreamer/seed0'
SUITE = 'experiments.__main__'


def start(*flags, module='experiments'):
    return subprocess.Popen([sys.executable, '-m', 'dreamer_tf.' + module, *flags], cwd=ROOT,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(*flags, module='experiments'):
    process = start(*flags, module=module)
    out, err = process.communicate(timeout=800)
    return process.returncode, out, err


@pytest.fixture(scope='module')
def stopped(tmp_path_factory):
    """The suite, stopped by SIGTERM when its run learns: folder, exit code, text."""
    folder = tmp_path_factory.mktemp('smoke')
    process, output = start(*flags_of(folder)), folder / 'runs' / RUN / 'output.txt'
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        if output.exists() and 'first update' in output.read_text():
            break
        time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=300)
    return folder, process.returncode, out + err


@pytest.fixture(scope='module')
def finished(stopped):
    """The same command again, to the end: folder, code, text."""
    code, out, err = run(*flags_of(stopped[0]))
    return stopped[0], code, out + err


def flags_of(folder):
    return ['--suite=smoke', '--agents=dreamer', '--out={}'.format(folder)]


@pytest.mark.slow
def test_sigterm_saves_the_runs(stopped):
    folder, code, text = stopped
    assert code == 143, text
    assert RUN + ' stopped' in text and 'the same command goes on' in text
    assert 'Traceback' not in text
    assert 'stopped and saved' in (folder / 'runs' / RUN / 'output.txt').read_text()


@pytest.mark.slow
def test_the_same_command_goes_on_and_ends_with_table_and_pictures(finished, call):
    folder, code, text = finished
    assert code == 0, text
    assert '1 runs, 0 of them finished already' in text and RUN + ' finished in' in text
    assert 'going on from step' in (folder / 'runs' / RUN / 'output.txt').read_text()
    with open(folder / 'results' / 'table_smoke.csv', encoding='utf-8') as file:
        row, = csv.DictReader(file)
    assert (row['robot'], row['agent'], row['env_steps']) == ('a1', 'dreamer', '400')
    assert int(row['updates']) > 20 and float(row['seconds']) > 0
    assert 'numpy=' in row['packages'] and 'debug.gin' in row['gin']
    for name in ('table_smoke.md', 'a1_smoke.png', RUN + '.gin'):
        assert (folder / 'results' / name).stat().st_size > 100
    code, out, _ = call('dreamer_tf.experiments.__main__', *flags_of(folder))
    assert code == 0 and '1 runs, 1 of them finished already: ' + RUN in out
    assert 'started' not in out


@pytest.mark.long
def test_a_trained_run_goes_on_in_a_world_that_changes(finished, tmp_path):
    source = finished[0] / 'runs' / RUN
    kept = {path: path.read_bytes() for path in source.rglob('*') if path.is_file()}
    flags = ['--logdir={}'.format(source), '--out={}'.format(tmp_path), '--adapt_minutes=0.05',
             '--trial_minutes=0.05', '--gin_bindings=Disturbances.steps_between_pushes = 5']
    code, out, err = run(*flags, module='experiments.adaptation')
    assert code == 0, out + err
    measured = json.loads((tmp_path / 'adaptation.json').read_text())
    trials = measured['trials']
    assert list(trials) == ['usual', 'before', 'after']
    assert trials['usual']['mean_reward'] != trials['before']['mean_reward']  # it was pushed
    assert {trial['env_steps'] for trial in trials.values()} == {60}
    assert (measured['source_steps'], measured['adapt_steps']) == (400, 60)
    assert 'going on from step 400' in (tmp_path / 'run' / 'output.txt').read_text()
    assert 'Disturbances.steps_between_pushes = 5' in (tmp_path / 'run' / 'config.gin').read_text()
    assert (tmp_path / 'recovery.png').stat().st_size > 1000
    assert {path: path.read_bytes() for path in kept} == kept
    code, out, err = run(*flags, module='experiments.adaptation')  # nothing left to do
    assert code == 0 and 'goes on from' not in out, out + err


@pytest.mark.parametrize('module, flags, expected', [
    (SUITE, [], '--suite is missing: one of paper, smoke'),
    (SUITE, ['--suite=smoke', '--seeds=a'], '--seeds must be numbers such as 0,1,2, not a'),
    (SUITE, ['--suite=smoke', '--seeds=-1'], '--seeds must be at least 0'),
    (SUITE, ['--suite=smoke', '--agents=nobody'], "no agent 'nobody' in --suite=smoke"),
    (SUITE, ['--suite=smoke', '--jobs=0'], 'jobs'),
    ('experiments.adaptation', [], '--logdir and --out are both needed'),
    ('experiments.adaptation', ['--logdir=nowhere'], 'holds no run'),
    ('experiments.adaptation', ['--logdir=nowhere', '--change=rain'], 'rain'),
])
def test_a_mistake_is_one_line(call, module, flags, expected, tmp_path):
    code, _, err = call('dreamer_tf.' + module, '--out={}'.format(tmp_path), *flags)
    assert code == 1 and 'Traceback' not in err
    assert expected in err.strip().splitlines()[-1]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize('about, expected', [
    ({'agent': 'sac'}, 'is a run of sac in the layout inline: only runs of dreamer'),
    ({'layout': 'roles'}, 'is a run of dreamer in the layout roles'),
])
def test_a_run_that_cannot_be_disturbed_is_told_at_once(call, about, expected, tmp_path):
    (tmp_path / 'run.json').write_text(json.dumps({'robot': 'a1', 'seed': 0, **about}))
    code, _, err = call('dreamer_tf.experiments.adaptation', '--logdir={}'.format(tmp_path),
                        '--out={}'.format(tmp_path / 'out'))
    assert code == 1 and 'Traceback' not in err
    assert expected in err.strip().splitlines()[-1]
    assert not (tmp_path / 'out').exists()


@pytest.mark.parametrize('flags, expected', [
    (['--results={}'], 'holds no run of --suite=paper'),
    (['--results={}', '--add={}'], 'holds no run: there is no run.json'),
])
def test_a_mistake_of_the_report_is_one_line(call, flags, expected, tmp_path):
    code, _, err = call('dreamer_tf.experiments.report',
                        *(flag.format(tmp_path) for flag in flags))
    assert code == 1 and 'Traceback' not in err
    assert expected in err.strip().splitlines()[-1]


@pytest.mark.parametrize('module, flags, expected', [
    ('experiments.adaptation', [], '--logdir and --out are both needed'),
    ('experiments.report', ['--results={}'], 'holds no run of --suite=paper'),
])
def test_the_others_end_as_processes_of_their_own_too(module, flags, expected, tmp_path):
    code, _, err = run(*(flag.format(tmp_path) for flag in flags), module=module)
    assert code == 1 and 'Traceback' not in err
    assert expected in err.strip().splitlines()[-1]
