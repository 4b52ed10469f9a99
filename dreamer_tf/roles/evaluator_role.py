"""The evaluator as a process of its own."""

from __future__ import annotations

import contextlib
import time

import tensorflow as tf

from dreamer_tf.errors import ServerGone
from dreamer_tf.evaluator import Evaluator
from dreamer_tf.every import Every
from dreamer_tf.factory import make_agent
from dreamer_tf.metrics_log import MetricsLog
from dreamer_tf.policy_runner import PolicyRunner
from dreamer_tf.roles.bulletin import BulletinReader
from dreamer_tf.roles.farewell import Farewell
from dreamer_tf.roles.inbox import STATUS_BULLETIN
from dreamer_tf.roles.link import Link
from dreamer_tf.roles.role import Role
from dreamer_tf.roles.subscribed_policy import SubscribedPolicy
from dreamer_tf.roles.weights_subscriber import WeightsSubscriber
from dreamer_tf.stop_signal import StopSignal
from dreamer_tf.summaries import Summaries
from dreamer_tf.trainer import EVALUATE
from robot_envs import registry

IDLE_SECONDS = 0.5


class EvaluatorRole(Role):
    """Plays episodes with the mode of the newest policy, on a robot of its own (a twin)."""

    NAME = "evaluator"

    def run(self) -> int:
        """Evaluates every `Trainer.eval_every_steps` steps of the run until it is finished.

        Returns:
          0 when the run is finished (`Farewell`), else 128 + the signal's number.

        Raises:
          UserError, RobotError: see `Evaluator`.
        """
        with contextlib.ExitStack() as stack:
            stop = stack.enter_context(StopSignal())
            env = self._make_env(stack, EVALUATE, int(time.time()))
            agent = make_agent(env.time_step_spec(), env.action_spec(), seed=self._seed)
            weights = WeightsSubscriber(
                self._link("weights"), agent.policy.variables(), expected_run=self._own_run(agent)
            )
            stack.callback(weights.close)
            policy = SubscribedPolicy(PolicyRunner(agent.policy), weights)
            evaluator = Evaluator(
                env, policy, episodes=self._eval_episodes, warn=self.say  # type: ignore[arg-type]
            )
            writer = tf.summary.create_file_writer(str(self._folder.tensorboard))
            metrics = MetricsLog(self._folder.metrics, writer)
            stack.callback(metrics.close)
            fps = max(5.0, registry.get(self._robot).rate_hz)
            summaries = Summaries(self._folder.videos, writer, fps=fps)
            self._evaluate(stop, weights, evaluator, metrics, summaries)
            return stop.exit_code

    def _evaluate(self, stop, weights, evaluator, metrics, summaries) -> None:
        link = self._link("replay")
        board = BulletinReader(link, STATUS_BULLETIN)
        evaluate = Every(self._periods["eval_every_steps"])
        film = Every(self._periods["video_every_steps"])
        farewell, known = Farewell(weights, env_steps=self._env_steps), 0
        while not stop and not farewell.is_over(known):
            weights.check()
            time.sleep(IDLE_SECONDS)
            steps = _steps_of_run(link, board)
            known = known if steps is None else steps
            if weights.version <= 0 or steps is None or not evaluate(steps):
                continue
            version = weights.version
            result = evaluator.run(render=film(steps), stop=lambda: bool(stop))
            if result is None:
                return
            metrics.add({"eval/return": result.mean_return, "eval/mean_reward": result.mean_reward})
            metrics.write(steps, version)
            if result.frames:
                summaries.film("episode", result.frames, steps)
            self.say(
                f"step {steps:,}: evaluation with the mode of the policy: return "
                f"{result.mean_return:.2f}, mean reward a step {result.mean_reward:.3f}"
            )


def _steps_of_run(link: Link, board: BulletinReader) -> int | None:
    """Environment steps of all actors, None while the replay does not answer."""
    try:
        status = board.read() if link.up() else None
    except ServerGone:
        return None
    return None if status is None else int(status["env_steps"])
