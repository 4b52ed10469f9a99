"""tools/setup.sh: one clear line for what a machine lacks, no work done twice, repair of a half."""
import os
import pathlib
import shutil
import subprocess
import textwrap

import pytest

ROOT = pathlib.Path(__file__).absolute().parents[1]
TOOLS = ('awk', 'bash', 'cat', 'chmod', 'cksum', 'cp', 'df', 'dirname', 'flock', 'grep', 'ls',
         'mkdir', 'rm', 'sed', 'sleep', 'sort', 'tail', 'uname')

# A machine's Python, as far as the script looks at it: answers in the folder $MACHINE say whether
# there is a venv module and what pip and the first import say; every call of pip is written down.
PYTHON = textwrap.dedent('''\
    #!/bin/bash
    case "$*" in
      *'print("%d.%d"'*) echo 3.11 ;;
      *'import ensurepip, venv'*) [ ! -e "$MACHINE/no_venv" ] ;;
      *'import tensorflow'*) cat "$MACHINE/import_error" >&2 && exit 1; true ;;
      *'import sys'*) true ;;
      '-m venv'*) mkdir -p "${@: -1}/bin"; cp "$0" "${@: -1}/bin/python" ;;
      '-m pip show'*) false ;;
      '-m pip install'*)
        echo "$*" >>"$MACHINE/pip_calls"
        if [ -e "$MACHINE/pip_error" ]; then cat "$MACHINE/pip_error"; exit 1; fi ;;
    esac
''')


class Machine:
    """A tree with nothing but the setup, on a machine with these programs and nothing else."""

    def __init__(self, folder):
        self.folder = folder
        self.tree = folder / 'tree'
        (self.tree / 'tools').mkdir(parents=True)
        shutil.copy(ROOT / 'tools/setup.sh', self.tree / 'tools/setup.sh')
        (self.tree / 'requirements.txt').write_text('tensorflow-cpu==2.15.1\n')
        (self.tree / 'requirements-dev.txt').write_text('pytest\n')
        self.bin = folder / 'bin'
        self.bin.mkdir()
        for tool in TOOLS:
            os.symlink(shutil.which(tool), self.bin / tool)

    def add_python(self, name='python3.11'):
        (self.bin / name).write_text(PYTHON)
        (self.bin / name).chmod(0o755)

    def say(self, name, text=''):
        (self.folder / name).write_text(text)

    def setup(self, *arguments, **variables):
        """Runs the script; returns (exit code, lines on stderr)."""
        environment = dict(PATH=str(self.bin), HOME=str(self.folder), MACHINE=str(self.folder),
                           RETRY_SECONDS='0', **variables)
        done = subprocess.run(['bash', 'tools/setup.sh', *arguments], cwd=self.tree, text=True,
                              env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=60)
        return done.returncode, done.stderr.splitlines()

    def pip_calls(self):
        """Names of the requirements files that pip was given, in order."""
        log = self.folder / 'pip_calls'
        return [line.split()[-1].split('/')[-1] for line in log.read_text().splitlines()]


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def _the_line(result):
    code, lines = result
    assert code == 1
    assert len(lines) == 1, lines
    assert lines[0].startswith('setup: ')
    return lines[0]


def test_no_python(machine):
    assert 'apt-get install python3-venv' in _the_line(machine.setup())


def test_python_without_venv(machine):
    machine.add_python()
    machine.say('no_venv')
    assert 'apt-get install python3.11-venv' in _the_line(machine.setup())


def test_python_that_is_not_there(machine):
    machine.add_python()
    assert '/no/such/python' in _the_line(machine.setup(PYTHON='/no/such/python'))


def test_unknown_tensorflow(machine):
    machine.add_python()
    assert 'TF=gpu is not known: cpu or cuda' in _the_line(machine.setup(TF='gpu'))


def test_missing_system_library(machine):
    machine.add_python()
    machine.say('import_error', 'ImportError: libpython3.11.so.1.0: cannot open shared object file')
    assert 'apt-get install libpython3.11' in _the_line(machine.setup())


def test_uv_brings_the_python(machine):
    machine.say('python', PYTHON)
    uv = machine.bin / 'uv'
    uv.write_text('#!/bin/bash\n[ "$1" = venv ] && mkdir -p "${@: -1}/bin" && '
                  'cp "$MACHINE/python" "${@: -1}/bin/python" && chmod +x "${@: -1}/bin/python"\n')
    uv.chmod(0o755)
    assert machine.setup() == (0, [])
    assert machine.pip_calls() == ['requirements.txt']


def test_installs_once_and_again_when_requirements_change(machine):
    machine.add_python()
    for _ in range(2):
        assert machine.setup() == (0, [])
    assert machine.pip_calls() == ['requirements.txt']
    for _ in range(2):
        assert machine.setup('dev') == (0, [])
    assert machine.pip_calls() == ['requirements.txt', 'requirements-dev.txt']
    (machine.tree / 'requirements.txt').write_text('tensorflow-cpu==2.15.2\n')
    assert machine.setup('dev') == (0, [])
    assert machine.pip_calls()[2:] == ['requirements.txt']


def test_half_an_installation_is_gone_on_with(machine):
    machine.add_python()
    machine.say('pip_error', 'Collecting keras\nERROR: Read timed out.\n')
    assert 'ERROR: Read timed out.' in _the_line(machine.setup())
    assert machine.pip_calls() == ['requirements.txt'] * 3
    (machine.folder / 'pip_error').unlink()
    assert machine.setup() == (0, [])
    assert machine.pip_calls() == ['requirements.txt'] * 4


def test_half_an_environment_is_made_anew(machine):
    machine.add_python()
    (machine.tree / '.venv/bin').mkdir(parents=True)
    assert machine.setup() == (0, [])
    assert (machine.tree / '.venv/bin/python').exists()


def test_cuda_replaces_the_cpu_build(machine):
    machine.add_python()
    assert machine.setup() == (0, [])
    assert machine.setup(TF='cuda') == (0, [])
    assert (machine.tree / '.venv/requirements.txt').read_text() \
        == 'tensorflow[and-cuda]==2.15.1\n'
    assert len(machine.pip_calls()) == 2


def test_bazel_that_is_not_there(machine):
    shutil.copy(ROOT / 'tools/bazel_test.sh', machine.tree / 'tools')
    done = subprocess.run(['bash', 'tools/bazel_test.sh'], cwd=machine.tree, text=True,
                          env={'PATH': str(machine.bin)}, stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 1
    assert done.stderr == 'bazel-test: there is no bazel: apt-get install bazel-bootstrap ' \
        '(Debian, Ubuntu)\n'
