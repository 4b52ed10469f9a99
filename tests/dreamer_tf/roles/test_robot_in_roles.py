"""A robot behind its guardian, in a run of roles: a fault, and the death of every role."""

import time

import numpy as np
import pytest
import tensorflow as tf
from role_process import RoleProcess

from dreamer_tf.roles.addresses import free_port
from robot_envs.emulators.emulator_process import EmulatorProcess
from robot_envs.guardian.times import GuardianTimes

pytestmark = pytest.mark.long
STALE_SECONDS = 0.25
RATE_HZ = 20.0
BUSY_SECONDS = 3.0  # what a busy machine may add
PATIENCE_SECONDS = 240.0


class Run:
    """Replay, learner and actor on the debug preset, and the emulated A1 that the actor drives.

    The emulator is the test's own, reached as a robot would be: it outlives the actor, takes
    orders and tells what the robot really does.
    """

    def __init__(self, folder):
        self.emulator = EmulatorProcess("a1", address="127.0.7.9")
        bindings = {
            "A1Connection.address": f'"{self.emulator.address}"',
            "A1Connection.port": self.emulator.port,
            "A1Connection.local_port": 0,
            "A1Connection.connect_seconds": 60.0,
            "A1Limits.stale_seconds": STALE_SECONDS,
            "GuardianTimes.recoveries": 1000,  # a busy machine makes faults of its own
            "ActorRole.without_weights": '"stop"',
            "ActorRole.max_weights_age_seconds": 2.0,
        }
        self.log = folder / "actors/0/log"
        ports = (free_port(), free_port())
        self.roles = {role: RoleProcess(
            role, folder, *ports, "--backend=hardware", "--env_steps=10000000",
            *(f"--gin_bindings={name} = {value}" for name, value in bindings.items()), robot="a1")
            for role in ("replay", "learner", "actor")}
        self.actor = self.roles["actor"]

    def truth(self):
        return self.emulator.order("truth")

    def until(self, condition, seconds=PATIENCE_SECONDS):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end and self.actor.running(), self.actor.text[-3000:]
            time.sleep(0.02)

    def until_it_is_driven(self):
        self.until(lambda: self.truth()["servo"])

    def until_it_is_safe(self):
        self.until(lambda: not self.truth()["servo"])

    def recorded(self):
        """The log's (joint angles (N, 12), is_first (N,)), up to a record that is half written."""
        angles, first = [], []
        paths = sorted(str(path) for path in self.log.glob("*.tfrecord"))
        try:
            for data in tf.data.TFRecordDataset(paths).as_numpy_iterator():
                feature = tf.train.Example.FromString(data).features.feature
                angles.append(feature["observation/joint_angles"].float_list.value)
                first.append(bool(feature["is_first"].int64_list.value[0]))
        except tf.errors.DataLossError:
            pass
        return np.array(angles, np.float32), np.array(first)

    def close(self):
        for process in self.roles.values():
            if process.running():
                process.kill()
        self.emulator.close()


@pytest.fixture
def run(tmp_path):
    run = Run(tmp_path)
    yield run
    run.close()


def _longest_repetition(angles):
    """How many observations in a row were the same to the last bit, at most."""
    same = (np.diff(angles, axis=0) == 0).all(axis=1)
    longest = count = 1
    for is_same in same:
        count = count + 1 if is_same else 1
        longest = max(longest, count)
    return longest


def test_a_robot_in_a_run_of_roles_is_safe_whatever_fails(run):
    for process in run.roles.values():
        process.start()
    actor = run.actor
    run.until_it_is_driven()
    run.until(lambda: len(run.recorded()[0]) > 20)

    # A fault that a program may go on from: the actor does, and nothing stale is in its log.
    faults = actor.text.count("the episode ends after")
    run.emulator.order("frozen 1")
    run.until(lambda: actor.text.count("the episode ends after") > faults)
    run.until_it_is_safe()
    time.sleep(1.0)  # 20 steps, were any made
    assert not run.truth()["servo"]
    frozen, _ = run.recorded()
    run.emulator.order("clear")
    run.until_it_is_driven()
    run.until(lambda: len(run.recorded()[0]) > len(frozen) + 20)
    angles, first = run.recorded()
    assert _longest_repetition(angles) <= STALE_SECONDS * RATE_HZ + 1
    assert first[0] and first[len(frozen) - 1:].sum() >= 1  # what came after began an episode

    # Without its actor the robot is in its safe state within the guardian's time.
    killed = time.monotonic()
    actor.kill()
    end = killed + GuardianTimes().damp_seconds + BUSY_SECONDS
    while run.truth()["servo"]:
        assert time.monotonic() < end
        time.sleep(0.02)
    actor.start()
    run.until_it_is_driven()

    # Every role has all settings, and each of them is used by one at least.
    run.roles["learner"].until_it_says("first update")
    assert not any("is used by nothing" in process.text for process in run.roles.values())

    # Without the replay the robot goes on, and so do its actor's records.
    run.roles["replay"].kill()
    steps = len(run.recorded()[0])
    run.until(lambda: len(run.recorded()[0]) > steps + 20)

    # Without the learner it does what gin says: here it stops when the weights are too old.
    stops = actor.text.count("stopped: no weights")
    run.until_it_is_driven()
    run.roles["learner"].kill()
    run.until(lambda: actor.text.count("stopped: no weights") > stops)
    run.until_it_is_safe()
    time.sleep(1.0)
    assert not run.truth()["servo"] and actor.running()
    assert actor.end() == 143
