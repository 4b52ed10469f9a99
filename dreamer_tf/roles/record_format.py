"""A record as a `tf.train.Example`, which every TensorFlow program can read."""

from __future__ import annotations

from typing import Any, Mapping

import numpy as np
import tensorflow as tf

from dreamer_tf.roles.rlds import Record
from dreamer_tf.types import IS_FIRST, IS_LAST, IS_TERMINAL, PREV_ACTION, STEP_KEYS

OBSERVATION = "observation/"
ENV_STEP = "env_step"


class RecordFormat:
    """Encodes and decodes the records of one robot.

    uint8 arrays are their bytes (`tf.io.decode_raw`), floats a float list, flags and whole numbers
    an int64 list. Beside the step fields of RLDS stands `env_step`, the environment steps of the
    log up to and including this record.
    """

    def __init__(self, signature: Mapping[str, tf.TensorSpec]):
        """Makes the format.

        Args:
          signature: of a replay step (`dreamer_tf.replay.step_spec.replay_step_spec`).
        """
        scalar = tf.TensorSpec((), tf.float32)
        flag = tf.TensorSpec((), tf.bool)
        self._specs = {
            OBSERVATION + key: spec for key, spec in signature.items() if key not in STEP_KEYS
        }
        self._specs.update(
            action=signature[PREV_ACTION], reward=scalar, discount=scalar, is_first=flag,
            is_last=flag, is_terminal=flag,
        )

    def features(self) -> dict[str, dict[str, Any]]:
        """Name -> dtype and shape, for a file beside the records."""
        return {
            name: {"dtype": spec.dtype.name, "shape": spec.shape.as_list()}
            for name, spec in sorted(self._specs.items())
        }

    def encode(self, record: Record, env_step: int) -> bytes:
        """A serialised `tf.train.Example`."""
        flat = {OBSERVATION + key: value for key, value in record["observation"].items()}
        flat.update((key, value) for key, value in record.items() if key != "observation")
        example = tf.train.Example()
        for name, spec in self._specs.items():
            _fill(example.features.feature[name], np.asarray(flat[name]), spec.dtype)
        example.features.feature[ENV_STEP].int64_list.value.append(env_step)
        return example.SerializeToString()

    def decode(self, data: bytes) -> tuple[Record, int]:
        """A record and its `env_step`.

        Raises:
          KeyError, ValueError: the data are of another robot.
        """
        feature = tf.train.Example.FromString(data).features.feature
        flat = {name: _array(feature[name], spec) for name, spec in self._specs.items()}
        record: Record = {
            "observation": {
                name[len(OBSERVATION) :]: value
                for name, value in flat.items()
                if name.startswith(OBSERVATION)
            },
            **{key: flat[key] for key in ("action", "reward", "discount")},
            **{key: flat[key] for key in (IS_FIRST, IS_LAST, IS_TERMINAL)},
        }
        return record, int(feature[ENV_STEP].int64_list.value[0])


def _fill(feature: tf.train.Feature, value: np.ndarray, dtype: tf.DType) -> None:
    if dtype == tf.uint8:
        feature.bytes_list.value.append(value.astype(np.uint8).tobytes())
    elif dtype.is_floating:
        feature.float_list.value.extend(value.astype(np.float32).ravel())
    else:
        feature.int64_list.value.extend(value.astype(np.int64).ravel())


def _array(feature: tf.train.Feature, spec: tf.TensorSpec) -> np.ndarray:
    if spec.dtype == tf.uint8:
        values: Any = np.frombuffer(feature.bytes_list.value[0], np.uint8)
    elif spec.dtype.is_floating:
        values = np.array(feature.float_list.value)
    else:
        values = np.array(feature.int64_list.value)
    return values.astype(spec.dtype.as_numpy_dtype).reshape(spec.shape.as_list())
