"""Policies for the small runtime: TensorFlow Lite, one robot, builtin operations alone."""

from __future__ import annotations

import contextlib
import os
import pathlib
from typing import Dict, NamedTuple, Tuple

import numpy as np
import tensorflow as tf

from dreamer_tf.errors import UserError
from dreamer_tf.policy import DreamerPolicy
from dreamer_tf.serving.parity import live_step, zero_state
from dreamer_tf.serving.policy_signatures import ACTION, IS_FIRST, SINGLE
from dreamer_tf.serving.recording import Recording

FORMS: Tuple[Tuple[str, bool], ...] = (("float32", False), ("quantised", True))
TOLERANCE = 1e-4
SHARE = 0.9
"""Of the steps; where two classes of z are as likely, a last digit decides."""


class TFLiteCheck(NamedTuple):
    """How a TFLite policy compares with the live one, which leads it from step to step.

    Attributes:
      median: of the largest difference of actions in a step.
      largest: of these.
      share_equal: of the steps, within `TOLERANCE`.
    """

    median: float
    largest: float
    share_equal: float


def convert(saved_model: os.PathLike, folder: os.PathLike, kind: str) -> None:
    """Writes ``<kind>_float32.tflite`` and ``<kind>_quantised.tflite``.

    The latter keeps its large weights in eight bits (dynamic range) and computes in float32
    between them. Both have one signature, of the names of the SavedModel's ``single``.

    Args:
      saved_model: folder of the SavedModel.
      folder: exists.
      kind: greedy or sampling.

    Raises:
      UserError: the policy cannot be converted.
    """
    converter = tf.lite.TFLiteConverter.from_saved_model(
        str(saved_model), signature_keys=[SINGLE]
    )
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    for form, quantised in FORMS:
        converter.optimizations = [tf.lite.Optimize.DEFAULT] if quantised else []
        try:
            with _without_stderr():
                model = converter.convert()
        except Exception as error:  # the converter has an error class of its own, not public
            raise UserError(
                f"the policy cannot be converted to TFLite ({' '.join(str(error).split())[:200]}): "
                "export with --tflite=false"
            ) from error
        (pathlib.Path(folder) / f"{kind}_{form}.tflite").write_bytes(model)


def check(
    policy: DreamerPolicy, path: os.PathLike, recording: Recording, *, exact: bool
) -> TFLiteCheck:
    """Compares a greedy TFLite policy with the live one.

    Args:
      policy: greedy.
      path: of the .tflite file.
      recording: what both see; the live policy's state is given to both.
      exact: refuse when fewer than `SHARE` of the steps agree.

    Raises:
      UserError: it acts differently.
    """
    live, lite = live_step(policy), lite_step(path)
    state, differences = zero_state(policy, 1), []
    for t in range(len(recording)):
        inputs = {**recording.at(np.array([t])), **state}
        if t == 0:
            inputs[IS_FIRST] = np.ones(1, bool)
        outputs = live(inputs)
        action = lite(inputs)[ACTION]
        differences.append(np.abs(action.astype(np.float64) - outputs[ACTION]).max())
        state = {key: outputs[key] for key in state}
    result = TFLiteCheck(
        float(np.median(differences)),
        float(np.max(differences)),
        float(np.mean(np.asarray(differences) <= TOLERANCE)),
    )
    if exact and result.share_equal < SHARE:
        raise UserError(
            f"{pathlib.Path(path).name} does not act as the live policy: only "
            f"{result.share_equal:.0%} of its actions agree; nothing was exported"
        )
    return result


def lite_step(path: os.PathLike):
    """Returns a .tflite policy from and to flat names, numpy arrays with a batch of one."""
    interpreter = tf.lite.Interpreter(str(path), num_threads=1)
    runner = interpreter.get_signature_runner()
    wanted = set(runner.get_input_details())

    def step(inputs) -> Dict[str, np.ndarray]:
        return runner(**{key: np.asarray(inputs[key]) for key in wanted})

    return step


@contextlib.contextmanager
def _without_stderr():
    """The converter writes to the file descriptor itself, tens of lines."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
