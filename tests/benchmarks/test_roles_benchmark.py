"""How episodes of an actor beside a learner are put together."""

import pytest

from benchmarks import roles


def episode(**changes):
    line = {"paced_steps": 250, "overruns": 0, "longest_overrun_seconds": 0.0,
            "latency_ms_p50": 3.0, "latency_ms_p99": 9.0}
    return {**line, **changes}


def test_overruns_are_added_and_the_worst_episode_is_named():
    late = episode(overruns=5, longest_overrun_seconds=0.02, latency_ms_p99=30.0)
    found = roles.summary([episode(), episode(latency_ms_p50=5.0), late])
    assert found["steps"] == 750 and found["overruns"] == 5
    assert found["overrun_share"] == pytest.approx(5 / 750)
    assert found["longest_overrun_ms"] == pytest.approx(20.0)
    assert found["latency_ms_p50"] == 3.0
    assert found["latency_ms_p99"] == 9.0 and found["latency_ms_p99_worst_episode"] == 30.0
