"""How a program ends while threads still wait for a server."""
import subprocess
import sys

import pytest

WAITING = '''
import atexit, sys, threading, time
import reverb
from dreamer_tf import command_line

server = reverb.Server([reverb.Table.queue('steps', 10)])
client = reverb.Client('localhost:{}'.format(server.port))


def ask():
    while True:
        client.server_info(5)


def cli():
    atexit.register(print, 'tidied up')
    for _ in range(4):
        threading.Thread(target=ask, daemon=True).start()
    time.sleep(.5)
    print('all is saved')
    sys.exit(CODE)


command_line.run_program(cli)
'''


@pytest.mark.slow
@pytest.mark.parametrize('code, exit_code, words', [
    ('0', 0, ''), ('130', 130, ''), ('None', 0, ''), ("'no disk'", 1, 'no disk')])
def test_answers_that_come_at_the_end_do_not_abort_the_process(code, exit_code, words):
    result = subprocess.run([sys.executable, '-c', WAITING.replace('CODE', code)],
                            capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == exit_code, result.stderr
    assert 'terminate' not in result.stderr and words in result.stderr
    assert result.stdout.splitlines()[-2:] == ['all is saved', 'tidied up']


@pytest.mark.parametrize('code', [0, 3, None])
def test_without_such_threads_python_ends_as_always(code):
    result = subprocess.run(
        [sys.executable, '-c', 'import sys\nfrom dreamer_tf import command_line\n'
         'command_line.run_program(lambda: sys.exit({}))\n'.format(code)],
        capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode, result.stderr) == (code or 0, '')
