"""Two programs with the same seed find different addresses for their emulators."""

import random

from robot_envs.emulators.free_address import free_address


def test_the_programs_seed_does_not_choose():
    found = set()
    for _ in range(3):
        random.seed(0)
        found.add(free_address([30003, 30004]))
    assert len(found) == 3 and all(address.startswith("127.") for address in found)
