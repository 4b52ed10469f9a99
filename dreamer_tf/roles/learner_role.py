"""The learner as a process of its own."""

from __future__ import annotations

import time
from dreamer_tf import checkpoints, config
from dreamer_tf.errors import UserError
from dreamer_tf.console.open_console import MARKS
from dreamer_tf.console.operator import Operator
from dreamer_tf.learner import Learner
from dreamer_tf.roles.addresses import split_address
from dreamer_tf.roles.inbox import stored_signature
from dreamer_tf.roles.remote_collector import RemoteCollector
from dreamer_tf.roles.remote_replay import RemoteReplay
from dreamer_tf.roles.role import OURS, Role
from dreamer_tf.roles.weights_server import WeightsServer
from dreamer_tf.trainer import EVALUATE

PUBLISH_SECONDS = 0.5
# How long the actors may take to read that the run is finished.
FAREWELL_SECONDS = 3.0


class PublishingLearner(Learner):
    """A learner that publishes its weights now and then."""

    def __init__(self, agent, batches, server: WeightsServer):
        """Publishes the weights that the agent has at the start, too."""
        super().__init__(agent, batches)
        self._server = server
        self._published = time.monotonic()
        server.publish(self.updates)

    def update(self):
        """Makes one update; see `Learner.update`."""
        metrics = super().update()
        if time.monotonic() - self._published >= PUBLISH_SECONDS:
            self._server.publish(self.updates)
            self._published = time.monotonic()
        return metrics


class LearnerRole(Role):
    """Trains on what the replay has, publishes weights, and keeps the run's folder."""

    NAME = "learner"

    def run(self) -> int:
        """Trains until all actors' steps make up the run; see `Trainer.run`.

        Raises:
          UserError: see `Trainer.run`; or the port is taken.
        """
        self._check_address()
        return super().run()

    def _train(self, stack, stop, env, evaluator_env, agent, saved, replay, state) -> int:
        _, port = split_address(self._addresses["weights"], "weights_address")
        self._server = WeightsServer(agent.collect_policy.variables(), port=port)
        stack.callback(self._server.stop)
        about = {**self._own_run(agent), "seed": self._seed, "finished": False}
        self._server.post_run(about)
        code = super()._train(stack, stop, env, evaluator_env, agent, saved, replay, state)
        self._server.publish(int(agent.train_step_counter.numpy()))
        if not stop:
            self._server.post_run({**about, "finished": True})
            time.sleep(FAREWELL_SECONDS)
        return code

    def _judges(self, name: str) -> bool:
        """The agent's settings are its business; robots and actors have theirs."""
        return config.package_of(name) == OURS and "ActorRole" not in name.split(".")

    def _make_env(self, stack, role: int, *resumed_at: int):
        """The robot for its specs only: it is the actor's."""
        if role == EVALUATE:
            return None
        env = super()._make_env(stack, EVALUATE, *resumed_at)  # A twin, for its specs alone.
        env.close()
        return env

    def _make_replay(self, stack, signature, saved: checkpoints.Checkpoints) -> RemoteReplay:
        replay = RemoteReplay(
            self._link("replay"),
            asked=self._replay_settings.make_table(stored_signature(signature)).info,
            batch_size=self._replay_settings.batch_size,
        )
        stack.callback(replay.close)
        return replay

    def _open_console(self, stack, stop, say) -> Operator:
        """The robots are the actors', and so are the consoles."""
        return Operator(self._folder.path / MARKS, stop=stop.ask)

    def _demonstrate(self, agent, replay) -> None:
        """The replay role has the recordings."""

    def _make_learner(self, agent, replay) -> Learner:
        return PublishingLearner(agent, replay, self._server)

    def _make_collector(self, env, agent, replay, steps: int, say) -> RemoteCollector:
        return RemoteCollector(replay, env_steps=steps)

    def _make_evaluator(self, env, agent, warn) -> None:
        return None

    def _check_address(self) -> None:
        if self._addresses["replay"] == self._addresses["weights"]:
            raise UserError("--replay_address and --weights_address must differ")
