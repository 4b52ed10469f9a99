"""The robot's own program."""

from __future__ import annotations

import contextlib
import json
import time
from typing import Any

import gin
import numpy as np

from dreamer_tf import config
from dreamer_tf.collector import Collector, Episode
from dreamer_tf.console.open_console import open_console
from dreamer_tf.console.operated_environment import OperatedEnvironment
from dreamer_tf.factory import make_agent
from dreamer_tf.policy_runner import PolicyRunner
from dreamer_tf.roles.episode_log import EpisodeLog
from dreamer_tf.roles.farewell import Farewell
from dreamer_tf.roles.guarded_policy import GuardedPolicy
from dreamer_tf.roles.log_sender import LogSender
from dreamer_tf.roles.log_writer import LogWriter
from dreamer_tf.roles.role import OURS, Role
from dreamer_tf.roles.timed_environment import TimedEnvironment
from dreamer_tf.roles.weights_subscriber import WeightsSubscriber
from dreamer_tf.stop_signal import StopSignal
from dreamer_tf.trainer import COLLECT
from robot_envs import registry
from robot_envs.clock import Clock
from robot_envs.environment_info import info_of
from robot_envs.registry import TWIN
from robot_envs.wrappers.rate_control import RateControl

IDLE_SECONDS = 0.1
DRAIN_SECONDS = 4.0
# Updates by which known weights may lag behind those that the replay ratio asks for: they are
# published twice a second.
LAG_UPDATES = 8


@gin.configurable(allowlist=[
    "rate_hz", "without_weights", "max_weights_age_seconds", "hold_action", "queue_steps",
    "wait_for_learner",
])
class ActorRole(Role):
    """Moves one robot at a fixed rate, whatever happens to the others.

    Within an episode the control loop touches no network and no disk: weights come and steps go
    through threads.
    """

    NAME = "actor"

    def __init__(
        self,
        *arguments: Any,
        rate_hz: float | None = None,
        without_weights: str | None = None,
        max_weights_age_seconds: float = float("inf"),
        hold_action: int | None = None,
        queue_steps: int = 1000,
        wait_for_learner: bool = False,
        clock: Clock | None = None,
        **keywords: Any,
    ):
        """Holds the settings; nothing is made before `run`.

        Args:
          *arguments: of `Role`.
          rate_hz: steps a second; None is the robot's own rate, 0 as fast as its twin goes. A
            robot behind a guardian keeps its rate itself, and counts overruns: None is 0 for it.
          without_weights: what to do without weights or with too old ones: `act`, `hold`, `stop`;
            None holds what can be held, and stops a robot of choices without `hold_action`.
          max_weights_age_seconds: see `GuardedPolicy`.
          hold_action: see `GuardedPolicy`.
          queue_steps: steps that may wait for the disk.
          wait_for_learner: a twin at rate 0 waits for the updates that the replay ratio asks for,
            as a run in one process does, but for those of the prefill, which that makes in a burst.
          clock: the machine's own if None.
          **keywords: of `Role`.
        """
        super().__init__(*arguments, **keywords)
        own_rate = registry.get(self._robot).rate_hz if self._backend == TWIN else 0.0
        self._rate_hz = own_rate if rate_hz is None else rate_hz
        self._guard: dict[str, Any] = {
            "without_weights": without_weights,
            "max_age_seconds": max_weights_age_seconds,
            "hold_action": hold_action,
        }
        self._queue_steps = queue_steps
        self._wait_for_learner = wait_for_learner
        self._clock = Clock() if clock is None else clock
        self._judged = False
        self.NAME = f"actor {self._actor}"

    def run(self) -> int:
        """Acts until the run is finished or a signal comes.

        Returns:
          0 when the run is finished (`Farewell`), else 128 + the signal's number.

        Raises:
          UserError, RobotError: the robot is stopped and what it recorded is on disk.
        """
        with contextlib.ExitStack() as stack:
            stop = stack.enter_context(StopSignal())
            specs = self._specs()
            agent = make_agent(*specs, seed=self._seed)
            log = EpisodeLog(self._folder.path / "log", agent.replay_signature, robot=self._robot)
            self._env_seed = (self._actor, log.next_index)
            self._sender = LogSender(log, self._link("replay"), agent.replay_signature)
            stack.callback(self._sender.close)
            self._weights = WeightsSubscriber(
                self._link("weights"), agent.collect_policy.variables(),
                expected_run=self._own_run(agent), clock=self._clock,
            )
            stack.callback(self._weights.close)
            self._operator = open_console(
                stack, self._folder.path, say=self.say, stop=stop.ask
            )
            pace = f"{self._rate_hz:g} steps a second" if self._rate_hz else "at its robot's pace"
            self.say(f"{log.env_steps:,} steps in its log, {pace}")
            steps = log.env_steps
            while not self._over(stop, steps):
                steps = self._act(stop, agent, log, steps)
            self._wait_until_finished(stop)
            self.say(f"ends with {log.env_steps:,} steps in its log, {self._sender.unsent} unsent")
            return stop.exit_code

    def _act(self, stop: StopSignal, agent, log: EpisodeLog, steps: int) -> int:
        """Runs the robot until something stops it; returns the steps of the log then."""
        writer = LogWriter(log, queue_steps=self._queue_steps)
        try:
            with contextlib.ExitStack() as stack:
                timed = TimedEnvironment(
                    self._make_env(stack, COLLECT, *self._env_seed), self._clock
                )
                paced: Any = timed
                if self._rate_hz:
                    paced = RateControl(timed, rate_hz=self._rate_hz, clock=self._clock)
                policy = GuardedPolicy(
                    PolicyRunner(agent.collect_policy), self._weights, timed,
                    action_spec=paced.action_spec(), clock=self._clock, **self._guard,
                )
                policy.warm_up(paced.time_step_spec())
                if not self._judged:
                    self._judged = True  # once, though the robot may be made again
                    self.tell_unused(self.say)
                paced = OperatedEnvironment(paced, self._operator, env_steps=steps)
                collector = self._collector(paced, agent, policy, writer.put, steps, self.say)
                while not (self._over(stop, collector.env_steps) or policy.must_stop()):
                    self._tell(policy)
                    if self._operator.is_paused or not self._may_go_on(collector.env_steps):
                        time.sleep(IDLE_SECONDS / 10)
                        continue
                    episode = collector.step()
                    if episode is not None:
                        self._report(episode, collector, paced, timed, policy)
                steps = collector.env_steps
                waits = policy.must_stop() and not self._over(stop, steps)
        finally:
            self._operator.episode_ended()  # A pause is there at once while nothing is driven.
            writer.close()
        self._env_seed = (self._actor, log.next_index)
        if waits:
            self.say("stopped: no weights, or too old ones; waiting for the learner")
            while policy.must_stop() and not self._over(stop, steps):
                time.sleep(IDLE_SECONDS)
        return steps

    def _judges(self, name: str) -> bool:
        """The real robot is the actor's alone; another role makes its twin at most."""
        return config.package_of(name) not in (OURS, "")

    def _tell(self, policy: GuardedPolicy) -> None:
        """Tells the operator, once a step, what only this role knows."""
        self._operator.report(
            policy={
                "weights_of_update": self._weights.version,
                "weights_age_seconds": _finite(self._weights.age_seconds()),
                "held_steps": policy.held,
                "unsent_steps": self._sender.unsent,
            },
        )

    def _over(self, stop: StopSignal, steps: int) -> bool:
        self._check_threads()
        status = self._sender.status or {}
        others = sum(
            count for stream, count in status.get("streams", {}).items()
            if int(stream) != self._sender.stream
        )
        finished = (self._weights.run or {}).get("finished", False)
        return bool(stop) or finished or steps + others >= self._env_steps

    def _check_threads(self) -> None:
        self._sender.check()
        self._weights.check()

    def _may_go_on(self, steps: int) -> bool:
        if not self._wait_for_learner:
            return True
        asked = self._replay_settings
        due = (steps - asked.prefill_steps) * asked.updates_per_step
        return self._weights.version + LAG_UPDATES >= due

    def _wait_until_finished(self, stop: StopSignal) -> None:
        """Stays until the replay has the log and the learner needs nothing of it any more."""
        farewell = Farewell(self._weights, env_steps=self._env_steps)
        while not stop and not farewell.is_over(self._sent_steps()):
            self._check_threads()
            time.sleep(IDLE_SECONDS)
        self._sender.drain(DRAIN_SECONDS)

    def _sent_steps(self) -> int:
        """Environment steps of all actors that the replay has; 0 while it lacks some of this."""
        return 0 if self._sender.unsent else int((self._sender.status or {}).get("env_steps", 0))

    def _report(self, episode: Episode, collector: Collector, paced: Any,
                timed: TimedEnvironment, policy: GuardedPolicy) -> None:
        """Appends a line about an episode to `episodes.jsonl`."""
        paces = info_of(paced)
        latencies, ages = np.array(policy.latencies or [0.0]), np.array(timed.ages or [0.0])
        line = {
            "env_steps": collector.env_steps,
            "return": round(episode.total_reward, 6),
            "length": episode.length,
            "seconds": round(episode.seconds, 3),
            "paced_steps": paces.get("paced_steps", 0),
            "overruns": paces.get("overruns", 0),
            "longest_overrun_seconds": round(paces.get("longest_overrun_seconds", 0.0), 6),
            "latency_ms_p50": _milliseconds(latencies, 50),
            "latency_ms_p99": _milliseconds(latencies, 99),
            "observation_age_ms_p50": _milliseconds(ages, 50),
            "observation_age_ms_p99": _milliseconds(ages, 99),
            "weights_version": self._weights.version,
            "weights_age_seconds": _finite(self._weights.age_seconds()),
            "held_steps": policy.held,
            "unsent_steps": self._sender.unsent,
            **{f"robot_{name}": count for name, count in episode.account.items()},
        }
        policy.latencies.clear()
        timed.ages.clear()
        with open(self._folder.path / "episodes.jsonl", "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def _milliseconds(seconds: np.ndarray, percentile: float) -> float:
    return round(1e3 * float(np.percentile(seconds, percentile)), 3)


def _finite(seconds: float) -> float | None:
    return round(seconds, 3) if np.isfinite(seconds) else None
