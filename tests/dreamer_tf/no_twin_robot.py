"""A robot without a twin: `--robot=no_twin_robot:ROBOT`, with tests/dreamer_tf on Python's path."""

from examples.my_robot import ROBOT as WITH_TWIN
from examples.my_robot.make import make_twin

ROBOT = WITH_TWIN._replace(name='no_twin', backends=('hardware',), module='no_twin_robot')


def make_hardware(seed, *, episode_steps=WITH_TWIN.episode_steps):
    """The example's twin stands in for the hardware: nobody asks what it is."""
    return make_twin(seed, episode_steps=episode_steps)
