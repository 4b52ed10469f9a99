"""Packets that get lost, late or spoilt on order."""

import pytest

from robot_envs.emulators.faults import Faults


@pytest.fixture
def faults():
    return Faults(seed=0)


def test_without_orders_all_comes_through(faults):
    assert faults.incoming([b'a', b'b'], 0.0) == [b'a', b'b']
    assert faults.outgoing(b'c', 0.0) == [b'c']


def test_a_share_gets_lost(faults):
    faults.set('lost', 0.5)
    through = sum(len(faults.outgoing(b'x', 0.0)) for _ in range(1000))
    assert 400 < through < 600
    faults.set('disconnect', 1)
    assert faults.incoming([b'x'] * 10, 0.0) == []
    faults.set('clear', 1)
    assert faults.outgoing(b'x', 0.0) == [b'x']


def test_latency_delays_and_keeps_the_order(faults):
    faults.set('latency', 0.5)
    assert faults.outgoing(b'1', 0.0) == []
    assert faults.outgoing(b'2', 0.2) == []
    assert faults.outgoing(b'3', 0.75) == [b'1', b'2']


def test_spoilt_and_frozen(faults):
    faults.set('crc', 1)
    assert faults.outgoing(b'ab', 0.0) == [b'a' + bytes([ord('b') ^ 0xFF])]
    faults.set('crc', 0)
    faults.set('frozen', 1)
    assert faults.outgoing(b'new', 0.0) == [b'ab']


def test_unknown_fault_lists_the_known(faults):
    with pytest.raises(ValueError, match="'sharks'.*latency"):
        faults.set('sharks', 1)
