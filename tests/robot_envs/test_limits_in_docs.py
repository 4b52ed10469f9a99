"""The numbers in the tables of limits are those that the guardians have: neither changes alone."""

import re
from pathlib import Path

import numpy as np
import pytest

from robot_envs.a1 import constants as a1_constants
from robot_envs.a1 import make as a1_make
from robot_envs.a1.connection import A1Connection
from robot_envs.a1.limits import A1Limits
from robot_envs.arms import emulated
from robot_envs.cameras.camera_settings import CameraSettings
from robot_envs.guardian.times import GuardianTimes
from robot_envs.sphero import constants as sphero_constants
from robot_envs.sphero import make as sphero_make
from robot_envs.sphero import ollie_link
from robot_envs.sphero.limits import SpheroLimits
from robot_envs.ur5 import constants as ur5_constants
from robot_envs.ur5.limits import UR5Limits
from robot_envs.xarm import constants as xarm_constants
from robot_envs.xarm import driver as xarm_driver
from robot_envs.xarm.limits import XArmLimits

DOCS = Path(__file__).parents[2] / 'docs'
A1, SPHERO, UR5, XARM = A1Limits(), SpheroLimits(), UR5Limits(), XArmLimits()
GAINS, TIMES, CAMERA = A1Connection(), GuardianTimes(), CameraSettings()
ARMS = ((UR5, ur5_constants), (XARM, xarm_constants))
# An arm's targets: over the cells, and over hover, in metres.
MARGIN = ur5_constants.WORKSPACE.left[0] - UR5.target_low_meters[0]
ROOM = UR5.target_high_meters[2] - ur5_constants.WORKSPACE.hover


def _of_arms(*names):
    return [getattr(limits, name) for limits, _ in ARMS for name in names]


def _kinds(values):
    return list(dict.fromkeys(values))


# (file, heading, first word of the table's head) -> row -> the numbers in its other cells.
TABLES = {
    ('real_robots.md', 'Limits', 'what'): {
        'target hip, thigh, calf': [
            A1.target_high_radians[0], *np.transpose([A1.target_low_radians,
                                                      A1.target_high_radians])[1:].ravel()],
        'target from the measured angle': [a1_constants.TARGET_REACH_RADIANS,
                                           GAINS.period_seconds * 1e3],
        'target from the one before': [A1.step_radians],
        "a command's time": [A1.shortest_seconds, A1.longest_seconds],
        'numbers that are not finite, wrong shape': [],
        "measured angle beyond the target's range": [A1.beyond_radians],
        'joint velocity': [A1.velocity_radians_per_second],
        'joint torque': [A1.torque_newton_meters],
        'motor temperature': [A1.temperature_celsius],
        'age of the sensors': [A1.stale_seconds, a1_make._EMULATED_STALE_SECONDS],
        'gains kp; kd hip, thigh, calf': [*_kinds(GAINS.kp), *GAINS.kd],
    },
    ('real_robots.md', 'What the guardian does', 'state'): {
        '`waiting`': [], '`damped`': [], '`fault`': [],
        '`moving`': [GAINS.period_seconds * 1e3],
        '`holding`': [TIMES.idle_seconds],
    },
    ('real_robots.md', 'What the guardian does', 'fault'): {
        '`stale`': [TIMES.recoveries],
        '`velocity`, `torque`': [], '`lost_client`': [], '`temperature`, `position`': [],
    },
    ('real_robots.md', 'What stops it', 'fault'): {
        '`camera`': [CAMERA.stale_seconds, sphero_make._EMULATED_STALE_SECONDS,
                     CAMERA.frozen_seconds, TIMES.recoveries],
        '`link`': [SPHERO.link_seconds, sphero_make._EMULATED_LINK_SECONDS],
        '`battery`': [ollie_link._BATTERY_SECONDS],
        '`unseen`': [], '`lost_client`': [],
    },
    ('real_robots.md', 'What stops it', 'limit'): {
        'motor power': [SPHERO.motor_raw, sphero_constants.MOTOR_LIMIT_RAW,
                        sphero_constants.MOTOR_SCALE_RAW, sphero_constants.RESET_BURST_RAW],
        "a command's time": [SPHERO.shortest_seconds, SPHERO.longest_seconds, SPHERO.rest_seconds],
        'numbers that are not finite, wrong shape': [],
    },
    ('real_robots.md', 'Limits of the arms', 'what'): {
        'target x, y, z': [MARGIN, ROOM],  # The xArm's are said to be likewise.
        'target from the one before': _of_arms('step_meters'),
        'target from the measured tool': _of_arms('lead_meters'),
        "tool farther outside the targets' box than its target": [
            meters / 2 for meters in _of_arms('beyond_meters')],
        'speed, turn of the target': _of_arms('speed_meters_per_second', 'turn_radians_per_second'),
        "a command's time": _of_arms('shortest_seconds', 'longest_seconds'),
        'not finite, wrong shape': [],
        "measured tool outside the targets' box": _of_arms('beyond_meters'),
        'measured joints': [3],  # The name of a wrist; their range is below.
        'joint velocity': [*_of_arms('joint_velocity_radians_per_second'),
                           xarm_driver._VELOCITY_SECONDS],
        'joint torque': [*_kinds(UR5.joint_torque_newton_meters),
                         *_kinds(XARM.joint_torque_newton_meters)],
        'age of the state (emulated)': [
            number for limits, _ in ARMS
            for number in (limits.stale_seconds, emulated._EMULATED_STALE_SECONDS)],
    },
    ('safety.md', 'Ways out', 'what ends'): {
        "the program is killed (`kill -9`), hangs, or holds Python's lock": [
            TIMES.hold_seconds, TIMES.damp_seconds],
        'the run is finished, an exception, Ctrl-C, SIGTERM, stop at the console': [],
        'the guardian is ended (SIGTERM)': [], 'the guardian is killed': [],
        'the driver is killed or hangs (arms)': [], 'the network': [],
        'learner or replay, with roles (the default at a robot)': [], 'power': [],
    },
}


def _rows(file, heading, head):
    """Returns first cell -> numbers in the others, of the table under a heading."""
    rows, here, inside = {}, None, False
    for line in (DOCS / file).read_text().splitlines():
        if line.startswith('#'):
            here = line.strip('# ')
        if not line.startswith('|'):
            inside = False
            continue
        first, *others = (cell.strip() for cell in line.strip('|').split('|'))
        if inside and not set(first) <= set('-'):
            rows[first] = [number for cell in others for number in _numbers(cell)]
        inside = inside or (here == heading and first == head)
    return rows


def _numbers(cell):
    """Returns what is written as a number; '+-' is left out, and so is the 1 of 'A1'."""
    found = re.findall(r'(?<![\w.])-?(?:\d+(?:\.\d+)?|\.\d+)', cell.replace('+-', ''))
    return [float(number) for number in found]


@pytest.mark.parametrize('table', TABLES, ids=' '.join)
def test_the_numbers_are_those_of_the_limits(table):
    told, wanted = _rows(*table), TABLES[table]
    assert set(told) == set(wanted)
    for row, numbers in wanted.items():
        assert told[row] == pytest.approx(numbers, abs=5e-4), row


def test_the_a1s_hips_range_is_the_same_to_both_sides():
    assert A1.target_low_radians[0] == -A1.target_high_radians[0]


@pytest.mark.parametrize('limits, constants', ARMS)
def test_an_arms_targets_are_the_tasks_cells_and_a_margin(limits, constants):
    space = constants.WORKSPACE
    across, along = (*space.left, *space.right), space.along
    pairs = [across, along] if space.across == 0 else [along, across]
    for axis, values in enumerate(pairs):
        assert limits.target_low_meters[axis] == pytest.approx(min(values) - MARGIN)
        assert limits.target_high_meters[axis] == pytest.approx(max(values) + MARGIN)
    assert limits.target_low_meters[2] == pytest.approx(space.table, abs=2e-3)
    assert limits.target_high_meters[2] == pytest.approx(space.hover + ROOM)


def test_the_ur5s_joints_have_a_quarter_turn_about_home_and_the_last_wrist_all():
    low, high = np.array(UR5.joint_low_radians), np.array(UR5.joint_high_radians)
    home = ur5_constants.HOME_RADIANS
    assert np.allclose([home - low, high - home], [[np.pi / 2] * 5 + [np.pi]] * 2, atol=0.05)
