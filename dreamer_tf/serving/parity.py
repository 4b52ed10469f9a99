"""Does the exported policy do what the live one does? If not, it must not leave."""

from __future__ import annotations

import math
import os
from typing import Callable, Dict, Mapping, NamedTuple

import numpy as np
import tensorflow as tf
from tf_agents.trajectories import time_step as ts

from dreamer_tf.errors import UserError
from dreamer_tf.policy import DreamerPolicy
from dreamer_tf.serving.policy_signatures import ACTION, IS_FIRST, SERVING, SINGLE, state_specs
from dreamer_tf.serving.recording import Recording

TOLERANCE = 1e-5
"""Largest difference of greedy actions, in units of the action range's half."""
BATCH = 3
DRAWS = 256
DRAW_STEPS = 8
FALSE_ALARM = 1e-6
"""Chance that a faithful sampling policy is refused."""

Inputs = Mapping[str, np.ndarray]
Step = Callable[[Inputs], Dict[str, np.ndarray]]


class SamplingCheck(NamedTuple):
    """How far apart the two distributions of actions look.

    Attributes:
      distance: largest difference of the empirical distribution functions of an action.
      bound: what equal distributions exceed with the chance `FALSE_ALARM`.
    """

    distance: float
    bound: float


def live_step(policy: DreamerPolicy) -> Step:
    """Returns the policy as TF-Agents calls it, compiled, from and to flat names."""
    compiled = tf.function(policy.action, autograph=False)
    spec = policy.time_step_spec

    def step(inputs: Inputs) -> Dict[str, np.ndarray]:
        first = np.asarray(inputs[IS_FIRST])
        batch = len(first)
        blind = {
            key: np.zeros((batch, *x.shape), x.dtype.as_numpy_dtype)
            for key, x in spec.observation.items()
        }
        observation = {key: tf.constant(inputs.get(key, blind[key])) for key in blind}
        step_type = np.where(first, ts.StepType.FIRST, ts.StepType.MID).astype(np.int32)
        ones = tf.ones([batch])
        state = {
            key: tf.cast(inputs[key], x.dtype) for key, x in policy.policy_state_spec.items()
        }
        result = compiled(ts.TimeStep(tf.constant(step_type), ones, ones, observation), state)
        state = {key: tf.cast(value, tf.float32).numpy() for key, value in result.state.items()}
        return {ACTION: result.action.numpy(), **state}

    return step


def signature_step(loaded, name: str) -> Step:
    """Returns a flat signature of a loaded SavedModel, numpy in and out."""
    signature = loaded.signatures[name]
    wanted = set(signature.structured_input_signature[1])

    def step(inputs: Inputs) -> Dict[str, np.ndarray]:
        outputs = signature(**{key: tf.constant(inputs[key]) for key in wanted})
        return {key: value.numpy() for key, value in outputs.items()}

    return step


def agents_step(loaded) -> Step:
    """Returns TF-Agents' signature ``action`` of a loaded SavedModel from and to flat names."""
    signature = loaded.signatures["action"]
    specs = {spec.name: spec for spec in signature.structured_input_signature[1].values()}

    def step(inputs: Inputs) -> Dict[str, np.ndarray]:
        first = np.asarray(inputs[IS_FIRST])
        batch = len(first)
        values = {name: tf.zeros([batch, *x.shape[1:]], x.dtype) for name, x in specs.items()}
        for name, spec in specs.items():
            key = name.rpartition("/")[2]
            if key in inputs:
                values[name] = tf.cast(inputs[key], spec.dtype)
        values["0/step_type"] = tf.constant(np.where(first, 0, 1).astype(np.int32))
        outputs = {key.rpartition("/")[2]: value for key, value in signature(**values).items()}
        action = outputs.pop(ACTION).numpy()
        return {ACTION: action, **{k: tf.cast(x, tf.float32).numpy() for k, x in outputs.items()}}

    return step


def zero_state(policy: DreamerPolicy, batch: int) -> Dict[str, np.ndarray]:
    """Returns a state of zeros; the first step of an episode ignores it."""
    return {
        key: np.zeros((batch, *spec.shape), np.float32)
        for key, spec in state_specs(policy).items()
    }


def play(policy: DreamerPolicy, step: Step, recording: Recording, batch: int) -> np.ndarray:
    """Lets a policy see a recording, and keeps its state between the steps.

    Args:
      policy: whose state it is.
      step: of the policy.
      recording: row b of the batch sees it from another step on.
      batch: B.

    Returns:
      Actions (T, B) or (T, B, A).
    """
    state, actions = zero_state(policy, batch), []
    offsets = np.arange(batch) * len(recording) // batch
    for t in range(len(recording)):
        inputs = recording.at((t + offsets) % len(recording))
        if t == 0:
            inputs[IS_FIRST] = np.ones(batch, bool)
        outputs = step({**inputs, **state})
        actions.append(outputs[ACTION])
        state = {key: outputs[key] for key in state}
    return np.stack(actions)


def check_greedy(policy: DreamerPolicy, folder: os.PathLike, recording: Recording) -> float:
    """Compares a saved greedy policy with the live one, each of its signatures.

    Returns:
      The largest difference of actions.

    Raises:
      UserError: it is larger than `TOLERANCE`, or a discrete action differs.
    """
    loaded, live, worst = tf.saved_model.load(str(folder)), live_step(policy), 0.0
    saved = {
        (SINGLE, 1): signature_step(loaded, SINGLE),
        (SERVING, BATCH): signature_step(loaded, SERVING),
        ("action", BATCH): agents_step(loaded),
    }
    expected = {batch: play(policy, live, recording, batch) for batch in (1, BATCH)}
    for (name, batch), step in saved.items():
        actions = play(policy, step, recording, batch)
        difference = np.abs(actions.astype(np.float64) - expected[batch])
        in_steps = difference.reshape(len(recording), -1).max(1)
        largest = float(in_steps.max())
        if not largest <= TOLERANCE:
            raise UserError(
                f"the exported policy ({name}) does not act as the live one: actions differ by "
                f"{largest:.2g} at step {in_steps.argmax()} of {len(recording)}; nothing was "
                "exported"
            )
        worst = max(worst, largest)
    return worst


def check_sampling(
    policy: DreamerPolicy, folder: os.PathLike, recording: Recording
) -> SamplingCheck:
    """Compares the distributions of the actions of a saved and the live sampling policy.

    At some steps of the recording both draw `DRAWS` actions from the same states (two-sample
    Kolmogorov-Smirnov test, with the bound of Dvoretzky, Kiefer, Wolfowitz and Massart).

    Raises:
      UserError: the distributions differ.
    """
    loaded, live = tf.saved_model.load(str(folder)), live_step(policy)
    count = int(policy.draw_count)
    try:
        draws = _draws(policy, live, signature_step(loaded, SERVING), recording)
    finally:
        policy.draw_count.assign(count)
    return compare_draws(*draws)


def compare_draws(live: np.ndarray, exported: np.ndarray) -> SamplingCheck:
    """Compares two samples of actions, (N,) or (N, A) each.

    Raises:
      UserError: they are not of one distribution.
    """
    live, exported = (np.reshape(x, (len(x), -1)).astype(np.float64) for x in (live, exported))
    distance = max(_ks_distance(live[:, i], exported[:, i]) for i in range(live.shape[1]))
    alpha = FALSE_ALARM / live.shape[1]
    bound = math.sqrt(-math.log(alpha / 2) / 2 * (1 / len(live) + 1 / len(exported)))
    if not distance <= bound:
        raise UserError(
            f"the exported sampling policy does not act as the live one: the distributions of its "
            f"actions differ by {distance:.3f} (at most {bound:.3f}); nothing was exported"
        )
    return SamplingCheck(distance, bound)


def _draws(policy, live: Step, exported: Step, recording: Recording):
    """Draws of both, each (N,) or (N, A); the live one's first draw leads on."""
    drawn: Dict[str, list] = {"live": [], "exported": []}
    state = zero_state(policy, 1)
    for t in range(min(DRAW_STEPS, len(recording))):
        inputs = {**recording.at(np.array([t])), **state}
        if t == 0:
            inputs[IS_FIRST] = np.ones(1, bool)
        many = {key: np.repeat(value, DRAWS, 0) for key, value in inputs.items()}
        outputs = live(many)
        drawn["live"].append(outputs[ACTION])
        drawn["exported"].append(exported(many)[ACTION])
        state = {key: outputs[key][:1] for key in state}
    return np.concatenate(drawn["live"]), np.concatenate(drawn["exported"])


def _ks_distance(a: np.ndarray, b: np.ndarray) -> float:
    points = np.union1d(a, b)
    share = lambda x: np.searchsorted(np.sort(x), points, side="right") / len(x)
    return float(np.max(np.abs(share(a) - share(b))))
