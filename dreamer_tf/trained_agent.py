"""What the training program asks of an agent; `DreamerAgent` and the baselines give it."""

from __future__ import annotations

from typing import Any, Dict, Optional, Protocol, Sequence

import numpy as np
import tensorflow as tf
from tf_agents.agents import tf_agent
from tf_agents.environments import py_environment
from tf_agents.trajectories import time_step as ts

from dreamer_tf.types import Batch


class Runner(Protocol):
    """Chooses actions for one robot, step by step; `PolicyRunner` is one."""

    def action(self, time_step: ts.TimeStep) -> np.ndarray:
        """Returns (A,) float32 or () int32 for a time step without batch dimension."""


class TrainedAgent(Protocol):
    """An agent as Trainer, Learner and Collector see it.

    Attributes:
      replay_signature: spec of one step of replay, key to `tf.TensorSpec`.
      num_discrete_actions: None when actions are continuous.
      train_step_counter: () int64, updates that were made; `train` counts them.
      variables: whose shapes tell agents of different sizes apart.
    """

    replay_signature: Dict[str, tf.TensorSpec]
    num_discrete_actions: Optional[int]
    train_step_counter: tf.Variable
    variables: Sequence[tf.Variable]

    def runner(self, env: py_environment.PyEnvironment, *, greedy: bool) -> Runner:
        """Returns what moves the robot of `env`: to evaluate if greedy, else to collect."""

    def train(self, experience: Batch) -> tf_agent.LossInfo:
        """Makes one update from a batch of (B, T, ...); `extra` holds scalars. Compiled."""

    def checkpoint_items(self) -> Dict[str, Any]:
        """Everything that a resumed run needs of the agent: name to trackable."""
