"""Collects and trains in turns, in one thread, and looks after everything on the way."""
from __future__ import annotations

import collections
import time
from typing import Callable, Deque, Dict, Optional

import numpy as np

from dreamer_tf.collector import Collector, Episode
from dreamer_tf.console.operator import Operator
from dreamer_tf.evaluator import Evaluator
from dreamer_tf.every import Every
from dreamer_tf.learner import Learner
from dreamer_tf.learning_curve import LearningCurve
from dreamer_tf.metrics_log import MetricsLog
from dreamer_tf.progress import Progress
from dreamer_tf.stop_signal import StopSignal
from dreamer_tf.summaries import Summaries

RETURNS_SHOWN = 10
PAUSE_SECONDS = 0.05


class TrainingLoop:
    """One environment step, then the updates that the replay ratio allows, and again.

    It owns no resource: whoever makes it closes the environments, the replay and the files.
    """

    def __init__(self, *, collector: Collector, learner: Learner,
                 updates_due: Callable[[], int], evaluator: Optional[Evaluator],
                 metrics: MetricsLog, curve: LearningCurve, summaries: Summaries,
                 progress: Progress, stop: StopSignal, save: Callable[[Dict], None],
                 open_loop: Callable[[], None], first_update: Callable[[], None],
                 replay_sizes: Callable[[], Dict[str, float]], log_every: int,
                 eval_every_steps: int, video_every_steps: int,
                 checkpoint_every_minutes: float, operator: Operator, state: Dict,
                 work_left: Callable[[], bool] = lambda: False):
        """Puts the parts together.

        Args:
          collector: makes environment steps.
          learner: makes updates.
          updates_due: updates that the replay allows in all since this process started.
          evaluator: plays episodes with the mode of the policy; None for no evaluation.
          metrics: takes every scalar.
          curve: takes every training episode.
          summaries: takes videos.
          progress: the line that people see.
          stop: true when somebody asked to stop.
          save: writes a checkpoint that holds the given state.
          open_loop: writes what the world model predicts.
          first_update: called once, after the first update of this process.
          replay_sizes: gives name -> number for the log.
          log_every: updates between two lines in the log.
          eval_every_steps: environment steps between evaluations, 0 for never.
          video_every_steps: environment steps between videos, 0 for never.
          checkpoint_every_minutes: time between checkpoints.
          operator: may pause the robot; is told how far the run is.
          state: what an earlier process has left (`state`), or {}.
          work_left: asked when all steps are made: whether updates are still due.
        """
        self._collector, self._learner = collector, learner
        self._updates_due, self._evaluator = updates_due, evaluator
        self._metrics, self._curve, self._summaries = metrics, curve, summaries
        self._progress, self._stop, self._save = progress, stop, save
        self._operator = operator
        self._open_loop, self._first_update = open_loop, first_update
        self._replay_sizes, self._work_left = replay_sizes, work_left
        self._first_updates = learner.updates
        self._log = Every(log_every, learner.updates)
        self._evaluate = Every(eval_every_steps, collector.env_steps)
        self._film = Every(video_every_steps, collector.env_steps)
        self._save_every = 60 * checkpoint_every_minutes
        self._saved = time.monotonic()
        self._returns: Deque[float] = collections.deque(state.get('returns', ()), RETURNS_SHOWN)
        self._episodes = state.get('episodes', 0)
        self._mark = (time.perf_counter(), collector.env_steps, learner.updates)

    def state(self) -> Dict:
        """Returns the counters, as a checkpoint keeps them."""
        return {'env_steps': self._collector.env_steps, 'updates': self._learner.updates,
                'episodes': self._episodes, 'returns': list(self._returns),
                'seconds': round(self._metrics.seconds, 1)}

    def run(self, env_steps: int) -> None:
        """Goes on until `env_steps` environment steps are made, or until the stop signal.

        Raises:
          UserError: the loss is not finite, or something could not be saved.
          RobotError: the robot or its sensors fail.
        """
        while not self._stop and (self._collector.env_steps < env_steps or self._work_left()):
            if self._operator.is_paused:
                time.sleep(PAUSE_SECONDS)
            else:
                episode = self._collector.step()
                if episode is not None:
                    self._episode_ended(episode)
            self._learn()
            self._now_and_then()
            self._show()

    def _learn(self) -> None:
        due = self._first_updates + self._updates_due()
        while self._learner.updates < due and not self._stop:
            vector = self._learner.update()
            self._metrics.add_vector(self._learner.names, vector)
            if self._first_update is not None:
                self._first_update()
                self._first_update = None
                self._learner.train_seconds = 0.0  # compiling is not what an update costs
            if self._log(self._learner.updates):
                self._write_metrics()
            self._save_if_due()
            self._show()

    def _now_and_then(self) -> None:
        steps = self._collector.env_steps
        learned = self._learner.updates > 0
        film = self._film(steps) and learned
        if film:
            self._open_loop()
        if self._evaluate(steps) and learned and self._evaluator is not None:
            self._run_evaluation(film)
        self._save_if_due()

    def _run_evaluation(self, film: bool) -> None:
        began = time.perf_counter()
        result = self._evaluator.run(render=film, stop=lambda: bool(self._stop))
        if result is None:
            return
        steps = self._collector.env_steps
        self._metrics.add({'eval/return': result.mean_return,
                           'eval/mean_reward': result.mean_reward,
                           'time/evaluation_seconds': time.perf_counter() - began})
        if result.frames:
            self._summaries.film('episode', result.frames, steps)
        self._progress.say('step {:,}: evaluation with the mode of the policy: return {:.2f}, '
                           'mean reward a step {:.3f}'.format(
                               steps, result.mean_return, result.mean_reward))

    def _episode_ended(self, episode: Episode) -> None:
        self._episodes += 1
        self._returns.append(episode.total_reward)
        self._curve.add(self._collector.env_steps, total_reward=episode.total_reward,
                        length=episode.length)
        self._metrics.add({'episode/return': episode.total_reward,
                           'episode/mean_reward': episode.mean_reward,
                           'episode/length': episode.length,
                           **{'robot/' + name: count for name, count in episode.account.items()}})

    def _save_if_due(self) -> None:
        if time.monotonic() - self._saved >= self._save_every:
            self._save(self.state())
            self._saved = time.monotonic()

    def _show(self) -> None:
        value = float(np.mean(self._returns)) if self._returns else None
        steps, updates = self._collector.env_steps, self._learner.updates
        self._progress.update(steps, updates, value)
        self._operator.report(learner={'updates': updates})

    def _write_metrics(self) -> None:
        now, steps, updates = time.perf_counter(), self._collector.env_steps, self._learner.updates
        then, steps_then, updates_then = self._mark
        self._mark = (now, steps, updates)
        made, stepped = max(1, updates - updates_then), steps - steps_then
        learner, collector = self._learner, self._collector
        self._metrics.add({
            'rate/env_steps': stepped / (now - then),
            'rate/updates': made / (now - then),
            'time/update_ms': 1e3 * learner.train_seconds / made,
            'time/replay_wait_ms': 1e3 * learner.wait_seconds / made,
        })
        if stepped and collector.env_seconds:
            self._metrics.add({'time/policy_ms': 1e3 * collector.policy_seconds / stepped,
                               'time/env_ms': 1e3 * collector.env_seconds / stepped})
            collector.policy_seconds = collector.env_seconds = 0.0
        learner.train_seconds = learner.wait_seconds = 0.0
        self._metrics.add(self._replay_sizes())
        self._metrics.add({'episode/count': self._episodes})
        self._metrics.write(steps, updates)
