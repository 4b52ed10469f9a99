"""The Sphero's numbers as data."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest

from robot_envs.sphero import constants as c
from robot_envs.sphero import twin


def test_published_task():
    assert c.IMAGE_SIZE_PX == 64 and c.RATE_HZ == 2 and c.EPISODE_STEPS == 100
    assert c.MOTOR_SCALE_RAW == 70 and c.MOTOR_LIMIT_RAW == 255
    assert c.GOAL_ARENA == (0.825, 0.165) and c.SUCCESS_DISTANCE_ARENA == 0.1
    assert (c.RESET_BURSTS, c.RESET_BURST_SECONDS, c.RESET_SETTLE_SECONDS) == (5, 1, 4)
    assert c.RESET_BURST_RAW == 100


def test_ranges():
    assert c.ACTION_MIN < c.ACTION_MAX
    assert c.LIGHT_MIN < 1 < c.LIGHT_MAX
    assert 0 < c.MOTOR_SCALE_RAW < c.RESET_BURST_RAW < c.MOTOR_LIMIT_RAW
    assert c.COMMAND_LIMIT * c.MOTOR_SCALE_RAW == pytest.approx(c.MOTOR_LIMIT_RAW)


def test_goal_and_start_are_where_the_robot_can_be():
    for place in (c.GOAL_ARENA, c.START_ARENA):
        for coordinate, side in zip(place, (c.ARENA_X_METERS, c.ARENA_Y_METERS)):
            margin = c.ROBOT_RADIUS_METERS / side
            assert margin < coordinate < 1 - margin


def test_xml_and_constants_agree():
    root = ElementTree.parse(Path(twin.__file__).with_name('sphero.xml')).getroot()
    geoms = {geom.get('name'): geom for geom in root.iter('geom')}

    def numbers(name, attribute):
        return np.array(geoms[name].get(attribute).split(), float)

    for name, axis, side in (('east', 0, c.ARENA_X_METERS), ('north', 1, c.ARENA_Y_METERS)):
        inner = numbers(name, 'pos')[axis] - numbers(name, 'size')[axis]
        assert inner == pytest.approx(side / 2)
        assert 2 * numbers(name, 'size')[axis] == pytest.approx(c.WALL_METERS)
    assert numbers('shell', 'size')[0] == c.ROBOT_RADIUS_METERS
    bumper = root.find(".//default[@class='bumper']/geom")
    wheel = root.find(".//default[@class='wheel']/geom")
    for name, end in (('front_bumper', 1), ('rear_bumper', -1)):
        assert end * numbers(name, 'pos')[0] + float(bumper.get('size')) == c.ROBOT_RADIUS_METERS
    track = [float(body.get('pos').split()[1]) for body in root.iter('body')
             if 'wheel' in body.get('name')]
    assert track[0] - track[1] == c.TRACK_METERS
    assert float(wheel.get('size')) == c.WHEEL_RADIUS_METERS


def test_numbers_say_their_unit():
    units = ('_PX', '_HZ', '_STEPS', '_MIN', '_MAX', '_RAW', '_ARENA', '_SECONDS', '_METERS',
             '_METERS_PER_SECOND', '_LIMIT')
    counts = {'NUM_MOTORS', 'RESET_BURSTS'}
    names = [name for name in vars(c) if name.isupper()]
    assert len(names) > 10
    assert [name for name in names if not name.endswith(units) and name not in counts] == []
