"""A policy at the robot: an exported SavedModel, TensorFlow, and nothing else of the training."""

from __future__ import annotations

import os
from typing import Any, Dict, Mapping

import numpy as np

from dreamer_tf.errors import UserError
from dreamer_tf.serving import description

SIGNATURE = "single"


class ExportedPolicy:
    """Acts for one robot and keeps the policy's state between the steps.

    Attributes:
      folder: of the version.
      description: content of its policy.json.
    """

    def __init__(self, path: os.PathLike, kind: str = "greedy"):
        """Loads the policy by `tf.saved_model.load`.

        Args:
          path: folder of a version, of versions (the newest is taken), or of an export.
          kind: greedy or sampling, where `path` is the folder of an export.

        Raises:
          UserError: there is none, or it is damaged, or it is something else.
        """
        self.folder = description.newest(path, kind)
        self.description = description.read(self.folder)
        if self.description["kind"] not in ("greedy", "sampling"):
            raise UserError(
                f"{self.folder} is no policy but a {self.description['kind']}: give the folder "
                "greedy or sampling beside it"
            )
        self._model = _load(self.folder)  # a signature alone does not keep its variables alive
        import tensorflow as tf

        self._constant = tf.constant
        self._state: Dict[str, np.ndarray] = {}
        self.forget()

    @property
    def robot(self) -> str:
        """The robot that it was trained for."""
        return self.description["robot"]["name"]

    def check_robot(self, name: str, observation_spec: Mapping[str, Any], action_spec: Any) -> None:
        """Refuses a robot that the policy was not made for.

        Args:
          name: as in `--robot`.
          observation_spec: of its environment; more observations than needed are fine.
          action_spec: likewise.

        Raises:
          UserError: it is another robot, or its observations or actions have changed since.
        """
        if name != self.robot:
            raise UserError(
                f"the policy in {self.folder} is for --robot={self.robot}, not for {name}"
            )
        specs = {key: description.spec_json(x) for key, x in observation_spec.items()}
        for key, wanted in self.description["observation"].items():
            self._same(f"observation '{key}'", specs.get(key), wanted)
        wanted = self.description["action"]
        self._same("action", description.spec_json(action_spec), wanted)

    def action(self, observation: Mapping[str, np.ndarray], is_first: bool = False) -> np.ndarray:
        """Returns the action for what the robot sees.

        Args:
          observation: key to array without batch dimension; more than needed is fine.
          is_first: whether an episode begins; the first call after `forget` begins one anyway.

        Returns:
          float32 (A,) in [-1, 1], or an int32 scalar when actions are discrete.

        Raises:
          UserError: an observation is missing, or has another shape or dtype.
        """
        inputs = {
            key: self._checked(key, observation, spec)[None]
            for key, spec in self.description["observation"].items()
        }
        first = np.asarray([is_first or self._fresh])
        given = {**inputs, **self._state, "is_first": first}
        constant = self._constant
        outputs = self._model.signatures[SIGNATURE](**{k: constant(x) for k, x in given.items()})
        self._fresh = False
        self._state = {key: outputs[key].numpy() for key in self._state}
        return outputs["action"].numpy()[0]

    def executed(self, action: np.ndarray) -> None:
        """Tells the policy what was done instead of the action that it gave last.

        Args:
          action: as `action` gives it.
        """
        spec = self.description["state"].get("prev_action")
        if spec is None:
            return  # a policy that does not remember its actions
        action = np.asarray(action)
        if np.issubdtype(action.dtype, np.integer):
            action = np.eye(spec["shape"][0])[int(action)]
        self._state["prev_action"] = np.asarray(action, spec["dtype"])[None]

    def forget(self) -> None:
        """Drops the state: what comes next is seen as a beginning."""
        self._state = {
            key: np.zeros((1, *spec["shape"]), spec["dtype"])
            for key, spec in self.description["state"].items()
        }
        self._fresh = True

    def _checked(self, key: str, observation: Mapping[str, Any], spec: Mapping[str, Any]):
        if key not in observation:
            raise UserError(
                f"the policy wants the observation '{key}', which is not among "
                f"{sorted(observation)}"
            )
        value = np.asarray(observation[key])
        if list(value.shape) != spec["shape"] or value.dtype.name != spec["dtype"]:
            raise UserError(
                f"observation '{key}': the policy wants {spec['dtype']} {tuple(spec['shape'])}, "
                f"not {value.dtype.name} {value.shape}"
            )
        return value

    def _same(self, what: str, found: Any, wanted: Mapping[str, Any]) -> None:
        if found is None:
            raise UserError(f"the robot has no {what}, which the policy in {self.folder} wants")
        for part in ("shape", "dtype", "minimum", "maximum"):
            if found.get(part) != wanted.get(part):
                raise UserError(
                    f"{what}: the policy in {self.folder} has {part} {wanted.get(part)}, the robot "
                    f"{found.get(part)}"
                )


def _load(folder):
    import tensorflow as tf  # seconds; a wrong folder is to be told at once

    try:
        loaded = tf.saved_model.load(str(folder))
        if SIGNATURE not in loaded.signatures:
            raise ValueError(f"there is no signature '{SIGNATURE}'")
    except (OSError, ValueError, tf.errors.OpError) as error:
        raise UserError(
            f"{folder} cannot be loaded ({' '.join(str(error).split())[:200]}): export again"
        ) from error

    return loaded
