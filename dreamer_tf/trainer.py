"""Puts a whole training run together: robot, replay, agent, and everything that is kept."""
from __future__ import annotations

import contextlib
import math
import time
from typing import Any, Callable, Dict, List, Optional, Sequence

import gin
import numpy as np
import tensorflow as tf

from dreamer_tf import checkpoint_folders, checkpoints
from dreamer_tf import config, factory, metrics_log  # noqa: F401  gin names of factory
from dreamer_tf.baselines import catalog
from dreamer_tf.collector import Collector
from dreamer_tf.console.open_console import open_console
from dreamer_tf.console.operated_environment import OperatedEnvironment
from dreamer_tf.console.operator import Operator
from dreamer_tf.errors import UserError
from dreamer_tf.evaluator import Evaluator
from dreamer_tf.export_process import ExportProcess
from dreamer_tf.inline_replay import InlineReplay
from dreamer_tf.learner import Learner, NotFiniteError
from dreamer_tf.learning_curve import LearningCurve
from dreamer_tf.progress import Progress
from dreamer_tf.recording.demonstrations import append_all
from dreamer_tf.replay.kind import ReplayKind
from dreamer_tf.replay.priorities import Priorities
from dreamer_tf.replay.replay_settings import ReplaySettings
from dreamer_tf.replicas import check_devices, scope_on
from dreamer_tf.run_folder import RunFolder
from dreamer_tf.stop_signal import StopSignal
from dreamer_tf.summaries import Summaries
from dreamer_tf.training_loop import TrainingLoop
from robot_envs import registry
from robot_envs.errors import RobotError
from robot_envs.registry import TWIN

COLLECT, EVALUATE = 0, 1
OPEN_LOOP_SEQUENCES = 4


def _say(text: str) -> None:
    print('dreamer_tf: ' + text, flush=True)


@gin.configurable
class Trainer:
    """One run of the training binary, from an empty or a stopped folder to the finished curve."""

    LAYOUT = 'inline'  # whose folders those of a run in one process and of roles are

    def __init__(self, robot: str, folder: RunFolder, settings: config.Settings, *, seed: int,
                 agent: str = catalog.DREAMER, backend: str = TWIN,
                 replay_address: Optional[str] = None,
                 began: Optional[float] = None, demonstrations: Sequence[str] = (),
                 env_steps: int = 10_000,
                 prefill_steps: int = 500, prefill_hold_steps: int = 1,
                 replay_ratio: float = 256.0, batch_size: int = 16,
                 sequence_length: int = 32, stride: int = 1,
                 replay_capacity_steps: int = 1_000_000, log_every: int = 50,
                 eval_every_steps: int = 1_000, eval_episodes: int = 1,
                 video_every_steps: int = 2_000, open_loop_context_steps: int = 5,
                 checkpoint_every_minutes: float = 10.0, checkpoints_kept: int = 2,
                 export_at_checkpoints: bool = False,
                 devices: Optional[Sequence[str]] = None, priority_exponent: float = 0.5):
        """Holds the settings; nothing is made before `run`.

        An agent that learns on policy (`catalog.replay_kind`) has no prefill, a stride of
        sequence_length - 1 and every sequence once: these three settings are not asked.

        Args:
          robot: name in `robot_envs.registry`.
          folder: the run's folder, locked.
          settings: where the gin settings came from.
          seed: of weights, actions and simulation.
          agent: name in `dreamer_tf.baselines.catalog`.
          backend: what stands behind the robot that collects, see `robot_envs.registry`.
          replay_address: host:port of a running replay server; None starts one in this process.
          began: `time.monotonic()` when the program began; None is now.
          demonstrations: recordings whose steps a new run has in its replay from the start.
          env_steps: environment steps of the whole run.
          prefill_steps: of them, the first ones with random actions.
          prefill_hold_steps: environment steps that each of these is held for.
          replay_ratio: R, replayed steps for each environment step.
          batch_size: B, sequences of an update.
          sequence_length: T, steps of a sequence.
          stride: environment steps from one sequence in the replay to the next.
          replay_capacity_steps: environment steps that the replay holds.
          log_every: updates between two lines of metrics.
          eval_every_steps: environment steps between evaluations with the mode of the policy.
          eval_episodes: episodes of an evaluation.
          video_every_steps: environment steps between videos.
          open_loop_context_steps: steps that the model sees before it predicts alone.
          checkpoint_every_minutes: minutes between checkpoints.
          checkpoints_kept: how many are kept.
          export_at_checkpoints: export each checkpoint to `policies/` of the run's folder, in a
            process of its own (`dreamer_tf/export_process.py`).
          devices: over which the sequences of an update are split, e.g. `('GPU:0', 'GPU:1')`;
            None trains on one, of TensorFlow's choice.
          priority_exponent: alpha of a prioritised replay, 0 draws all sequences alike.
        """
        self._robot, self._folder, self._settings, self._seed = robot, folder, settings, seed
        self._agent, self._backend = agent, backend
        self._began = time.monotonic() if began is None else began
        self._demonstrations = demonstrations
        self._env_steps, self._prefill_hold_steps = env_steps, prefill_hold_steps
        self._eval_episodes = eval_episodes
        self._context_steps = open_loop_context_steps
        self._checkpoints_kept = checkpoints_kept
        self._export = ExportProcess(folder.path, say=_say) if export_at_checkpoints else None
        self._devices = devices
        self._periods: Dict[str, Any] = {
            'log_every': log_every, 'eval_every_steps': eval_every_steps,
            'video_every_steps': video_every_steps,
            'checkpoint_every_minutes': checkpoint_every_minutes}
        _check_whole(env_steps=env_steps, batch_size=batch_size, sequence_length=sequence_length,
                     eval_episodes=eval_episodes, prefill_steps=prefill_steps, log_every=log_every)
        self._check_agent(sequence_length)
        self._replay_settings = ReplaySettings(
            agent, catalog.replay_kind(agent), address=replay_address,
            demonstrated=bool(demonstrations), batch_size=batch_size,
            sequence_length=sequence_length, stride=stride, prefill_steps=prefill_steps,
            replay_ratio=replay_ratio, capacity_steps=replay_capacity_steps,
            priority_exponent=priority_exponent)
        check_devices(devices, batch_size)

    def run(self) -> int:
        """Trains until the run is finished or somebody stops it.

        Returns:
          0 when it is finished, 130 or 143 after a signal.

        Raises:
          UserError, RobotError: see `main`; the environments are closed and, unless a loss is
            not finite, the run is saved before.
        """
        done = self._finished_steps()
        if done >= self._env_steps:
            _say('this run is finished ({:,} steps); --env_steps=N goes on to N'.format(done))
            return 0
        scope = scope_on(self._devices)
        with contextlib.ExitStack() as stack:
            stop = stack.enter_context(StopSignal())
            env = self._make_env(stack, COLLECT)
            with scope:
                agent = catalog.make(self._agent, self._robot, env.time_step_spec(),
                                     env.action_spec(), seed=self._seed)
            sizes = checkpoints.sizes(agent.variables)
            self._folder.check_same_sizes(**sizes)
            saved = checkpoints.Checkpoints(self._folder.checkpoints, agent.checkpoint_items(),
                                            keep=self._checkpoints_kept)
            restored = saved.restore()
            state = restored.state if restored else {}
            if self._export is not None:
                self._export.resume(state.get('env_steps', 0))
            self._write_run(sizes)
            self._say_start(sizes, state)
            replay = self._make_replay(stack, agent.replay_signature, saved)
            evaluator_env = None
            if self._backend == TWIN:  # There is one real robot, and it is collecting.
                # The evaluator's robot must not repeat the episodes that are trained on.
                evaluator_env = self._make_env(stack, EVALUATE, state.get('env_steps', 0))
            return self._train(stack, stop, env, evaluator_env, agent, saved, replay, state)

    def _finished_steps(self) -> int:
        """The steps of the newest checkpoint; read only if by its name the run is finished."""
        done = checkpoint_folders.newest_steps(self._folder.checkpoints)
        if done < self._env_steps:
            return done
        found = checkpoints.newest_readable(
            self._folder.checkpoints, warn=lambda line: None)  # who restores it tells
        return checkpoint_folders.order(found.path)[0] if found else 0

    def unused_settings(self) -> List[str]:
        """Returns what the user has set and nothing in this process has used so far."""
        return config.unused_bindings(self._settings.own_names)

    def tell_unused(self, say: Callable[[str], Any]) -> None:
        """Warns of `unused_settings`, a line each."""
        for name in self.unused_settings():
            say('warning: the setting {} is used by nothing'.format(name))

    def _train(self, stack, stop, env, evaluator_env, agent, saved, replay, state) -> int:
        steps = state.get('env_steps', 0)
        if not state:
            self._demonstrate(agent, replay)
        metrics_log.cut_after(self._folder.metrics, steps)
        writer = tf.summary.create_file_writer(str(self._folder.tensorboard))
        stack.callback(writer.close)
        metrics = metrics_log.MetricsLog(self._folder.metrics, writer,
                                         start_seconds=state.get('seconds', 0.0))
        stack.callback(metrics.close)
        learner = self._make_learner(agent, replay)
        progress = Progress(self._env_steps, start=steps, updates=learner.updates,
                            total_updates=int(self._env_steps
                                              * self._replay_settings.updates_per_step))
        stack.callback(progress.close)
        operator = self._open_console(stack, stop, lambda text: progress.say('dreamer_tf: ' + text))
        collector = self._make_collector(OperatedEnvironment(env, operator, env_steps=steps), agent,
                                         replay, steps, progress.say)
        summaries = Summaries(self._folder.videos, writer,
                              fps=max(5.0, registry.get(self._robot).rate_hz))
        curve = LearningCurve(self._folder.curve, resume_at=steps,
                              kind=registry.get(self._robot).curve_value)

        def open_loop():
            batch = {key: value[:OPEN_LOOP_SEQUENCES] for key, value in learner.last_batch.items()}
            if not batch or not catalog.has_world_model(self._agent):
                return  # just resumed, no update yet; or there is no world model to look at
            summaries.open_loop(agent.open_loop(batch, self._context_steps), self._context_steps,
                                collector.env_steps)

        loop = TrainingLoop(
            collector=collector, learner=learner, updates_due=replay.updates_due,
            evaluator=self._make_evaluator(evaluator_env, agent, progress.say),
            metrics=metrics, curve=curve, summaries=summaries, progress=progress, stop=stop,
            save=lambda counters: self._save(saved, replay, counters), open_loop=open_loop,
            first_update=lambda: self._after_first_update(progress),
            replay_sizes=replay.sizes, work_left=replay.work_left, operator=operator, state=state,
            **self._periods)
        return self._follow(loop, stop, env, saved, replay, curve, progress)

    def _follow(self, loop, stop, env, saved, replay, curve, progress) -> int:
        """Runs the loop; on every way out the robot is closed first, and the curve drawn."""
        try:
            loop.run(self._env_steps)
        except NotFiniteError:
            raise
        except (RobotError, UserError):
            env.close()  # the robot comes first; saving takes seconds
            self._try_to_save(saved, replay, loop.state(), progress)
            raise
        finally:
            env.close()
            self._draw(curve, progress)
        self._save(saved, replay, loop.state())
        progress.close()
        if self._export is not None and not stop:
            self._export.finish()
        self._say_end(stop, loop.state(), curve)
        return stop.exit_code

    def _make_env(self, stack: contextlib.ExitStack, role: int, *resumed_at: int):
        words = np.random.SeedSequence([self._seed, role, *(resumed_at or (0,))]).generate_state(1)
        env = registry.make(self._robot, seed=int(words[0] >> 1),
                            backend=self._backend if role == COLLECT else TWIN)
        stack.callback(env.close)
        return env

    def _open_console(self, stack: contextlib.ExitStack, stop: StopSignal, say) -> Operator:
        return open_console(stack, self._folder.path, say=say, stop=stop.ask)

    def _make_learner(self, agent, replay) -> Learner:
        prioritised = self._replay_settings.kind is ReplayKind.PRIORITISED
        return Learner(agent, replay.batches, Priorities(replay.client) if prioritised else None)

    def _make_collector(self, env, agent, replay, steps: int, say):
        return self._collector(env, agent, agent.runner(env, greedy=False),
                               self._append(agent, replay), steps,
                               warn=lambda line: say('dreamer_tf: warning: ' + line))

    def _append(self, agent, replay) -> Callable[[dict], None]:
        """Returns what takes a step for the replay."""
        if self._replay_settings.kind is not ReplayKind.PRIORITISED:
            return replay.writer.append
        return lambda step: replay.writer.append(step, priority=agent.new_priority())

    def _collector(self, env: OperatedEnvironment, agent, policy, write, steps: int,
                   warn) -> Collector:
        return Collector(env, policy, write, prefill_steps=self._replay_settings.prefill_steps,
                         prefill_hold_steps=self._prefill_hold_steps, seed=self._seed,
                         env_steps=steps, num_discrete_actions=agent.num_discrete_actions,
                         warn=warn, paused=lambda: env.is_paused)

    def _make_evaluator(self, env, agent, warn) -> Optional[Evaluator]:
        if env is None:
            return None
        return Evaluator(env, agent.runner(env, greedy=True), episodes=self._eval_episodes,
                         warn=warn)

    def _make_replay(self, stack, signature, saved: checkpoints.Checkpoints):
        return InlineReplay.open(stack, self._replay_settings, signature, self._folder.replay,
                                 saved)

    def _demonstrate(self, agent, replay) -> None:
        if self._demonstrations:
            steps = append_all(self._demonstrations, agent.replay_signature, self._robot,
                               self._append(agent, replay))
            _say('{:,} demonstrated steps are in the replay'.format(steps))

    def _save(self, saved: checkpoints.Checkpoints, replay, state: Dict) -> None:
        saved.save(state['env_steps'], state, replay.checkpoint())
        if self._export is not None:
            self._export.start(state['env_steps'])

    def _try_to_save(self, saved, replay, state: Dict, progress: Progress) -> None:
        try:
            self._save(saved, replay, state)
        except UserError as error:  # why the run ended is the error to show, and comes last
            progress.say('dreamer_tf: warning: not saved: {}'.format(error))
        else:
            progress.say('dreamer_tf: saved at step {:,}; the same command goes on'.format(
                state['env_steps']))

    def _draw(self, curve: LearningCurve, progress: Progress) -> None:
        try:
            curve.draw('{} (seed {})'.format(self._robot, self._seed))
        except OSError as error:  # a picture must not hide why the run ended
            progress.say('dreamer_tf: warning: no picture of the curve ({})'.format(error))

    def _after_first_update(self, progress: Progress) -> None:
        config.save_operative(self._folder.config)
        self.tell_unused(lambda line: progress.say('dreamer_tf: ' + line))
        progress.say('dreamer_tf: first update {:.0f} s after the start'.format(
            time.monotonic() - self._began))

    def _write_run(self, sizes: Dict[str, Any]) -> None:
        self._folder.write_run({
            'robot': self._robot, 'agent': self._agent, 'seed': self._seed,
            'backend': self._backend, 'layout': self.LAYOUT, **sizes,
            'gin_files': list(self._settings.files),
            'gin_bindings': list(self._settings.bindings),
            'demonstrations': list(self._demonstrations)})
        config.save_operative(self._folder.config)

    def _say_start(self, sizes, state) -> None:
        _say('{} to {:,} steps, {:,} numbers in the agent, everything goes to {}'.format(
            self._robot, self._env_steps, sizes['parameters'], self._folder.path))
        if state:
            _say('going on from step {:,}, update {:,}'.format(
                state['env_steps'], state['updates']))

    def _say_end(self, stop: StopSignal, state: Dict, curve: LearningCurve) -> None:
        done = '{:,} steps, {:,} updates, {}'.format(
            state['env_steps'], state['updates'],
            time.strftime('%H:%M:%S', time.gmtime(state['seconds'])))
        if stop:
            _say('stopped and saved at {}; the same command goes on'.format(done))
            return
        last = curve.last_mean(1000)
        value = '' if math.isnan(last) else (
            '; {} over the last 1,000 steps: {:.3f}'.format(curve.label, last))
        _say('finished: {}{}'.format(done, value))
        _say('the curve is in {}'.format(self._folder.curve.with_suffix('.png')))

    def _check_agent(self, sequence_length: int) -> None:
        if self._export is not None and self._agent != catalog.DREAMER:
            raise UserError('Trainer.export_at_checkpoints: only runs of dreamer can be exported, '
                            'this one is of the agent {}'.format(self._agent))
        dreams = catalog.has_world_model(self._agent)
        if dreams and not 0 < self._context_steps < sequence_length:
            raise UserError('Trainer.open_loop_context_steps must be between 0 and '
                            'sequence_length={}, not {}'.format(sequence_length,
                                                                self._context_steps))


def _check_whole(**values: Any) -> None:
    for name, value in values.items():
        if not isinstance(value, int) or value < 1:
            raise UserError('Trainer.{} must be a whole number of at least 1, not {!r}'.format(
                name, value))
