"""A world model as TensorFlow signatures: for planning, what-if videos, fault alarms."""

from __future__ import annotations

import os
from typing import Dict, Mapping

import tensorflow as tf

from dreamer_tf.errors import UserError
from dreamer_tf.math.kl import categorical_kl
from dreamer_tf.types import IS_FIRST, PREV_ACTION, State
from dreamer_tf.world_model import WorldModel

STATE_KEYS = ("deter", "stoch")
OUTPUTS = ("reward", "continue", "posterior", "prior", "kl", "seed", "action")


class WorldModelSignatures(tf.Module):
    """What a world model can be asked, with flat names, any batch B and any length T.

    States are float32, whatever the model computes in. Discrete actions are one-hot (A,).
    """

    def __init__(self, world_model: WorldModel, observation_spec: Mapping[str, tf.TypeSpec]):
        """Traces nothing yet.

        Args:
          world_model: to be exported.
          observation_spec: of the robot, without batch dimension.

        Raises:
          UserError: an observation has the name of an input or an output.
        """
        super().__init__(name="world_model")
        shapes = world_model.encoder.shapes
        clash = sorted(set(shapes) & {*STATE_KEYS, *OUTPUTS, IS_FIRST, PREV_ACTION})
        if clash:
            raise UserError(
                f"the observations {clash} have names that an exported world model needs: "
                "rename them"
            )
        self._get = lambda: world_model  # TensorFlow would save all of what it finds in here
        self._observations = {
            key: tf.TensorSpec([None, None, *shape], observation_spec[key].dtype, key)
            for key, shape in sorted(shapes.items())
        }
        self.model_variables = list(world_model.variables)

    def functions(self):
        """Returns name to concrete function: observe, imagine, imagine_sample, decode."""
        rssm = self._get().rssm
        state = {
            "deter": tf.TensorSpec([None, rssm.deter], tf.float32, "deter"),
            "stoch": tf.TensorSpec([None, rssm.stoch, rssm.classes], tf.float32, "stoch"),
        }
        states = {
            key: tf.TensorSpec([None, None, *spec.shape[1:]], tf.float32, key)
            for key, spec in state.items()
        }
        action = tf.TensorSpec([None, None, rssm.action_size], tf.float32)
        seen = {
            **self._observations,
            PREV_ACTION: action,
            IS_FIRST: tf.TensorSpec([None, None], tf.bool),
        }
        seed = tf.TensorSpec([2], tf.int32)
        trace = lambda f, specs: tf.function(
            lambda **inputs: f(inputs), autograph=False
        ).get_concrete_function(**specs)
        return {
            "observe": trace(self._observe, {**state, **seen}),
            "imagine": trace(self._imagine, {**state, "action": action}),
            "imagine_sample": trace(self._imagine, {**state, "action": action, "seed": seed}),
            "decode": trace(self._decode, states),
        }

    def _observe(self, inputs) -> Dict[str, tf.Tensor]:
        """States (B, T, ...) after each step, by modes of z; ``kl`` (B, T) is the surprise."""
        model = self._get()
        observed = model.rssm.observe(
            model.embed(inputs), inputs[PREV_ACTION], inputs[IS_FIRST], None, self._state(inputs)
        )
        return {
            **_as_float(observed.state),
            "posterior": observed.posterior,
            "prior": observed.prior,
            "kl": categorical_kl(observed.posterior, observed.prior),
        }

    def _imagine(self, inputs) -> Dict[str, tf.Tensor]:
        """States (B, T, ...) after each action; by modes of z, or drawn with a ``seed``."""
        states = self._get().rssm.imagine(
            self._state(inputs), inputs["action"], inputs.get("seed")
        )
        return _as_float(states)

    def _decode(self, inputs) -> Dict[str, tf.Tensor]:
        """Observations (B, T, ...), pictures in [0, 1]; ``reward`` and ``continue`` (B, T)."""
        model = self._get()
        features = self._state(inputs).features()
        return {
            **model.decode(features),
            "reward": model.reward_head.mean(features),
            "continue": model.continue_head.mean(features),
        }

    def _state(self, inputs) -> State:
        dtype = self._get().rssm.compute_dtype
        return State(*(tf.cast(inputs[key], dtype) for key in STATE_KEYS))


def save_world_model(
    world_model: WorldModel, observation_spec: Mapping[str, tf.TypeSpec], folder: os.PathLike
) -> None:
    """Writes a SavedModel with the signatures of `WorldModelSignatures`.

    Raises:
      UserError: an observation's name does not fit.
      OSError, tf.errors.OpError: it cannot be written.
    """
    module = WorldModelSignatures(world_model, observation_spec)
    signatures = module.functions()
    tf.saved_model.save(module, str(folder), signatures=signatures)


def _as_float(state: State) -> Dict[str, tf.Tensor]:
    return {key: tf.cast(getattr(state, key), tf.float32) for key in STATE_KEYS}
