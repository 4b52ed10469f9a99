"""Settings for every test: quiet, few threads, same random numbers each time, fast ones first."""
import os

# Before TensorFlow, matplotlib or MuJoCo are imported by a test.
os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '2')
os.environ.setdefault('CUDA_VISIBLE_DEVICES', '-1')
os.environ.setdefault('TF_NUM_INTRAOP_THREADS', '2')
os.environ.setdefault('TF_NUM_INTEROP_THREADS', '2')
os.environ['MPLBACKEND'] = 'Agg'

import importlib
import random
import signal
import sys

import numpy as np
import pytest

# A shell lets what it starts in the background ignore Ctrl-C, and so would the programs under test.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser):
    """`--long` runs the tests marked `long` instead of the others."""
    parser.addoption('--long', action='store_true', help='the tests marked `long`, and only those')


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(config, items):
    """Runs the tests marked `slow` after all the others, otherwise in the usual order.

    With `-n 2` a file's fast tests stay in one process, and so do its slow ones: they share
    fixtures that take longer than the tests. Files that share one with each other name a group of
    their own, `pytest.mark.xdist_group`.
    """
    wanted = config.getoption('--long')
    chosen = [item for item in items if bool(item.get_closest_marker('long')) == wanted]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
    items[:] = sorted(chosen, key=_is_slow)
    for item in items:
        pace = 'slow' if _is_slow(item) else 'fast'
        if item.get_closest_marker('xdist_group') is None:
            item.add_marker(pytest.mark.xdist_group(f'{item.path.stem}-{pace}'))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session):
    """Fails when pytest-xdist has not understood the groups, as with pytest 9.2.

    Each process would make the fixtures of a file anew.
    """
    if getattr(session.config.option, 'loadgroup', False):
        lost = [item.nodeid for item in session.items if '@' not in item.nodeid]
        if lost:
            raise pytest.UsageError(f'pytest and pytest-xdist do not fit: {lost[0]} has no group')


def _is_slow(item):
    return item.get_closest_marker('slow') is not None


@pytest.fixture(autouse=True)
def same_random_numbers():
    """Seeds Python, NumPy and (when a test has imported it) TensorFlow before each test."""
    random.seed(0)
    np.random.seed(0)
    if 'tensorflow' in sys.modules:
        sys.modules['tensorflow'].random.set_seed(0)


@pytest.fixture(autouse=True)
def graphs_as_they_are(request):
    """Leaves TensorFlow's optimisation of graphs out, a fifth of what a tiny agent costs.

    Programs that tests start have it, and so have tests with the fixture `optimised_graphs`.
    """
    if 'tensorflow' in sys.modules and 'optimised_graphs' not in request.fixturenames:
        _optimise_graphs(False)


@pytest.fixture
def eagerly():
    """Runs what is compiled step by step: for a few updates compiling takes longer than they do."""
    functions = sys.modules['tensorflow'].config.run_functions_eagerly
    functions(True)
    yield
    functions(False)


@pytest.fixture
def optimised_graphs():
    """Has graphs optimised, as programs have."""
    _optimise_graphs(True)


def _optimise_graphs(on):
    options = {'disable_meta_optimizer': not on}
    sys.modules['tensorflow'].config.optimizer.set_experimental_options(options)


@pytest.fixture(autouse=True)
def no_gin_settings_left():
    """Clears gin after each test, so that one test's bindings cannot reach another's agent."""
    yield
    if 'gin' in sys.modules:
        sys.modules['gin'].clear_config()


@pytest.fixture
def call(capfd):
    """Calls a program's `cli` in this process: `call('dreamer_tf.train', '--seed=x')`.

    Starting Python and importing TensorFlow costs more than most that programs are asked for here.
    Each program still has a test that starts it as people do.

    Returns (exit code, standard output, standard error). The program's flags are new before each
    call and after the last.
    """
    called = []

    def run(module, *words):
        program = importlib.import_module(module)
        called.append(program.FLAGS)
        if 'gin' in sys.modules:
            sys.modules['gin'].clear_config()
        _unparse(program.FLAGS)
        capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            program.cli([module, *words])
        return (end.value.code, *capfd.readouterr())
    yield run
    for flags in called:
        _unparse(flags)


def _unparse(flags):
    for name in flags:
        flags[name].unparse()
    flags.unparse_flags()
