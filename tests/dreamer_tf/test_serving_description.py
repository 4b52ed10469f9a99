"""What lies beside an exported model, and what is said when it does not fit."""
import json

import numpy as np
import pytest
from tf_agents.specs import array_spec

from dreamer_tf.errors import UserError
from dreamer_tf.serving import description


@pytest.fixture
def version(tmp_path):
    folder = tmp_path / "greedy" / "7"
    folder.mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"graph")
    (folder / "variables").mkdir()
    (folder / "variables" / "data").write_bytes(b"weights")
    whole = {"kind": "greedy", "robot": {"name": "a1"}, "env_steps": 7, "observation": {},
             "action": {}, "state": {}}
    description.write(folder, whole, "RSSM.deter = 16\n")
    return folder


def test_specs_are_told_with_their_bounds():
    spec = array_spec.BoundedArraySpec((2,), np.float32, -1.0, 1.0)
    expected = {"shape": [2], "dtype": "float32", "minimum": -1.0, "maximum": 1.0}
    assert description.spec_json(spec) == expected
    plain = array_spec.ArraySpec((3,), np.uint8)
    assert description.spec_json(plain) == {"shape": [3], "dtype": "uint8"}


def test_it_is_read_back(version):
    read = description.read(version)
    assert read["robot"]["name"] == "a1" and read["format"] == description.FORMAT
    assert set(read["files"]) == {"saved_model.pb", "variables/data",
                                  "assets.extra/settings.gin"}
    assert (version / "assets.extra" / "settings.gin").read_text() == "RSSM.deter = 16\n"


@pytest.mark.parametrize("harm, expected", [
    (lambda x: (x / "variables" / "data").write_bytes(b"weig"),
     "variables/data has 4 bytes instead of 7; copy the whole folder again"),
    (lambda x: (x / "variables" / "data").write_bytes(b"weighty"),
     "variables/data is not what was exported"),
    (lambda x: (x / "saved_model.pb").unlink(), "saved_model.pb is missing"),
    (lambda x: (x / "assets.extra" / "policy.json").write_text('{"format": 1'),
     "policy.json is damaged"),
    (lambda x: (x / "assets.extra" / "policy.json").write_text('{"format": 1}'),
     "policy.json is damaged .no kind, robot"),
    (lambda x: (x / "assets.extra" / "policy.json").unlink(), "holds no exported policy"),
])
def test_a_damaged_folder_is_refused(version, harm, expected):
    harm(version)
    with pytest.raises(UserError, match=expected):
        description.read(version)


def test_another_format_is_refused(version):
    path = version / "assets.extra" / "policy.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99}))
    with pytest.raises(UserError, match="has format 99, this program knows 1"):
        description.read(version)


def test_the_newest_version_is_found(version, tmp_path):
    (tmp_path / "greedy" / "10").mkdir()
    (tmp_path / "greedy" / "9").mkdir()
    for path, kind in ((tmp_path, "greedy"), (tmp_path / "greedy", "sampling")):
        assert description.newest(path, kind) == tmp_path / "greedy" / "10"
    assert description.newest(version) == version
    with pytest.raises(UserError, match="no numbered folder"):
        description.newest(tmp_path / "greedy" / "9")
    with pytest.raises(UserError, match="there is no folder"):
        description.newest(tmp_path / "sampling")
