"""The replay as a process of its own."""

from __future__ import annotations

import contextlib
import pathlib
import secrets
import time

import numpy as np

from dreamer_tf import checkpoints
from dreamer_tf.errors import UserError
from dreamer_tf.recording.demonstrations import open_recording, steps_of
from dreamer_tf.replay.sequence_writer import SequenceWriter
from dreamer_tf.replay.server import ReplayServer
from dreamer_tf.replay.step_spec import replay_step_spec
from dreamer_tf.roles.addresses import split_address
from dreamer_tf.roles.bulletin import make_bulletin_table, post
from dreamer_tf.roles.inbox import (
    STATUS_BULLETIN, STEP_INDEX, STREAM, make_inbox_table, stored_signature,
)
from dreamer_tf.roles.inbox_reader import InboxReader
from dreamer_tf.roles.ingest import Ingest
from dreamer_tf.roles.role import Role
from dreamer_tf.stop_signal import StopSignal

LOOK_SECONDS = 0.05
POST_SECONDS = 0.2


class ReplayRole(Role):
    """Takes steps from actors, gives sequences to the learner, saves itself.

    A checkpoint holds the table, its limiter and how far each actor's log has come, as one pair:
    after a kill, the actors send again what came after it.
    """

    NAME = "replay"

    def run(self) -> int:
        """Serves until a signal; returns 128 + its number.

        Raises:
          UserError: the port is taken, the folder holds another replay, or it cannot be saved at
            its end; before, that is a warning.
        """
        with contextlib.ExitStack() as stack:
            stop = stack.enter_context(StopSignal())
            signature = replay_step_spec(*self._specs())
            # The list of streams and the table belong together: one checkpoint, renamed at once.
            saved = checkpoints.Checkpoints(self._folder.checkpoints, {}, keep=1)
            restored = saved.restore()
            saved.bring_back_replay(self._folder.replay)
            server = self._serve(signature)
            stack.callback(server.stop)
            ingest = Ingest(
                server.client,
                sequence_length=self._replay_settings.sequence_length,
                stride=self._replay_settings.stride,
                state=restored.state if restored else {},
            )
            if restored is None and self._demonstrations:
                self._fill(server, signature)
            self.say(
                f"{server.restored_items:,} sequences of {ingest.env_steps:,} steps, "
                f"at {self._addresses['replay']}"
            )
            try:
                self._serve_until(stop, server, ingest, saved)
            except BaseException:
                self._save_or_warn(saved, server, ingest)  # why it ends is the error to show
                raise
            self._save(saved, server, ingest)
            self.say(f"saved at {ingest.env_steps:,} steps")
            return stop.exit_code

    def _serve(self, signature) -> ReplayServer:
        _, port = split_address(self._addresses["replay"], "replay_address")
        return ReplayServer(
            self._replay_settings.make_table(stored_signature(signature)),
            checkpoint_dir=self._folder.replay,
            port=port,
            further_tables=[make_inbox_table(signature), make_bulletin_table(STATUS_BULLETIN)],
        )

    def _fill(self, server: ReplayServer, signature) -> None:
        """Writes the demonstrations into the table; they are no steps of any actor."""
        steps = 0
        for folder in self._demonstrations:
            log = open_recording(folder, signature, self._robot)
            writer = SequenceWriter(server.client, stride=self._replay_settings.stride)
            for index, step in enumerate(steps_of(log)):
                writer.append({**step, STREAM: np.int64(log.stream), STEP_INDEX: np.int64(index)})
            writer.flush()
            steps += log.env_steps
        self.say(f"{steps:,} demonstrated steps are in the replay")

    def _serve_until(self, stop, server: ReplayServer, ingest: Ingest, saved) -> None:
        session = secrets.token_hex(8)
        inbox = InboxReader(server.client)
        posted: dict = {}
        posted_at, saved_at = -float("inf"), time.monotonic()
        while not stop:
            for step in inbox.steps(LOOK_SECONDS):
                ingest.take(step)
            now = time.monotonic()
            status = {"session": session, **ingest.status()}
            if status != posted and now - posted_at >= POST_SECONDS:
                post(server.client, STATUS_BULLETIN, status)
                posted, posted_at = status, now
            if now - saved_at >= 60 * self._periods["checkpoint_every_minutes"]:
                ingest.flush()  # a table that takes nothing is the end, a full disk is not yet
                self._save_or_warn(saved, server, ingest)
                saved_at = time.monotonic()

    def _save(self, saved, server: ReplayServer, ingest: Ingest) -> None:  # type: ignore[override]
        ingest.flush()
        path = pathlib.Path(server.checkpoint())
        saved.save(ingest.env_steps, ingest.state(), path)

    def _save_or_warn(self, saved, server: ReplayServer, ingest: Ingest) -> None:
        try:
            self._save(saved, server, ingest)
        except UserError as error:
            self.say(f"warning: not saved: {error}")
