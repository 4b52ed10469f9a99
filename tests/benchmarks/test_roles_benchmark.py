"""How episodes of an actor beside a learner are put together."""

import pytest

from benchmarks import roles


def episode(paced_steps, overruns=0, longest=0.0, p50=3.0, p99=9.0):
    return {"paced_steps": paced_steps, "overruns": overruns, "longest_overrun_seconds": longest,
            "latency_ms_p50": p50, "latency_ms_p99": p99}


def test_counting_begins_with_the_first_episode_and_the_worst_one_is_named():
    found = roles.summary([
        episode(250, 40, 1.5, 80.0, 900.0), episode(500, 40, 1.5), episode(750, 42, 1.5, 5.0),
        episode(1000, 45, 1.5, 3.0, 30.0)])
    assert found["steps"] == 750 and found["overruns"] == 5
    assert found["overrun_share"] == pytest.approx(5 / 750)
    assert found["longest_overrun_ms"] == pytest.approx(1500.0)
    assert found["latency_ms_p50"] == 3.0
    assert found["latency_ms_p99"] == 9.0 and found["latency_ms_p99_worst_episode"] == 30.0
