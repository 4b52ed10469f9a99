"""An agent that never learns."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, Optional

import tensorflow as tf
from tf_agents.agents import tf_agent
from tf_agents.environments import py_environment

from dreamer_tf.trained_agent import Runner
from dreamer_tf.types import Batch

MakeRunner = Callable[[py_environment.PyEnvironment, bool, tf.Variable], Runner]


class FixedAgent:
    """Goes through the same program as the others; its updates count themselves and do no more.

    Args:
      step_signature: spec of one step of replay.
      num_discrete_actions: None when actions are continuous.
      make_runner: of an environment, whether it evaluates, and the count of the steps that it has
        chosen so far, () int64, which a checkpoint keeps.
    """

    def __init__(
        self,
        step_signature: Mapping[str, tf.TensorSpec],
        num_discrete_actions: Optional[int],
        make_runner: MakeRunner,
    ):
        self.replay_signature = dict(step_signature)
        self.num_discrete_actions = num_discrete_actions
        self._make_runner = make_runner
        self.train_step_counter = _counter("train_step")
        self._chosen = {greedy: _counter("chosen") for greedy in (False, True)}
        self.variables: List[tf.Variable] = []

    def runner(self, env: py_environment.PyEnvironment, *, greedy: bool) -> Runner:
        """See `TrainedAgent.runner`."""
        return self._make_runner(env, greedy, self._chosen[greedy])

    def train(self, experience: Batch) -> tf_agent.LossInfo:
        """Counts an update; the loss is 0."""
        del experience
        self.train_step_counter.assign_add(1)
        return tf_agent.LossInfo(tf.constant(0.0), {})

    def checkpoint_items(self) -> Dict[str, Any]:
        """See `TrainedAgent.checkpoint_items`."""
        return {
            "train_step": self.train_step_counter,
            "collected": self._chosen[False],
            "evaluated": self._chosen[True],
        }


def _counter(name: str) -> tf.Variable:
    return tf.Variable(0, trainable=False, dtype=tf.int64, name=name)
