"""What tests of robots share."""

import time

import numpy as np
import pytest

_NUMBERS = np.linspace(0, 1, 2**18)


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
