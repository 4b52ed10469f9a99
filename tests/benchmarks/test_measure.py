"""Timing: what is called when, and which figures follow from the seconds."""

import pathlib
import subprocess
import sys

import numpy as np
import pytest

from benchmarks.measure import Timing, arithmetic, measure, time_calls
from benchmarks.memory import peak_rss_mb
from benchmarks.report import CALIBRATION_GFLOP

ROOT = pathlib.Path(__file__).absolute().parents[2]


class _Ticks:
    """Stands for a calibration: a product takes as many seconds as there were products."""

    def __init__(self):
        self.seconds = []

    def run(self):
        self.seconds.append(float(len(self.seconds)))

    def median_s(self, first):
        return float(np.median(self.seconds[first:]))


def test_order_of_calls():
    calls = []
    seconds = time_calls(
        lambda: calls.append("c"), repeats=2, block=3, warm_up=1, settle=2,
        between=lambda: calls.append("|"),
    )  # fmt: skip
    assert "".join(calls) == "c|ccccc|ccccc|"
    assert seconds.shape == (2, 3)
    assert np.all(seconds >= 0.0)


def test_products_of_others_do_not_count():
    calibration = _Ticks()
    calibration.run()  # 0 s
    timing = measure(lambda: None, calibration, repeats=2)
    assert timing.calibration_s == 2.0  # of 1, 2 and 3 s


def test_fields():
    seconds = np.full([4, 5], 0.2)
    seconds[:, 0] = 1.0
    timing = Timing(seconds, calibration_s=0.1)
    assert timing.mean_s == pytest.approx(0.36)
    fields = timing.fields()
    assert fields["median_s"] == pytest.approx(0.2)
    assert fields["ratio"] == pytest.approx(2.0)
    assert fields["p99_s"] == pytest.approx(1.0)
    assert fields["calls"] == 20
    assert timing.fields(timing.mean_s)["ratio"] == pytest.approx(3.6)


def test_no_percentile_of_a_handful():
    assert "p99_s" not in Timing(np.ones([9, 1]), 1.0).fields()


def test_arithmetic_at_half_the_rate_of_the_calibration():
    fields = arithmetic(Timing(np.full([3, 1], 2.0), calibration_s=1.0), CALIBRATION_GFLOP)
    assert fields["gflop_per_s"] == pytest.approx(CALIBRATION_GFLOP / 2)
    assert fields["of_calibration"] == pytest.approx(0.5)


def test_peak_memory_is_of_the_process_alone_and_of_its_whole_life():
    parent = np.ones(30_000_000)  # 240 MB
    code = (
        "from benchmarks.memory import peak_rss_mb; "
        "block = bytearray(b'x') * 100_000_000; del block; print(peak_rss_mb())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)
    assert 100.0 < float(done.stdout) < 200.0
    assert parent.all()


def test_peak_memory_of_a_process_that_is_not_there():
    with pytest.raises(OSError):
        peak_rss_mb(2**22 + 1)
