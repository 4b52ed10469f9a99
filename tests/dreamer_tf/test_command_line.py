"""How a program ends while threads still wait for a server."""
import subprocess
import sys

import pytest

ENDS = '''
import atexit, sys, threading, time
from dreamer_tf import command_line


def cli():
    atexit.register(print, 'tidied up')
    for _ in range(4):
        threading.Thread(target=ask, daemon=DAEMON).start()
    time.sleep(.3)
    print('all is saved')
    sys.exit(CODE)
'''
RUNS = '\n\ncommand_line.run_program(cli)\n'
# Any answer that comes while Python ends aborts the process.
ASKS_A_SERVER = '''
import reverb

server = reverb.Server([reverb.Table.queue('steps', 10)])
client = reverb.Client('localhost:{}'.format(server.port))


def ask():
    while True:
        client.server_info(5)
'''
WAITS = '''
def ask():
    time.sleep(TIME)
'''


def ends(code, waiting, daemon=True):
    text = (ENDS + waiting + RUNS).replace('CODE', code).replace('DAEMON', str(daemon))
    return subprocess.run([sys.executable, '-c', text], capture_output=True, text=True,
                          timeout=120, check=False)


@pytest.mark.slow
def test_answers_that_come_at_the_end_do_not_abort_the_process():
    result = ends('130', ASKS_A_SERVER)
    assert result.returncode == 130, result.stderr
    assert 'terminate' not in result.stderr
    assert result.stdout.splitlines()[-2:] == ['all is saved', 'tidied up']


@pytest.mark.parametrize('code, exit_code, words', [
    ('0', 0, ''), ('None', 0, ''), ("'no disk'", 1, 'no disk\n')])
def test_codes_and_what_was_said_are_kept(code, exit_code, words):
    result = ends(code, WAITS.replace('TIME', '1000'))
    assert (result.returncode, result.stderr) == (exit_code, words)
    assert result.stdout.splitlines() == ['all is saved', 'tidied up']


def test_a_thread_that_must_end_is_waited_for():
    writes = "    sys.stdout.write('written\\n')\n"
    result = ends('3', WAITS.replace('TIME', '.6') + writes, daemon=False)
    assert (result.returncode, result.stderr) == (3, '')
    assert result.stdout.splitlines() == ['all is saved', *['written'] * 4, 'tidied up']
