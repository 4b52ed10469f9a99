"""The suite as people start it: the small one is stopped, goes on, and ends with its table."""
import csv
import pathlib
import signal
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
RANDOM, DREAMER = 'sphero/random/seed0', 'a1/dreamer/seed0'


def start(*flags):
    return subprocess.Popen([sys.executable, '-m', 'dreamer_tf.experiments', *flags], cwd=ROOT,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_the_smoke_suite_is_stopped_and_goes_on(tmp_path):
    command = ['--suite=smoke', '--agents=random,dreamer', '--out={}'.format(tmp_path), '--jobs=2']
    process, output = start(*command), tmp_path / 'runs' / DREAMER / 'output.txt'
    while not any(RANDOM + ' finished' in line for line in process.stdout):
        pass
    deadline = time.monotonic() + 500
    while 'first update' not in output.read_text() and time.monotonic() < deadline:
        time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 143, out + err
    assert DREAMER + ' stopped' in out and 'the same command goes on' in out
    assert 'stopped and saved' in output.read_text()

    done = start(*command)
    out, err = done.communicate(timeout=500)
    assert done.returncode == 0, out + err
    assert '2 runs, 1 of them finished already: ' + RANDOM in out
    assert RANDOM + ' started' not in out and DREAMER + ' finished' in out
    assert 'going on from step' in output.read_text()
    with open(tmp_path / 'results' / 'table.csv', encoding='utf-8') as file:
        rows = {row['agent']: row for row in csv.DictReader(file)}
    assert (rows['random']['env_steps'], rows['dreamer']['env_steps']) == ('300', '260')
    assert int(rows['dreamer']['updates']) > 20 and float(rows['dreamer']['seconds']) > 0
    assert 'numpy=' in rows['dreamer']['packages'] and 'debug.gin' in rows['dreamer']['gin']
    for name in ('table.md', 'sphero_smoke.png', 'a1_smoke.png', DREAMER + '.gin'):
        assert (tmp_path / 'results' / name).stat().st_size > 100


@pytest.mark.parametrize('flags, expected', [
    ([], '--suite is missing: one of paper, smoke'),
    (['--suite=smoke', '--seeds=a'], '--seeds must be numbers such as 0,1,2, not a'),
    (['--suite=smoke', '--seeds=-1'], '--seeds must be at least 0'),
    (['--suite=smoke', '--agents=nobody'], "there is no agent 'nobody' in --suite=smoke"),
    (['--suite=smoke', '--jobs=0'], 'jobs'),
])
def test_a_mistake_is_one_line(flags, expected, tmp_path):
    process = start('--out={}'.format(tmp_path), *flags)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1 and 'Traceback' not in err
    assert expected in err.strip().splitlines()[-1]
    assert not list(tmp_path.iterdir())
