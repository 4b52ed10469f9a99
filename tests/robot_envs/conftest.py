"""What tests of robots share."""

import time

import numpy as np
import pytest
from stalls import run_again_after_a_stall

_REAL_TIME = (  # ends of the names of files
    '_hardware', '_emulated', '_ways_out', 'test_arms_limits', 'test_backends', 'test_check',
    'test_dry_run', 'test_fault_matrix', 'test_guardian_client', 'test_record',
    'test_robot_programs')
_NUMBERS = np.linspace(0, 1, 2**18)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    """Tests in real time are tried again, and then skipped, where the machine stood still."""
    if item.path.stem.endswith(_REAL_TIME):
        return run_again_after_a_stall(item, nextitem)
    return None


@pytest.fixture
def relative_cost():
    """`relative_cost(call)`: a call's CPU time in passes over 2^18 numbers (about 0.6 ms each).

    The least of ten rounds of ten calls, for both. What else runs on the machine slows both: a
    bound in milliseconds fails on a busy machine, and a wider one shows nothing.
    """
    def cost(call):
        mine = passes = np.inf
        for _ in range(10):
            mine = min(mine, _seconds(call))
            passes = min(passes, _seconds(lambda: np.sqrt(_NUMBERS * _NUMBERS + 1).sum()))
        return mine / passes
    return cost


def _seconds(call, calls=10):
    began = time.process_time()
    for _ in range(calls):
        call()
    return (time.process_time() - began) / calls
