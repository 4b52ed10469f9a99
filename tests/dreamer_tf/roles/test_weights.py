"""Weights over Reverb: a real server, a real subscriber in its own thread."""

import time

import numpy as np
import pytest
import tensorflow as tf

from dreamer_tf.errors import UserError
from dreamer_tf.roles.addresses import free_port, split_address
from dreamer_tf.roles.link import Link
from dreamer_tf.roles.weights_server import WeightsServer
from dreamer_tf.roles.weights_subscriber import WeightsSubscriber

RUN = {"robot": "sphero", "shapes": "abc"}


def make_variables(value):
    return [tf.Variable(tf.fill((3, 2), float(value))), tf.Variable(tf.fill((5,), value))]


def until(condition, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def subscribe():
    subscribers = []

    def start(address, variables, expected=RUN):
        said = []
        link = Link(address, "the weights server", said.append)
        subscriber = WeightsSubscriber(
            link, variables, expected_run=expected, period_seconds=0.05
        )
        subscriber.said = said
        subscribers.append(subscriber)
        return subscriber

    yield start
    for subscriber in subscribers:
        subscriber.close()


def test_an_actor_gets_the_newest_weights_and_keeps_them(subscribe):
    source, target = make_variables(1), make_variables(0)
    server = WeightsServer(source)
    subscriber = subscribe(server.address, target)
    assert subscriber.version == -1 and subscriber.age_seconds() == float("inf")
    server.post_run(RUN)
    server.publish(4)
    assert until(lambda: subscriber.version == 4)
    for variable in source:
        variable.assign_add(tf.ones_like(variable))
    server.publish(5)
    assert until(lambda: subscriber.version == 5)
    np.testing.assert_array_equal(target[0], np.full((3, 2), 2.0))
    np.testing.assert_array_equal(target[1], np.full((5,), 2))
    assert until(lambda: subscriber.age_seconds() < 1.0)
    # A learner that has resumed from its checkpoint is behind: its weights are not taken.
    source[1].assign(tf.zeros_like(source[1]))
    server.publish(3)
    server.publish(6)
    assert until(lambda: subscriber.version == 6)
    server.stop()
    time.sleep(0.5)
    assert subscriber.version == 6 and int(target[1][0]) == 0


def test_the_weights_wait_while_the_policy_acts(subscribe):
    source, target = make_variables(1), make_variables(0)
    server = WeightsServer(source)
    server.post_run(RUN)
    server.publish(1)
    link_made = subscribe(server.address, target)

    def slow_policy():
        before = target[0].numpy()
        time.sleep(0.6)
        return before, target[0].numpy()

    before, after = link_made.acting(slow_policy)
    np.testing.assert_array_equal(before, after)
    assert until(lambda: link_made.version == 1)
    server.stop()


def test_an_actor_with_another_robot_is_refused_with_one_line(subscribe):
    source = make_variables(1)
    server = WeightsServer(source)
    server.post_run({**RUN, "robot": "a1"})
    server.publish(1)
    subscriber = subscribe(server.address, make_variables(0))

    def refused():
        try:
            subscriber.check()
        except UserError as error:
            return "robot=a1, not sphero" in str(error) and "\n" not in str(error)
        return False

    assert until(refused)
    assert subscriber.version == -1
    server.stop()


def test_a_server_that_is_not_there_yet_is_told_once(subscribe):
    port = free_port()
    source, target = make_variables(1), make_variables(0)
    subscriber = subscribe(f"localhost:{port}", target)
    assert until(lambda: subscriber.said)
    time.sleep(0.5)
    assert len(subscriber.said) == 1 and "does not answer" in subscriber.said[0]
    server = WeightsServer(source, port=port)
    server.post_run(RUN)
    server.publish(0)
    assert until(lambda: subscriber.version == 0)
    assert len(subscriber.said) == 2 and "is there" in subscriber.said[1]
    with pytest.raises(UserError, match="weights server"):
        WeightsServer(source, port=port)
    server.stop()


@pytest.mark.parametrize("text", ["localhost", ":80", "a:b", "a:70000"])
def test_a_wrong_address_is_refused(text):
    with pytest.raises(UserError, match="--replay_address"):
        split_address(text, "replay_address")


def test_whatever_the_subscriber_meets_is_told(subscribe):
    server = WeightsServer([tf.Variable(tf.zeros((4, 4))), tf.Variable(tf.zeros((5,)))])
    server.post_run(RUN)  # which says that the shapes are the same
    server.publish(1)
    subscriber = subscribe(server.address, make_variables(0))
    error = None
    end = time.monotonic() + 30
    while error is None and time.monotonic() < end:
        try:
            subscriber.check()
        except Exception as met:
            error = met
        time.sleep(0.02)
    assert isinstance(error, ValueError) and "(4, 4)" in str(error)
    server.stop()
