"""Every safety mode of a UR controller, by its table, and as the driver meets it."""

import time

import pytest

from robot_envs.arms.driver_error import DriverError
from robot_envs.emulators.emulator_process import EmulatorProcess
from robot_envs.emulators.free_address import free_address
from robot_envs.ur5.connection import UR5Connection
from robot_envs.ur5.driver import UR5Driver
from robot_envs.ur5.hardware import PARTS
from robot_envs.ur5.safety_modes import mode_of, wrong_with

# Number, the dashboard's word, the fault's name, for a person: from the vendor's RTDE guide.
WELL = ((1, 'NORMAL'), (2, 'REDUCED'))
WRONG = (
    (3, 'PROTECTIVE_STOP', 'protective_stop', False),
    (4, 'RECOVERY', 'recovery_mode', True),
    (5, 'SAFEGUARD_STOP', 'safeguard_stop', True),
    (6, 'SYSTEM_EMERGENCY_STOP', 'emergency_stop', True),
    (7, 'ROBOT_EMERGENCY_STOP', 'emergency_stop', True),
    (8, 'VIOLATION', 'safety_fault', False),
    (9, 'FAULT', 'safety_fault', False),
    (10, 'VALIDATE_JOINT_ID', 'joint_check', True),
    (11, 'UNDEFINED_SAFETY_MODE', 'safety_mode', True),
    (12, 'AUTOMATIC_MODE_SAFEGUARD_STOP', 'safeguard_stop', True),
    (13, 'SYSTEM_THREE_POSITION_ENABLING_STOP', 'three_position', True),
)


@pytest.mark.parametrize('number, word', WELL)
def test_nothing_is_wrong_in_two_modes(number, word):
    assert mode_of(f'Safetystatus: {word}') == number and wrong_with(number) is None


@pytest.mark.parametrize('number, word, name, person', WRONG)
def test_all_others_are_faults(number, word, name, person):
    assert mode_of(f'Safetystatus: {word}') == number
    fault = wrong_with(number)
    assert (fault.name, fault.person) == (name, person)
    assert fault.text.startswith('ur5: ')


@pytest.mark.parametrize('answer', ['Safetystatus: BOOTING', 'could not understand: x', ''])
def test_an_answer_that_nobody_knows_is_for_a_person(answer):
    fault = wrong_with(mode_of(answer), answer)
    assert fault.person and f'({answer or 0})' in fault.text


@pytest.mark.parametrize('number', [-1, 0, 14, 255])
def test_a_number_that_nobody_knows_is_for_a_person(number):
    fault = wrong_with(number)
    assert fault.person and str(number) in fault.text


@pytest.fixture(scope='module')
def driver_and_emulator():
    pytest.importorskip('rtde_control')
    emulator = EmulatorProcess('ur5', address=free_address(PARTS.ports))
    driver = UR5Driver(UR5Connection(address=emulator.address, **PARTS.emulated, **PARTS.patient))
    driver.connect()
    yield driver, emulator
    driver.close()
    emulator.close()


def _wait_for(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, 'it did not happen'
        time.sleep(0.02)


@pytest.mark.slow
def test_the_driver_works_in_reduced_mode(driver_and_emulator):
    driver, emulator = driver_and_emulator
    emulator.order('safety_mode 2')
    _wait_for(lambda: driver._receive.getSafetyMode() == 2)
    assert driver.fault() is None
    driver.connect()  # Asks the dashboard.
    emulator.order('clear')


@pytest.mark.slow
@pytest.mark.parametrize('number, word, name, person', WRONG)
def test_the_driver_tells_each_stop(driver_and_emulator, number, word, name, person):
    driver, emulator = driver_and_emulator
    emulator.order(f'safety_mode {number}')
    _wait_for(lambda: driver._receive.getSafetyMode() == number)
    fault = driver.fault()
    assert (fault.name, fault.person) == (name, person)
    assert emulator.order('truth')['safety'] == word
    with pytest.raises(DriverError) as caught:
        driver.connect()
    assert caught.value.fault == fault
