"""What a run asks of its replay: the numbers, the table they make, and what is refused."""

import pytest
import tensorflow as tf

from dreamer_tf.errors import UserError
from dreamer_tf.replay.kind import ReplayKind
from dreamer_tf.replay.replay_settings import ReplaySettings

SIGNATURE = {"reward": tf.TensorSpec((), tf.float32)}


def settings(kind=ReplayKind.UNIFORM, **changed):
    numbers = {"address": None, "demonstrated": False, "batch_size": 4, "sequence_length": 8,
               "stride": 2, "prefill_steps": 20, "replay_ratio": 16.0, "capacity_steps": 100,
               "priority_exponent": 0.5}
    return ReplaySettings("ppo", kind, **{**numbers, **changed})


def test_a_table_waits_for_the_prefill_or_a_batch_and_keeps_the_ratio():
    asked = settings()
    info = asked.make_table(SIGNATURE).info
    assert asked.updates_per_step == 16 / (4 * 8)
    assert info.max_size == (100 - 8) // 2 + 1
    assert info.rate_limiter_info.samples_per_insert == 16 * 2 / 8
    assert info.rate_limiter_info.min_size_to_sample == (20 - 8) // 2 + 1
    assert info.signature["reward"].shape == (8,)
    few = settings(prefill_steps=8).make_table(SIGNATURE).info
    assert few.rate_limiter_info.min_size_to_sample == 4


def test_priorities_have_their_exponent():
    options = settings(ReplayKind.PRIORITISED).make_table(SIGNATURE).info.sampler_options
    assert options.prioritized.priority_exponent == 0.5


def test_on_policy_every_sequence_is_drawn_once_and_shares_a_step_with_the_next():
    asked = settings(ReplayKind.ON_POLICY, prefill_steps=1)
    info = asked.make_table(SIGNATURE).info
    assert (asked.prefill_steps, asked.stride, asked.replay_ratio) == (0, 7, 8 / 7)
    assert info.max_times_sampled == 1 and info.rate_limiter_info.min_size_to_sample == 1


@pytest.mark.parametrize("kind, changed, line", [
    (ReplayKind.UNIFORM, {"prefill_steps": 7}, "Trainer.prefill_steps=7 must be at least sequence"),
    (ReplayKind.PRIORITISED, {"address": "there:1"}, "ppo needs a replay of its own"),
    (ReplayKind.ON_POLICY, {"address": "there:1"}, "ppo needs a replay of its own"),
    (ReplayKind.ON_POLICY, {"demonstrated": True}, "ppo learns from its own steps only"),
    (ReplayKind.ON_POLICY, {"sequence_length": 1}, "ppo needs Trainer.sequence_length of 2"),
])
def test_what_does_not_go_together_is_refused(kind, changed, line):
    with pytest.raises(UserError, match=line):
        settings(kind, **changed)
