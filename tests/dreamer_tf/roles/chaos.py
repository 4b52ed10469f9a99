"""Kills roles of a run at random moments and counts what was lost: `make chaos`.

A fake robot at 20 Hz on the debug preset, whose every observation is unlike all others. Replay,
learner and actor are killed (SIGKILL) in random order, while they start, too, and started again.
At the end every step of the actor's log must be in replay exactly once, the learner must never have
gone back further than its last checkpoint, and every role must still do its work.
"""

import argparse
import collections
import contextlib
import json
import pathlib
import random
import re
import sys
import tempfile
import time

import numpy as np
import reverb
import tensorflow as tf
from role_process import RoleProcess
from table_content import all_items

from dreamer_tf.roles.addresses import free_port
from dreamer_tf.roles.bulletin import BulletinReader
from dreamer_tf.roles.inbox import STATUS_BULLETIN, STEP_INDEX, STREAM
from dreamer_tf.roles.link import Link

ROLES = ("replay", "learner", "actor")
LENGTH = 8  # of a sequence of the debug preset
FLAGS = (
    "--env_steps=10000000",
    # So that the table can be read to its last item at the end.
    "--gin_bindings=Trainer.replay_ratio = 100000000",
    "--gin_bindings=Trainer.checkpoint_every_minutes = 0.05",
)
PATIENCE_SECONDS = 300.0  # on a busy machine


class Chaos:
    """A run whose processes are killed.

    Attributes:
      kills: of each role.
      counts: what `verdict` found.
    """

    def __init__(self, folder, *, seed, pause_seconds):
        self._folder = pathlib.Path(folder)
        self._log_folder = self._folder / "actors/0/log"
        self._random = random.Random(seed)
        self._pause_seconds = pause_seconds
        self._replay_port = free_port()
        ports = (self._replay_port, free_port())
        self._roles = {role: RoleProcess(role, folder, *ports, *FLAGS) for role in ROLES}
        self._read_text = 0
        self._saved_updates = 0
        self.kills = collections.Counter()
        self.counts = {"learner_steps_back": 0}

    def run(self, kills, say):
        """Kills `kills` times; returns whether nothing was lost, doubled or hung."""
        with contextlib.ExitStack() as stack:
            for process in self._roles.values():
                process.start()
                stack.callback(lambda p=process: p.running() and p.kill())
            stack.callback(self._tell_texts, say)
            self._roles["learner"].until_it_says("first update", seconds=PATIENCE_SECONDS)
            for number in range(1, kills + 1):
                time.sleep(self._random.expovariate(1 / self._pause_seconds))
                role = self._random.choice(ROLES)
                say(f"{number}/{kills} kills the {role}; {self._recorded():,} steps recorded")
                self._kill(role)
            say("all were killed as often as asked; do they still work?")
            self._wait_for_work()
            self._end_all()
            say("counting what the replay has")
            self._count()
        return self._good()

    def _tell_texts(self, say):
        """What the roles said last, when something raises or went wrong."""
        if not self._good():
            for role, process in self._roles.items():
                say(f"the {role} said at last:\n{process.text[-1500:]}")

    def _kill(self, role):
        process = self._roles[role]
        assert process.running(), f"the {role} ended by itself:\n{process.text[-3000:]}"
        process.kill()
        self.kills[role] += 1
        if role == "learner":
            self._look_back()
        time.sleep(self._random.uniform(0, self._pause_seconds / 2))
        process.start()

    def _look_back(self):
        """Compares where the killed learner had gone on with the checkpoint that was there."""
        text = self._roles["learner"].text[self._read_text :]
        self._read_text += len(text)
        for found in re.findall(r"going on from step [\d,]+, update ([\d,]+)", text):
            self.counts["learner_steps_back"] += int(found.replace(",", "")) < self._saved_updates
        states = sorted((self._folder / "checkpoints").glob("*/state.json"))
        updates = [json.loads(path.read_text())["updates"] for path in states]
        self._saved_updates = max(updates, default=0)

    def _wait_for_work(self):
        """Each role does something new, and the replay gets everything that was recorded."""
        recorded, updates = self._recorded(), self._updates()
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            lag = self._recorded() - self._wanted()
            if self._recorded() > recorded + 40 and self._updates() > updates and lag < 40:
                break
            assert all(p.running() for p in self._roles.values()), "a role ended by itself"
            if time.monotonic() > end:
                break
            time.sleep(0.2)
        self.counts["roles_that_hang"] = (
            (self._recorded() <= recorded + 40) + (self._updates() <= updates) + (lag >= 40)
        )

    def _end_all(self):
        """The robot first; the replay has all of its log when it ends."""
        codes = [self._roles["actor"].end()]
        end = time.monotonic() + PATIENCE_SECONDS
        while self._wanted() < len(self._log()) and time.monotonic() < end:
            if not self._roles["actor"].running():
                self._roles["actor"].start()  # sends what it could not send in its last seconds
                time.sleep(10)
                codes[0] = self._roles["actor"].end()
        codes += [self._roles[role].end() for role in ("learner", "replay")]
        self._look_back()
        self.counts["exit_codes_not_143"] = sum(code != 143 for code in codes)

    def _count(self):
        """Starts the replay alone and compares what it has with the log, step by step."""
        log, stream = self._log(), self._stream()
        self._roles["replay"].start()
        restarts = self._roles["replay"].text.count("sequences of")
        self._roles["replay"].until_it_says("sequences of", times=restarts + 1)
        ends, wrong = collections.Counter(), 0
        for item in all_items(reverb.Client(self._address)):
            assert set(item[STREAM].tolist()) == {stream}
            ends[int(item[STEP_INDEX][-1])] += 1
            wrong += not np.array_equal(item["noise"], log[item[STEP_INDEX]])
        self._roles["replay"].end()
        wanted = range(LENGTH - 1, len(log))  # a sequence ends at each of them
        self.counts.update(
            recorded=len(log),
            lost=sum(ends[index] == 0 for index in wanted),
            doubled_in_replay=sum(ends[index] > 1 for index in wanted),
            doubled_in_log=len(log) - len(np.unique(log, axis=0)),
            not_as_in_the_log=wrong,
        )

    def _good(self):
        return self.counts.get("recorded", 0) > LENGTH and not any(
            count for name, count in self.counts.items() if name != "recorded"
        )

    @property
    def _address(self):
        return f"localhost:{self._replay_port}"

    def _status(self):
        try:
            link = Link(self._address, "replay", lambda _: None)
            return BulletinReader(link, STATUS_BULLETIN).read() or {}
        except Exception:  # it is starting
            return {}

    def _wanted(self):
        return self._status().get("wanted", {}).get(str(self._stream()), 0)

    def _updates(self):
        path = self._folder / "metrics.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return json.loads(lines[-1])["updates"] if lines else 0

    def _stream(self):
        return json.loads((self._log_folder / "stream.json").read_text())["stream"]

    def _recorded(self):
        return len(self._log())

    def _log(self):
        """All observations of the log, (N, 4), up to a record that is half written."""
        found = []
        paths = sorted(str(path) for path in self._log_folder.glob("*.tfrecord"))
        with contextlib.suppress(tf.errors.DataLossError):
            for data in tf.data.TFRecordDataset(paths).as_numpy_iterator():
                feature = tf.train.Example.FromString(data).features.feature
                found.append(feature["observation/noise"].float_list.value)
        return np.array(found, np.float32).reshape(-1, 4)


def main(arguments=None):
    """Runs the chaos test as a program; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pause_seconds", type=float, default=5.0, help="mean, between kills")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        chaos = Chaos(folder, seed=options.seed, pause_seconds=options.pause_seconds)
        good = chaos.run(options.kills, lambda line: print(f"chaos: {line}", flush=True))
    print(f"chaos: kills {dict(chaos.kills)}, {chaos.counts}")
    print("chaos: nothing lost, nothing doubled, nothing hung" if good else "chaos: FAILED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
