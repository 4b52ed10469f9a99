"""Results: the file, the table and the comparison of two files."""

import json

import pytest

from benchmarks import report
from dreamer_tf.errors import UserError

OLD = [
    {"name": "a", "median_s": 1.0, "ratio": 4.0, "peak_rss_mb": 1000.0},
    {"name": "gone", "median_s": 1.0, "ratio": 4.0},
    {"name": "broken", "error": "broken failed: no"},
    {"name": "calibration", "median_s": 0.1, "ratio": 1.0},
]
NEW = [
    {"name": "a", "median_s": 2.0, "ratio": 3.0, "peak_rss_mb": 500.0},
    {"name": "new", "median_s": 1.0, "ratio": 4.0},
    {"name": "broken", "median_s": 1.0, "ratio": 4.0},
    {"name": "calibration", "median_s": 0.25, "ratio": 1.0},
]


def test_compare_looks_at_ratios():
    lines = [line.split() for line in report.compare(OLD, NEW)]
    assert lines[0][0] == "name"
    assert lines[1] == ["a", "4", "3", "0.750", "0.500"]
    assert [words[0] for words in lines[2:]] == ["calibration", "calibration:"]
    assert lines[3][1:] == ["100.0", "ms,", "then", "250.0", "ms"]


def test_compare_without_anything_in_common():
    assert report.compare(OLD[1:2], NEW[1:2]) == ["the two have no benchmark in common"]


def test_file(tmp_path):
    path = tmp_path / "new" / "bench.json"
    report.save(path, OLD)
    assert json.loads(path.read_text()) == OLD
    assert report.load(path) == OLD


@pytest.mark.parametrize("text", [None, "{", "{}", "[1]", '[{"median_s": 1}]'])
def test_file_that_is_none(tmp_path, text):
    path = tmp_path / "bench.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(UserError, match="bench.json .*give a file that --out wrote"):
        report.load(path)


def test_file_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="give another --out"):
        report.save(tmp_path / "file" / "bench.json", OLD)


def test_calibration_entry():
    entry = report.calibration_entry([0.1, 0.1, 0.4])
    assert entry["name"] == "calibration"
    assert entry["median_s"] == pytest.approx(0.1)
    assert entry["gflop"] == pytest.approx(17.18, abs=0.01)
    assert entry["gflop_per_s"] == pytest.approx(171.8, abs=0.1)


def test_line_shows_what_there_is():
    entry = {"name": "x/y", "median_s": 0.25, "ratio": 3.5, "peak_rss_mb": 812.3, "share": 0.021}
    assert report.line(entry).split() == ["x/y", "250.000", "3.5", "812", "share=0.021"]
    assert report.line({"name": "x", "error": "x failed: why"}).split(maxsplit=1)[1] == (
        "x failed: why"
    )


def test_columns_stand_under_their_heads():
    line = report.line({**OLD[0], "name": "x" * report.NAME_WIDTH})
    assert report.header().index("peak MB") + len("peak MB") == len(line)
