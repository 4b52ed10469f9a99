"""Every command of README.md and docs/ is checked, those marked `run` are run (CONTRIBUTING.md)."""
import functools
import os
import pathlib
import re
import shlex
import subprocess
import sys

import pytest

from readme_blocks import Block, read_blocks

ROOT = pathlib.Path(__file__).absolute().parents[1]
BLOCKS = read_blocks(ROOT / 'README.md')
BLOCKS_OF_DOCS = [block for path in sorted((ROOT / 'docs').glob('*.md'))
                  for block in read_blocks(path)]
CHECKED = [block for block in BLOCKS + BLOCKS_OF_DOCS if block.how != 'skip']
RUN_SECONDS = 600
PACKAGES = ('dreamer_tf', 'robot_envs', 'benchmarks')


def _ids(blocks):
    return ['line%d' % block.line for block in blocks]


def _commands(command):
    """The simple commands of a line as lists of words, without variable assignments in front."""
    for part in re.split(r'&&|\|\||[;|]', command):
        words = shlex.split(part, comments=True)
        while words and re.match(r'\w+=', words[0]):
            words.pop(0)
        if words:
            yield words


def _make_targets():
    return set(re.findall(r'^([\w-]+):', (ROOT / 'Makefile').read_text(), re.MULTILINE))


@functools.lru_cache(maxsize=None)
def _known_flags(module):
    done = subprocess.run([sys.executable, '-m', module, '--help'], cwd=ROOT, timeout=120,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout
    return set(re.findall(r'--(\w+)', done.stdout)) | {'help'}


def _check_program(words):
    """Fails unless the module or script is there and knows the flags it is given."""
    arguments = words[1:]
    if arguments[0] == '-m' and arguments[1].split('.')[0] in PACKAGES:
        path = arguments[1].replace('.', '/')
        assert (ROOT / (path + '.py')).is_file() or (ROOT / path / '__main__.py').is_file(), words
        used = {word[2:].split('=')[0] for word in arguments[2:] if word.startswith('--')}
        assert used <= _known_flags(arguments[1]), words
    elif not arguments[0].startswith('-'):
        assert (ROOT / arguments[0]).is_file(), words


def _check(command):
    for words in _commands(command):
        if words[0] == 'make':
            targets = {word for word in words[1:] if '=' not in word and not word.startswith('-')}
            assert targets <= _make_targets(), command
        elif words[0].startswith('python') or words[0].endswith('/python'):
            _check_program(words)
        elif words[0] in ('bash', 'sh') or words[0].startswith('./'):
            script = words[0] if words[0].startswith('./') else words[1]
            assert (ROOT / script).is_file(), command


@pytest.mark.parametrize('block', CHECKED, ids=_ids(CHECKED))
def test_commands_name_what_is_there(block):
    assert block.commands
    for command in block.commands:
        _check(command)


def _environment(folder):
    """A folder that looks like the tree, in which commands may write; its environment."""
    for path in ROOT.iterdir():
        if path.name not in ('.git', '.venv', 'logdir', '.setup.lock'):
            os.symlink(path, folder / path.name)
    os.symlink(sys.prefix, folder / '.venv')
    return dict(os.environ, PYTHONPATH=str(folder), PATH='%s:%s' % (
        os.path.dirname(sys.executable), os.environ['PATH']))


def _as_run(command, extra):
    """The command as the test runs it: `make train` without the setup, short by `extra`."""
    if re.match(r'make train\b', command):
        dry = subprocess.run(['make', '--no-print-directory', '-n', *shlex.split(command)[1:]],
                             cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
        command = re.sub(r'\\\n\s*', '', dry.stdout)
        command = next(re.sub(r'^\S*python', 'python', line) for line in command.splitlines()
                       if 'dreamer_tf.train' in line)
    return '%s %s' % (command, extra) if extra and 'python' in command else command


@pytest.mark.slow
@pytest.mark.parametrize('block', [b for b in CHECKED if b.how == 'run'],
                         ids=_ids([b for b in CHECKED if b.how == 'run']))
def test_commands_run(block, tmp_path):
    environment = _environment(tmp_path)
    script = '\n'.join(_as_run(command, block.extra) for command in block.commands)
    done = subprocess.run(['bash', '-euo', 'pipefail', '-c', script], cwd=tmp_path,
                          env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=RUN_SECONDS)
    assert done.returncode == 0, '%s\n%s' % (script, done.stdout[-3000:])


def test_the_two_commands_that_everybody_needs_are_there():
    commands = [command for block in BLOCKS for command in block.commands]
    assert 'make train' in commands
    assert 'make test' in commands


def test_dockerfile_does_nothing_but_the_steps_of_the_readme():
    steps = re.findall(r'^RUN (.*)$', (ROOT / 'Dockerfile').read_text(), re.MULTILINE)
    assert steps
    assert set(steps) <= {command for block in BLOCKS for command in block.commands}


def test_markers_and_continued_lines(tmp_path):
    file = tmp_path / 'x.md'
    file.write_text('<!-- test: run --env_steps=5 -->\n```bash\n# why\nmake train \\\n    SEED=1   '
                    '# seed\n```\n\n```bash\nls\n```\n')
    assert read_blocks(file) == [Block(3, 'run', '--env_steps=5', ['make train SEED=1']),
                                 Block(9, 'check', '', ['ls'])]


@pytest.mark.parametrize('text', ['<!-- test: runn -->\n```bash\nls\n```\n',
                                  '<!-- test: run -->\nsome words\n'])
def test_wrong_marker(tmp_path, text):
    (tmp_path / 'x.md').write_text(text)
    with pytest.raises(ValueError, match='marker'):
        read_blocks(tmp_path / 'x.md')


@pytest.mark.parametrize('command', ['make trian', 'python -m dreamer_tf.no_such_module',
                                     'python -m dreamer_tf.train --robott=a1',
                                     'python examples/no_such_file.py'])
def test_wrong_commands_are_noticed(command):
    with pytest.raises(AssertionError):
        _check(command)
