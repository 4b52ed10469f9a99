"""Batches with the real specs of a robot."""
import numpy as np

from dreamer_tf.replay.alignment import step_from_time_step
from dreamer_tf.replay.priorities import ITEM_KEY, ITEM_PROBABILITY, TABLE_SIZE


def played(env, agent, count, action=None):
    """Steps of replay, as many, played with random actions or with `action(time_step)`."""
    random = np.random.default_rng(0)
    spec, actions = env.action_spec(), agent.num_discrete_actions
    steps, time_step = [], None
    while len(steps) < count:
        if time_step is None or time_step.is_last():
            time_step = env.reset()
            chosen = np.zeros(spec.shape, spec.dtype)
        else:
            chosen = action(time_step) if action else random.integers(actions, dtype=spec.dtype)
            time_step = env.step(chosen)
        steps.append(step_from_time_step(time_step, chosen, actions))
    return steps


def sequences(steps, length, starts):
    """(B, T, ...) of the sequences that begin at `starts`."""
    return {key: np.stack([[steps[s + t][key] for t in range(length)] for s in starts])
            for key in steps[0]}


def with_items(batch, probability, table_size=100):
    """The batch with what a prioritised replay says of its items, numbered from 0."""
    size = len(batch['reward'])
    return {**batch, ITEM_KEY: np.arange(size, dtype=np.uint64),
            ITEM_PROBABILITY: np.broadcast_to(np.float64(probability), size),
            TABLE_SIZE: np.full(size, table_size, np.int64)}
